-- A consultation that is told on the telephone is entered by the coordinator, with the first scope as the caller wants it.
-- Nothing else of anybody's is drawn by anybody else, and never a second time.
drop trigger scope_is_drawn_by_its_provider
--
create trigger scope_is_drawn_by_its_provider before insert on scope
when new.provider <> coalesce((select provider from thing where id = new.thing), '')
  or (new.drawn_by <> new.provider and not (
        new.rev = 1 and new.name = 'all'
        and exists (select 1 from thing t where t.id = new.thing and t.kind = 'consultation')
        and exists (select 1 from org o where o.id = new.drawn_by and o.seat = 'coordinator')
        and not exists (select 1 from view v where v.thing = new.thing)))
begin select raise(abort, 'only its provider draws a scope'); end
