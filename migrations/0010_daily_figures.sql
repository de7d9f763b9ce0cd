-- What happened on each day (UTC), for the staff's charts (src/core/daily.h): kind 'signups', 'active',
-- 'logins_ok', 'logins_failed', 'followed', 'unfollowed'.
CREATE TABLE daily (
    kind {text} NOT NULL,
    day BIGINT NOT NULL,
    total BIGINT NOT NULL,
    PRIMARY KEY (kind, day)
) {clustered};

-- The last day on which the account has been counted as active.
ALTER TABLE credentials ADD COLUMN active_on BIGINT;

-- What is known of the days before. Records that are not sealed yet are counted when they are.
INSERT INTO daily (kind, day, total)
    SELECT 'signups', created_at / 86400000000, COUNT(*) FROM users u WHERE NOT EXISTS (SELECT 1
        FROM audit a WHERE a.user_id = u.id AND a.seq IS NULL AND a.event IN (1, 20, 34))
    GROUP BY created_at / 86400000000;
INSERT INTO daily (kind, day, total)
    SELECT 'followed', created_at / 86400000000, COUNT(*) FROM follows
    GROUP BY created_at / 86400000000;
INSERT INTO daily (kind, day, total)
    SELECT CASE WHEN outcome = 1 THEN 'logins_ok' ELSE 'logins_failed' END,
        created_at / 86400000000, COUNT(*) FROM audit WHERE event = 2 AND seq IS NOT NULL
    GROUP BY CASE WHEN outcome = 1 THEN 'logins_ok' ELSE 'logins_failed' END,
        created_at / 86400000000;
