-- Ids that came lately, in the order in which they came: writing them costs next to nothing. When there are some thousands
-- they are sorted into an era of their own.
create table object_fresh (
    seq  {rowid},
    hash bigint not null                 -- of the id
)
