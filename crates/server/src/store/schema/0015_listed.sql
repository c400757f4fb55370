-- R12: whether a member has chosen to stand in the list that the members see.
alter table org add column listed bigint not null default 0
