-- The charters of this council: every version that was ever adopted, whole. One is in force: the newest that has taken
-- effect.
create table charter (
    version     bigint primary key,     -- 1, 2, 3 …
    profile     text   not null,        -- the profile that the council began with
    policies    text   not null,
    schema      text   not null,
    articles    text   not null,
    parameters  text   not null,
    hash        text   not null,        -- of the four texts
    motion      text,                   -- what the assembly carried it by; none for the first
    adopted_at  bigint not null,
    in_force_at bigint                  -- since when it rules
)
--
-- Under which version a thing was given: no later one shows anybody more of it.
alter table thing add column charter bigint not null default 1
--
-- 票: every vote that was ever given, in the order in which they came. The last of a member counts.
create table ballot (
    seq       {rowid},                  -- the moment
    motion    text   not null references thing (id),
    org       text   not null references org (id),
    person    text   not null references person (id),
    choice    text   not null,          -- yes, no, abstain
    opinion   text   not null,
    salt      text   not null,          -- so that nobody guesses the choice from its hash
    link      text   not null,          -- takes in the vote and the link before
    signature text   not null           -- of the link, by the council's key
)
--
create unique index ballot_by_motion on ballot (motion, seq)
--
create index ballot_by_org on ballot (motion, org, seq)
