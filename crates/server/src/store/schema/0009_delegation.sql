-- Which member of the steering committee has entrusted which other one with its vote, and until when.
create table delegation (
    org      text   primary key references org (id),
    delegate text   not null references org (id),
    until    bigint not null,               -- unix microseconds
    person   text   not null references person (id),
    at       bigint not null
)
