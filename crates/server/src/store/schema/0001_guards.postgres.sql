-- What the database itself refuses, whoever asks.
create function never() returns trigger language plpgsql as $$
begin raise exception '% is never changed', tg_argv[0]; end $$
--
create trigger scope_is_never_changed before update or delete on scope
for each row execute function never('a scope')
--
create trigger audience_is_never_changed before update or delete on audience_member
for each row execute function never('an audience')
--
create trigger journal_is_never_changed before update or delete on journal
for each row execute function never('the journal')
--
create trigger view_keeps_its_place before update of audience, scope, thing, layer, sight, key on view
for each row execute function never('the place of a view')
--
create function scope_is_drawn_by_its_provider() returns trigger language plpgsql as $$
begin
    if new.drawn_by <> new.provider
       or new.provider <> coalesce((select provider from thing where id = new.thing), '') then
        raise exception 'only its provider draws a scope';
    end if;
    return new;
end $$
--
create trigger scope_is_drawn_by_its_provider before insert on scope
for each row execute function scope_is_drawn_by_its_provider()
--
create function thing_keeps_its_provider() returns trigger language plpgsql as $$
begin
    if coalesce(new.provider, '') <> coalesce(old.provider, '') then
        raise exception 'a thing keeps its provider';
    end if;
    return new;
end $$
--
create trigger thing_keeps_its_provider before update on thing
for each row execute function thing_keeps_its_provider()
--
create function view_stays_in_scope() returns trigger language plpgsql as $$
begin
    if new.scope is not null and exists (
        select 1 from audience_member r
         where r.audience = new.audience
           and not exists (
            select 1 from audience_member s
             where s.principal = r.principal
               and s.audience = (select audience from scope
                                  where thing = new.thing and name = new.scope order by rev desc limit 1))) then
        raise exception 'a reader outside the provider''s scope';
    end if;
    return new;
end $$
--
create trigger view_stays_in_scope before insert on view
for each row execute function view_stays_in_scope()
