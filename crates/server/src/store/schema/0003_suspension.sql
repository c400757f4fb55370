-- Suspensions that end by themselves, unless somebody confirms them first (E1).
create table suspension (
    org     text   primary key references org (id),
    ends_at bigint not null
)
--
create index suspension_by_end on suspension (ends_at)
