-- One text for both databases. {rowid} is the kind of key that each keeps its rows in order of; {keyed} says that a
-- table is kept in its primary key. Moments are unix microseconds, truths 0 or 1. A line with only -- ends a statement.

create table meta (
    name  text primary key,     -- what
    value text not null         -- its value
)
--
-- The strictly rising moment of the last act: the clock that every row of this council is stamped by.
create table clock (
    one bigint primary key,
    at  bigint not null
)
--
insert into clock (one, at) values (1, 0)
--
create table org (
    id               text primary key,
    name_ja          text   not null,
    name_en          text   not null,
    seat             text   not null,  -- general, class2, class1, coordinator, secretariat, operator
    sector           text   not null,
    association      bigint not null,
    constituents     bigint not null,
    receives_secrets bigint not null,  -- R11
    opening_minute   bigint not null,  -- 始業時刻, minutes after midnight in the council's zone
    standing         text   not null,  -- active, suspended, withdrawn, expelled
    phone            text   not null,  -- the number that the coordinator calls; '' where none
    joined_at        bigint not null
)
--
-- Who supervises whom under a law of its own.
create table regulates (
    regulator text not null references org (id),
    org       text not null references org (id),
    primary key (regulator, org)
)
--
create table person (
    id             text primary key,
    org            text   not null references org (id),
    name           text   not null,
    email          text   not null,      -- as given
    email_key      text   not null unique, -- folded, for sign-in
    phone          text   not null,
    roles          text   not null,      -- JSON list
    state          text   not null,      -- nominated, enrolled, locked, former
    password       text,                 -- argon2id string
    pledge_version text,                 -- which text of the pledge was signed
    pledged_at     bigint,
    lang           text   not null,      -- ja or en
    created_at     bigint not null
)
--
create index person_by_org on person (org)
--
create table invitation (
    hash       text primary key,         -- of the secret in the link
    person     text   not null references person (id),
    expires_at bigint not null,
    used_at    bigint
)
--
create table session (
    hash             text primary key,   -- of the secret in the cookie
    person           text   not null references person (id),
    created_at       bigint not null,
    seen_at          bigint not null,
    expires_at       bigint not null,
    stepped_up_until bigint not null
)
--
create index session_by_person on session (person)
--
create table api_token (
    id           text primary key,
    hash         text   not null unique, -- of the secret
    person       text   not null references person (id),
    name         text   not null,
    reach        text   not null,        -- read, or act
    created_at   bigint not null,
    expires_at   bigint,
    revoked_at   bigint,
    last_used_at bigint,
    stepped_up_until bigint not null     -- programs prove presence by the password of the person
)
--
create index api_token_by_person on api_token (person)
--
-- What a POST with this key was answered, so that asking again does not do it again.
create table idempotency (
    person  text   not null,
    key     text   not null,
    request text   not null,             -- hash of method, path and body
    status  bigint not null,
    answer  text   not null,
    at      bigint not null,
    primary key (person, key)
)
--
create index idempotency_by_time on idempotency (at)
--
-- The state of every thing of the council. Only acts read it; readers read views.
create table thing (
    id         text primary key,
    kind       text   not null,
    provider   text,                     -- whose it is; null where it is the council's own
    parent     text,                     -- the thing that it came of
    state      text   not null,
    rev        bigint not null,
    body       text   not null,          -- JSON of the pure state
    created_at bigint not null,
    updated_at bigint not null
)
--
create index thing_by_kind on thing (kind, state)
--
create index thing_by_parent on thing (parent)
--
-- A set of readers, stored once however many things it reads.
create table audience (
    id      {rowid},
    content text   not null unique,      -- hash of the sorted members
    size    bigint not null
)
--
create table audience_member (
    principal text   not null,           -- an organisation, or role:…
    audience  bigint not null references audience (id),
    primary key (principal, audience)
) {keyed}
--
create index audience_member_by_audience on audience_member (audience)
--
-- Every scope that a provider drew. Rows are added, never changed; triggers see to it.
create table scope (
    thing      text   not null,
    name       text   not null,
    rev        bigint not null,
    provider   text   not null,
    drawn_by   text   not null,
    expression text   not null,          -- JSON
    audience   bigint not null references audience (id),
    at         bigint not null,
    primary key (thing, name, rev)
)
--
-- What readers read: each layer of each thing, already masked, with its audience.
create table view (
    seq      {rowid},                    -- moment of its last change, unique
    thing    text   not null,
    kind     text   not null,
    layer    text   not null,
    sight    text   not null,
    key      text   not null,
    audience bigint not null references audience (id),
    scope    text,                       -- the scope that it stands under
    body     text   not null,            -- JSON
    added_at bigint not null             -- moment of its first appearance
)
--
create unique index view_by_thing on view (thing, layer, sight, key, audience)
--
create index view_by_audience on view (audience, seq)
--
-- What is new of a kind for a reader, among few audiences; and for a reader that sees much, without opening the rows.
create index view_by_audience_and_kind on view (audience, kind, layer, seq)
--
create index view_by_kind on view (kind, layer, seq, audience)
--
-- Where STIX objects with the same readers stand in line: a TAXII collection and an audience.
create table object_lane (
    id       {rowid},
    coll     text   not null,            -- the TAXII collection
    audience bigint not null references audience (id),
    unique (audience, coll)
)
--
-- STIX objects as their readers may read them. One row for each version and each time that it became visible to somebody:
-- no reader stands in two rows of one version.
create table object (
    seq     {rowid},                     -- date added: unique, strictly rising
    lane    bigint not null,
    type    text   not null,
    stix_id text   not null,
    version bigint not null,
    said    text   not null,             -- the version as the object writes it
    spec    text   not null,
    stale   bigint not null,             -- whoever reads this row reads a newer version too
    marks   bigint not null,             -- 1: somebody may read a newer version; 2: an older one
    size    bigint not null,             -- bytes of the body
    thing   text,                        -- what it is part of: an import, or a part of what the council says
    body    text   not null              -- the object, verbatim
)
--
create index object_feed on object (lane, stale, seq, size)
--
create index object_by_type on object (type, lane, stale, seq, size)
--
create index object_by_thing on object (thing, lane)
--
-- Where an id is. One large index of random ids costs a page of writing for each row; so new ids go into a small era,
-- and full eras are merged in order, a few times over (a log-structured merge).
create table object_era (
    era   bigint primary key,            -- random
    level bigint not null,               -- how often merged
    rows  bigint not null
)
--
create table object_key (
    era  bigint not null,
    hash bigint not null,                -- of the id
    seq  bigint not null,
    primary key (era, hash, seq)
) {keyed}
--
-- What the council last said of each part of a thing, so that an act that changes nothing of it writes nothing.
create table object_part (
    thing text not null,
    part  text not null,
    print text not null,                 -- hash of what it was made from and for whom
    primary key (thing, part)
) {keyed}
--
-- The record of every act, refused ones too. Each row's hash takes in the one before.
create table journal (
    seq     {rowid},
    at      bigint not null,
    person  text   not null,
    org     text   not null,
    action  text   not null,
    thing   text,
    event   text   not null,             -- the event's name, or refused:…
    charter text   not null,             -- version and hash of the charter that ruled
    reason  text   not null,
    content text   not null,             -- hash of the event's content: the record does not tell secrets
    hash    text   not null
)
--
create index journal_by_thing on journal (thing)
--
-- What an act causes to be sent, in the same transaction as the act.
create table outbox (
    id      {rowid},
    kind    text   not null,
    thing   text,
    payload text   not null,             -- JSON; never content
    due_at  bigint not null,
    tries   bigint not null,
    lease   bigint not null,             -- taken by a worker until then
    done_at bigint,
    failure text
)
--
create index outbox_by_due on outbox (done_at, due_at)
--
-- The dissemination ledger: what became of one notice at one organisation (E10).
create table receipt (
    thing     text   not null,
    org       text   not null,
    rev       bigint not null,           -- the last revision that reached it
    queued_at bigint,
    sent_at   bigint,                    -- first message handed over
    opened_at bigint,
    acked_at  bigint,
    acked_rev bigint,
    person    text,
    proxy     bigint not null,           -- entered by the coordinator for somebody on the telephone
    status    text   not null,           -- '', doing, done, na, planned, help
    status_at bigint,
    help_by   text,                      -- who has taken on the call for help
    note      text   not null,
    useful    bigint,                    -- 1 to 5
    primary key (thing, org)
) {keyed}
--
-- Every message handed over or tried, for the time line and the call list.
create table delivery (
    id      {rowid},
    thing   text   not null,
    rev     bigint not null,
    org     text   not null,
    person  text,
    channel text   not null,             -- mail, portal, call
    outcome text   not null,             -- sent, failed, reached, not_reached
    detail  text   not null,
    at      bigint not null
)
--
create index delivery_by_thing on delivery (thing, org)
--
-- Who has read which secret, for its provider (R18).
create table access (
    id      {rowid},
    thing   text   not null,
    org     text   not null,
    person  text   not null,
    channel text   not null,
    at      bigint not null
)
--
create index access_by_thing on access (thing, org)
