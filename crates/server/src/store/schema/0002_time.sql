-- The next moment at which time alone may change a thing; null where it changes it no more. What is there already wakes
-- once, to find out.
alter table thing add column wakes_at bigint
--
update thing set wakes_at = 0
--
create index thing_by_waking on thing (wakes_at)
--
-- The last message to somebody, for whoever looks after its own people's addresses.
create index delivery_by_person on delivery (person, channel)
