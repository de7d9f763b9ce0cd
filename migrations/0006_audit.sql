-- The audit trail (docs/audit.md): what was done to whom, by whom, from where. A row is written in
-- the transaction of the act; seq and digest come a moment later, when it is sealed into the chain
-- (src/core/audit_chain.h). The chain covers the personal fields by their commitment alone, so that
-- these and the salt can be taken out when an account is erased.

--postgres: CREATE SEQUENCE audit_id;

CREATE TABLE audit (
    user_id BIGINT NOT NULL,           -- whom it is about; 0: no account
    id BIGINT NOT NULL,
    event BIGINT NOT NULL,             -- EVENT in src/core/audit.def
    outcome BIGINT NOT NULL,           -- OUTCOME there
    via BIGINT NOT NULL,               -- enum via in src/core/core.h
    actor_id BIGINT NOT NULL,          -- who did it; 0: nobody who had signed in
    created_at BIGINT NOT NULL,
    detail TEXT NOT NULL,              -- our own words: "session=7"
    commitment {blob} NOT NULL,        -- SHA-256 of the four that follow
    salt {blob},                       -- NULL once they have been forgotten
    address TEXT,
    user_agent TEXT,
    note TEXT,
    seq BIGINT,                        -- NULL: not sealed yet
    digest {blob},                     -- SHA-256 of the digest before and of this row
    PRIMARY KEY (user_id, id)
) {clustered};
CREATE INDEX audit_sealed ON audit (seq) WHERE seq IS NOT NULL;
CREATE INDEX audit_unsealed ON audit (id) WHERE seq IS NULL;
CREATE INDEX audit_actor ON audit (actor_id) WHERE actor_id <> user_id AND actor_id <> 0;

-- 'head': the last record of the chain. 'anchor': the last one that retention has removed.
CREATE TABLE audit_ends (
    name {text} PRIMARY KEY,
    seq BIGINT NOT NULL,
    digest {blob} NOT NULL
);
