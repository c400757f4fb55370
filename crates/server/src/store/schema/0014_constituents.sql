-- 構成事業者: whom an association speaks for, as it lists them itself (R1). A JSON list of names; nobody else reads it.
alter table org add column constituent_names text not null default '[]'
