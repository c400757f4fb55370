-- A charter is what was adopted, to the letter, and takes effect once.
create trigger charter_is_never_changed before update on charter
when old.in_force_at is not null or new.in_force_at is null
  or new.version <> old.version or new.profile <> old.profile or new.policies <> old.policies or new.schema <> old.schema
  or new.articles <> old.articles or new.parameters <> old.parameters or new.hash <> old.hash
  or new.motion is not old.motion or new.adopted_at <> old.adopted_at
begin select raise(abort, 'a charter is never changed'); end
--
create trigger charter_is_never_deleted before delete on charter
begin select raise(abort, 'a charter is never changed'); end
--
create trigger charter_is_never_replaced before insert on charter
when new.version <> 1 + coalesce((select max(version) from charter), 0)
begin select raise(abort, 'a charter is never changed'); end
--
create trigger thing_keeps_its_charter before update of charter on thing
when new.charter <> old.charter
begin select raise(abort, 'a thing keeps the charter that it was given under'); end
--
-- Votes are only added, and only while they are taken.
create trigger ballot_is_never_changed before update on ballot
begin select raise(abort, 'a vote is never changed'); end
--
create trigger ballot_is_never_deleted before delete on ballot
begin select raise(abort, 'a vote is never changed'); end
--
create trigger ballot_is_open before insert on ballot
when exists (select 1 from ballot where seq >= new.seq and motion = new.motion)
  or exists (select 1 from ballot where seq = new.seq)
  or coalesce((select state from thing where id = new.motion and kind = 'motion'), '') <> 'open'
begin select raise(abort, 'votes are not taken'); end
