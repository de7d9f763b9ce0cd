-- What the staff's lists of the audit trail are read by, newest first (src/core/audit_list.c).
DROP INDEX audit_actor;
CREATE INDEX audit_time ON audit (created_at, id);
CREATE INDEX audit_event ON audit (event, created_at, id);
CREATE INDEX audit_outcome ON audit (outcome, created_at, id) WHERE outcome <> 1;
CREATE INDEX audit_actor ON audit (actor_id, created_at, id) WHERE actor_id <> 0;
