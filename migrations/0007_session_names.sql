-- What people call their sessions, so as to know in the list which one to end.

ALTER TABLE sessions ADD COLUMN name TEXT NOT NULL DEFAULT '';
