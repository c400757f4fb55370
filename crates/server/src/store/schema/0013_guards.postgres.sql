create or replace function attachment_is_never_changed() returns trigger language plpgsql as $$
begin
    raise exception 'an attachment is never changed';
end $$
--
create trigger attachment_is_never_changed before update on attachment
for each row execute function attachment_is_never_changed()
