-- Where an organisation sat, and since when: written when it moves, so that what it owed is judged by the class that it held.
-- One that never moved has no row and sits where the roll says since it joined.
create table seat_held (
    org   text   not null references org (id),
    since bigint not null,               -- unix microseconds
    seat  text   not null,
    primary key (org, since)
) {keyed}
