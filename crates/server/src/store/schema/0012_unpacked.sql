-- Their ids stand in `id_line` and `id_era` since the step before.
drop table object_fresh
--
drop table object_key
--
drop table object_era
