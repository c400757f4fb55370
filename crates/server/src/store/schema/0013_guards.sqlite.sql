create trigger attachment_is_never_changed before update on attachment
begin select raise(abort, 'an attachment is never changed'); end
--
create trigger attachment_is_never_replaced before insert on attachment
when exists (select 1 from attachment where thing = new.thing and no = new.no)
begin select raise(abort, 'an attachment is never changed'); end
