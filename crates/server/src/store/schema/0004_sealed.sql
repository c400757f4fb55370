-- An audience is open while its members are written down, and never again after that.
alter table audience add column sealed bigint not null default 0
--
update audience set sealed = 1
