-- What came with the posts of a consultation, to the byte. What is said of it stands in the consultation; it goes when the
-- consulter takes everything back.
create table attachment (
    thing   text    not null references thing (id),
    no      bigint  not null,
    content {bytes} not null,
    primary key (thing, no)
)
