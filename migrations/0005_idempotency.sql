-- What was answered to requests that carried an Idempotency-Key, for as long as they may be sent
-- again (src/core/idempotency.h). Neither key nor request nor answer can be read from it.

CREATE TABLE idempotency_keys (
    user_id BIGINT NOT NULL,           -- who asked; 0: nobody who was signed in
    key_hash {blob} NOT NULL,          -- HMAC-SHA-256 of the key
    fingerprint {blob} NOT NULL,       -- of the request
    memory BIGINT,                     -- KiB and passes that Argon2id took for the fingerprint and
    passes BIGINT,                     -- for the answer's key; NULL: no password was in the request
    answer {blob} NOT NULL,            -- encrypted under a key that only the request gives
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, key_hash)
) {clustered};
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);
