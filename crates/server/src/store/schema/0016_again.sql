-- What an import brought that was there already, by another import: when that is taken back or drawn narrower, the readers of this
-- one keep it.
create table object_again (
    id         {rowid},
    thing      text    not null,             -- the import whose objects they are
    brought_by text    not null,             -- the import that brought them again
    lane       bigint  not null,             -- for whom
    keys       {bytes} not null              -- hash of the text that it brought and moment of the object, eight bytes each
)
--
create index object_again_by_thing on object_again (thing)
--
create index object_again_by_import on object_again (brought_by, lane)
