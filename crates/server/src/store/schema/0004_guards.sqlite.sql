-- What the database itself refuses beside that, whoever asks: ways around the first guards. `insert or replace` deletes a
-- row without asking any trigger of deletion, so what must not be replaced is refused before it is inserted.
create trigger scope_is_never_replaced before insert on scope
when new.rev <> 1 + coalesce((select max(rev) from scope where thing = new.thing and name = new.name), 0)
begin select raise(abort, 'a scope is never changed: its provider draws a new one'); end
--
create trigger audience_is_never_widened before insert on audience_member
when coalesce((select sealed from audience where id = new.audience), 1) <> 0
begin select raise(abort, 'an audience is never changed'); end
--
create trigger audience_is_sealed_once before update on audience
when new.id <> old.id or new.content <> old.content or new.size <> old.size or new.sealed < old.sealed
begin select raise(abort, 'an audience is never changed'); end
--
create trigger audience_is_never_deleted before delete on audience
begin select raise(abort, 'an audience is never changed'); end
--
create trigger audience_is_never_replaced before insert on audience
when exists (select 1 from audience where id = new.id or content = new.content)
begin select raise(abort, 'an audience is never changed'); end
--
create trigger lane_keeps_its_readers before update on object_lane
begin select raise(abort, 'a lane keeps its readers'); end
--
create trigger lane_is_never_replaced before insert on object_lane
when exists (select 1 from object_lane where id = new.id or (audience = new.audience and coll = new.coll))
begin select raise(abort, 'a lane keeps its readers'); end
--
create trigger thing_is_never_deleted before delete on thing
begin select raise(abort, 'a thing is never deleted'); end
--
create trigger thing_is_never_replaced before insert on thing
when exists (select 1 from thing where id = new.id)
begin select raise(abort, 'a thing is never replaced'); end
--
create trigger journal_is_never_replaced before insert on journal
when exists (select 1 from journal where seq = new.seq)
begin select raise(abort, 'the journal is never changed'); end
--
-- The scopes within a thing's state are those that its provider drew: whoever writes others into it, by whatever way, would
-- have them drawn at its next change.
create trigger thing_keeps_its_scopes before update of body on thing
when exists (select 1 from scope where thing = new.id) and (
    json_extract(new.body, '$.scope.expression') is not
        (select expression from scope where thing = new.id and name = 'all' order by rev desc limit 1)
 or json_extract(new.body, '$.scope.provider') is not new.provider
 or exists (select 1 from json_each(new.body, '$.scope.audience') r
             where r.value not in (
                select principal from audience_member where audience = (
                    select audience from scope where thing = new.id and name = 'all' order by rev desc limit 1)))
 or json_extract(new.body, '$.damage_scope.expression') is not
        (select expression from scope where thing = new.id and name = 'damage' order by rev desc limit 1)
 or exists (select 1 from json_each(new.body, '$.damage_scope.audience') r
             where r.value not in (
                select principal from audience_member where audience = (
                    select audience from scope where thing = new.id and name = 'damage' order by rev desc limit 1)))
 or exists (select 1 from json_each(new.body, '$.permissions') p
             where json_extract(p.value, '$.answer.scope.expression') is not (
                select expression from scope
                 where thing = new.id and name = 'p' || json_extract(p.value, '$.no') order by rev desc limit 1)))
begin select raise(abort, 'only its provider draws a scope'); end
--
drop trigger view_keeps_its_place
--
create trigger view_keeps_its_place before update on view
begin select raise(abort, 'a view is replaced, not moved'); end
--
drop trigger view_stays_in_scope
--
-- Answers of others to what a provider permitted to ask stand under no scope; everything else of a thing with one does.
create trigger view_stays_in_scope before insert on view
when (new.scope is null and new.layer <> 'simple_feedback_each'
      and exists (select 1 from scope where thing = new.thing))
  or (new.scope is not null and exists (
    select 1 from audience_member r
     where r.audience = new.audience
       and not exists (
        select 1 from audience_member s
         where s.principal = r.principal
           and s.audience = (select audience from scope
                              where thing = new.thing and name = new.scope order by rev desc limit 1))))
begin select raise(abort, 'a reader outside the provider''s scope'); end
