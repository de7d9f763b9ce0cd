-- Which accounts have been erased, and when: nothing but the id, which is never given to another. From
-- here it goes to a journal outside the database, by which erasures are done again after the restore
-- of an older backup (src/core/erasure.h, docs/erasure.md).

CREATE TABLE erasures (
    user_id {id} PRIMARY KEY,
    erased_at BIGINT NOT NULL
);
CREATE INDEX erasures_time ON erasures (erased_at);
