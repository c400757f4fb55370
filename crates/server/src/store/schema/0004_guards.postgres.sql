-- What the database itself refuses beside that, whoever asks: ways around the first guards.
create function scope_is_never_replaced() returns trigger language plpgsql as $$
begin
    if new.rev <> 1 + coalesce((select max(rev) from scope where thing = new.thing and name = new.name), 0) then
        raise exception 'a scope is never changed: its provider draws a new one';
    end if;
    return new;
end $$
--
create trigger scope_is_never_replaced before insert on scope
for each row execute function scope_is_never_replaced()
--
create function audience_is_never_widened() returns trigger language plpgsql as $$
begin
    if coalesce((select sealed from audience where id = new.audience), 1) <> 0 then
        raise exception 'an audience is never changed';
    end if;
    return new;
end $$
--
create trigger audience_is_never_widened before insert on audience_member
for each row execute function audience_is_never_widened()
--
create function audience_is_sealed_once() returns trigger language plpgsql as $$
begin
    if new.id <> old.id or new.content <> old.content or new.size <> old.size or new.sealed < old.sealed then
        raise exception 'an audience is never changed';
    end if;
    return new;
end $$
--
create trigger audience_is_sealed_once before update on audience
for each row execute function audience_is_sealed_once()
--
create trigger audience_is_never_deleted before delete on audience
for each row execute function never('an audience')
--
create trigger lane_keeps_its_readers before update on object_lane
for each row execute function never('a lane''s audience')
--
create trigger thing_is_never_deleted before delete on thing
for each row execute function never('a thing''s being there')
--
-- Truncation asks no trigger of a row.
create trigger scope_is_never_emptied before truncate on scope execute function never('a scope')
--
create trigger audience_is_never_emptied before truncate on audience execute function never('an audience')
--
create trigger members_are_never_emptied before truncate on audience_member execute function never('an audience')
--
create trigger thing_is_never_emptied before truncate on thing execute function never('a thing''s being there')
--
create trigger journal_is_never_emptied before truncate on journal execute function never('the journal')
--
-- The scopes within a thing's state are those that its provider drew: whoever writes others into it, by whatever way, would
-- have them drawn at its next change.
create function drawn(of text, called text) returns jsonb language sql stable as $$
    select cast(expression as jsonb) from scope where thing = of and name = called order by rev desc limit 1
$$
--
create function stands(who jsonb, of text, called text) returns boolean language sql stable as $$
    select not exists (
        select 1 from jsonb_array_elements_text(coalesce(who, '[]')) r
         where r not in (
            select principal from audience_member where audience = (
                select audience from scope where thing = of and name = called order by rev desc limit 1)))
$$
--
create function thing_keeps_its_scopes() returns trigger language plpgsql as $$
declare
    body jsonb;
begin
    if not exists (select 1 from scope where thing = new.id) then
        return new;
    end if;
    body := cast(new.body as jsonb);
    if body #> '{scope,expression}' is distinct from drawn(new.id, 'all')
       or body #>> '{scope,provider}' is distinct from new.provider
       or not stands(body #> '{scope,audience}', new.id, 'all')
       or body #> '{damage_scope,expression}' is distinct from drawn(new.id, 'damage')
       or not stands(body #> '{damage_scope,audience}', new.id, 'damage')
       or exists (select 1 from jsonb_array_elements(coalesce(body -> 'permissions', '[]')) p
                   where p #> '{answer,scope,expression}' is distinct from drawn(new.id, 'p' || (p ->> 'no'))) then
        raise exception 'only its provider draws a scope';
    end if;
    return new;
end $$
--
create trigger thing_keeps_its_scopes before update of body on thing
for each row execute function thing_keeps_its_scopes()
--
drop trigger view_keeps_its_place on view
--
create trigger view_keeps_its_place before update on view
for each row execute function never('the place of a view')
--
-- Answers of others to what a provider permitted to ask stand under no scope; everything else of a thing with one does.
create or replace function view_stays_in_scope() returns trigger language plpgsql as $$
begin
    if new.scope is null and new.layer <> 'simple_feedback_each'
       and exists (select 1 from scope where thing = new.thing) then
        raise exception 'a reader outside the provider''s scope';
    end if;
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
