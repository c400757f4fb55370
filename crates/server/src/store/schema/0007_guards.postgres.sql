-- A charter is what was adopted, to the letter, and takes effect once.
create function charter_is_never_changed() returns trigger language plpgsql as $$
begin
    if old.in_force_at is not null or new.in_force_at is null
        or (new.version, new.profile, new.policies, new.schema, new.articles, new.parameters, new.hash, new.adopted_at)
            <> (old.version, old.profile, old.policies, old.schema, old.articles, old.parameters, old.hash, old.adopted_at)
        or new.motion is distinct from old.motion then
        raise exception 'a charter is never changed';
    end if;
    return new;
end $$
--
create trigger charter_is_never_changed before update on charter
for each row execute function charter_is_never_changed()
--
create trigger charter_is_never_deleted before delete on charter
for each row execute function never('a charter')
--
create trigger charter_is_never_emptied before truncate on charter execute function never('a charter')
--
create function charter_is_never_replaced() returns trigger language plpgsql as $$
begin
    if new.version <> 1 + coalesce((select max(version) from charter), 0) then
        raise exception 'a charter is never changed';
    end if;
    return new;
end $$
--
create trigger charter_is_never_replaced before insert on charter
for each row execute function charter_is_never_replaced()
--
create function thing_keeps_its_charter() returns trigger language plpgsql as $$
begin
    if new.charter <> old.charter then
        raise exception 'a thing keeps the charter that it was given under';
    end if;
    return new;
end $$
--
create trigger thing_keeps_its_charter before update of charter on thing
for each row execute function thing_keeps_its_charter()
--
-- Votes are only added, and only while they are taken.
create trigger ballot_is_never_changed before update on ballot
for each row execute function never('a vote')
--
create trigger ballot_is_never_deleted before delete on ballot
for each row execute function never('a vote')
--
create trigger ballot_is_never_emptied before truncate on ballot execute function never('a vote')
--
create function ballot_is_open() returns trigger language plpgsql as $$
begin
    if exists (select 1 from ballot where seq >= new.seq and motion = new.motion)
        or coalesce((select state from thing where id = new.motion and kind = 'motion'), '') <> 'open' then
        raise exception 'votes are not taken';
    end if;
    return new;
end $$
--
create trigger ballot_is_open before insert on ballot
for each row execute function ballot_is_open()
