-- What the database itself refuses, whoever asks.
create trigger scope_is_never_changed before update on scope
begin select raise(abort, 'a scope is never changed: its provider draws a new one'); end
--
create trigger scope_is_never_deleted before delete on scope
begin select raise(abort, 'a scope is never deleted'); end
--
create trigger scope_is_drawn_by_its_provider before insert on scope
when new.drawn_by <> new.provider
  or new.provider <> coalesce((select provider from thing where id = new.thing), '')
begin select raise(abort, 'only its provider draws a scope'); end
--
create trigger thing_keeps_its_provider before update of provider on thing
when coalesce(new.provider, '') <> coalesce(old.provider, '')
begin select raise(abort, 'a thing keeps its provider'); end
--
create trigger audience_is_never_changed before update on audience_member
begin select raise(abort, 'an audience is never changed'); end
--
create trigger audience_is_never_shrunk before delete on audience_member
begin select raise(abort, 'an audience is never changed'); end
--
create trigger view_stays_in_scope before insert on view
when new.scope is not null and exists (
    select 1 from audience_member r
     where r.audience = new.audience
       and not exists (
        select 1 from audience_member s
         where s.principal = r.principal
           and s.audience = (select audience from scope
                              where thing = new.thing and name = new.scope order by rev desc limit 1)))
begin select raise(abort, 'a reader outside the provider''s scope'); end
--
create trigger view_keeps_its_place before update of audience, scope, thing, layer, sight, key on view
begin select raise(abort, 'a view is replaced, not moved'); end
--
create trigger journal_is_never_changed before update on journal
begin select raise(abort, 'the journal is never changed'); end
--
create trigger journal_is_never_deleted before delete on journal
begin select raise(abort, 'the journal is never changed'); end
