-- What an import brings comes by the hundred, for the same readers, and hardly ever changes: so it is kept by the pack. Only
-- objects of which there is one version stand in packs; when another comes, the pack is taken apart into rows of `object`.
-- No two packs, and no pack and no row, lie across each other: of the whole database one pack at most holds a moment.
create table object_pack (
    first  {rowid},                      -- date added of its first object
    last   bigint  not null,             -- and of its last
    lane   bigint  not null,
    thing  text    not null,             -- the import
    n      bigint  not null,             -- how many objects
    heads  {bytes} not null,             -- what there is to know of each, pressed
    bodies {bytes} not null              -- the objects, verbatim, one after the other, pressed
)
--
create index object_pack_by_lane on object_pack (lane, last)
--
create index object_pack_by_thing on object_pack (thing, lane)
--
-- Which types a pack holds.
create table object_pack_type (
    first bigint not null,
    type  text   not null,
    lane  bigint not null,
    n     bigint not null,
    primary key (first, type)
) {keyed}
--
create index object_pack_type_by_lane on object_pack_type (lane, type, first)
--
-- Where an id is, some hundred to a row: the line of those that came lately, by moments, and eras, by hashes.
create table id_line (
    first {rowid},                       -- the moment of its first
    n     bigint  not null,
    keys  {bytes} not null               -- hash and moment, eight bytes each
)
--
create table id_era (
    era   bigint primary key,            -- random
    level bigint not null,               -- how often merged
    rows  bigint not null
)
--
create table id_keys (
    era   bigint  not null,
    begins bigint not null,              -- the first hash in it
    keys  {bytes} not null,              -- by hash
    primary key (era, begins)
) {keyed}
