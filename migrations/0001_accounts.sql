-- Runs on both engines. {id} is the type of a key that ids are looked up by, {text} text that is
-- compared and sorted by its bytes, {blob} bytes, {clustered} keeps a table in the order of its key
-- where the engine can; a line that begins with "--sqlite:" or "--postgres:" is for that engine alone (src/db/migrate.h).
--
-- Times are microseconds since 1970 in UTC, dates days since 1970, money cents: all BIGINT.
-- Whatever grows with activity has its owner's user id first in its key and leans on no other
-- uniqueness, so that PostgreSQL can partition it without a change of code.

--sqlite: CREATE TABLE sequences (name TEXT PRIMARY KEY, value BIGINT NOT NULL) WITHOUT ROWID;
--postgres: CREATE SEQUENCE users_id;
--postgres: CREATE SEQUENCE sessions_id;
--postgres: CREATE SEQUENCE follows_id;
--postgres: CREATE SEQUENCE notifications_id;
--postgres: CREATE SEQUENCE social_walls_id;

-- What the server must know about itself: the key that seals cursors, …
CREATE TABLE secrets (
    name {text} PRIMARY KEY,
    value {blob} NOT NULL
);

-- Keys that sign access and refresh tokens. The newest signs; all verify.
CREATE TABLE signing_keys (
    kid {text} PRIMARY KEY,
    secret {blob} NOT NULL,
    created_at BIGINT NOT NULL
);

-- What reading an account needs.
CREATE TABLE users (
    id {id} PRIMARY KEY,
    username TEXT NOT NULL,
    username_key {text} NOT NULL UNIQUE, -- lower case
    email TEXT NOT NULL,
    email_key {text} NOT NULL UNIQUE,    -- lower case
    first_name TEXT NOT NULL DEFAULT '',
    last_name TEXT NOT NULL DEFAULT '',
    bio TEXT NOT NULL DEFAULT '',
    avatar TEXT NOT NULL DEFAULT '',
    phone TEXT NOT NULL DEFAULT '',
    sex BIGINT,                        -- 1 male, 2 female, 3 other
    birth_date BIGINT,
    country BIGINT,                    -- data/countries.tsv
    city BIGINT,                       -- data/cities.tsv
    language TEXT NOT NULL DEFAULT 'en',
    timezone TEXT NOT NULL DEFAULT 'UTC',
    flags BIGINT NOT NULL,             -- enum account_flag in src/core/account.h
    switches BIGINT NOT NULL,          -- the seven notification switches, a bit each
    ban_reason TEXT NOT NULL DEFAULT '',
    banned_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Few accounts are in any of these: who administers, and what the staff lists by status.
CREATE INDEX users_staff ON users (id) WHERE (flags & 6) <> 0;
CREATE INDEX users_banned ON users (id) WHERE (flags & 8) <> 0;
CREATE INDEX users_inactive ON users (id) WHERE (flags & 9) = 0;

-- What proves who somebody is; apart, so that no list or profile ever reads it.
CREATE TABLE credentials (
    user_id {id} PRIMARY KEY,
    password TEXT NOT NULL,            -- a PHC string
    changed_at BIGINT NOT NULL,
    last_login BIGINT                  -- moves at every login; narrow rows are cheap to rewrite
);

-- Numbers that others change.
CREATE TABLE user_counts (
    user_id {id} PRIMARY KEY,
    followers BIGINT NOT NULL DEFAULT 0,
    following BIGINT NOT NULL DEFAULT 0,
    posts BIGINT NOT NULL DEFAULT 0,
    likes BIGINT NOT NULL DEFAULT 0,
    comments BIGINT NOT NULL DEFAULT 0,
    campaigns BIGINT NOT NULL DEFAULT 0,
    earnings BIGINT NOT NULL DEFAULT 0,
    notifications BIGINT NOT NULL DEFAULT 0,
    unread BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE sessions (
    user_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    cookie_hash {blob} NOT NULL,       -- SHA-256
    refresh_hash {blob} NOT NULL,      -- SHA-256 of the refresh token that is good now
    refresh_previous {blob},           -- of the one it replaced …
    refreshed_at BIGINT,               -- … then
    address TEXT NOT NULL DEFAULT '',
    user_agent TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (user_id, id)
) {clustered};
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE follows (
    follower_id BIGINT NOT NULL,
    following_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (follower_id, following_id)
) {clustered};
CREATE INDEX follows_following ON follows (follower_id, id);
CREATE INDEX follows_followers ON follows (following_id, id);

-- The folded copy of what is listed and searched (base/unicode.h), with what lists are ordered by.
-- listed: active, not banned, and its owner wants it seen.
CREATE TABLE directory (
    user_id {id} PRIMARY KEY,
    listed BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    username {text} NOT NULL,
    first_name {text} NOT NULL,
    last_name {text} NOT NULL,
    bio {text} NOT NULL
);
CREATE INDEX directory_username ON directory (username, user_id, listed);
CREATE INDEX directory_created ON directory (created_at, user_id, listed);
CREATE INDEX directory_first_name ON directory (first_name, user_id, listed);
CREATE INDEX directory_last_name ON directory (last_name, user_id, listed);

-- Three characters and more: trigrams. One and two: every single character and every pair, by the
-- tokenizer in src/db/gram.h; PostgreSQL reads the table for those.
--sqlite: CREATE VIRTUAL TABLE directory_trigrams USING fts5 (username, first_name, last_name, bio,
--sqlite:     content='directory', content_rowid='user_id', tokenize='trigram case_sensitive 1');
--sqlite: CREATE VIRTUAL TABLE directory_grams USING fts5 (username, first_name, last_name, bio,
--sqlite:     content='directory', content_rowid='user_id', tokenize='gram', detail='column');
--sqlite: CREATE TRIGGER directory_added AFTER INSERT ON directory BEGIN
--sqlite:     INSERT INTO directory_trigrams (rowid, username, first_name, last_name, bio)
--sqlite:     VALUES (new.user_id, new.username, new.first_name, new.last_name, new.bio);
--sqlite:     INSERT INTO directory_grams (rowid, username, first_name, last_name, bio)
--sqlite:     VALUES (new.user_id, new.username, new.first_name, new.last_name, new.bio);
--sqlite: END;
--sqlite: CREATE TRIGGER directory_removed AFTER DELETE ON directory BEGIN
--sqlite:     INSERT INTO directory_trigrams (directory_trigrams, rowid, username, first_name, last_name, bio)
--sqlite:     VALUES ('delete', old.user_id, old.username, old.first_name, old.last_name, old.bio);
--sqlite:     INSERT INTO directory_grams (directory_grams, rowid, username, first_name, last_name, bio)
--sqlite:     VALUES ('delete', old.user_id, old.username, old.first_name, old.last_name, old.bio);
--sqlite: END;
--sqlite: CREATE TRIGGER directory_changed AFTER UPDATE OF username, first_name, last_name, bio ON directory BEGIN
--sqlite:     INSERT INTO directory_trigrams (directory_trigrams, rowid, username, first_name, last_name, bio)
--sqlite:     VALUES ('delete', old.user_id, old.username, old.first_name, old.last_name, old.bio);
--sqlite:     INSERT INTO directory_trigrams (rowid, username, first_name, last_name, bio)
--sqlite:     VALUES (new.user_id, new.username, new.first_name, new.last_name, new.bio);
--sqlite:     INSERT INTO directory_grams (directory_grams, rowid, username, first_name, last_name, bio)
--sqlite:     VALUES ('delete', old.user_id, old.username, old.first_name, old.last_name, old.bio);
--sqlite:     INSERT INTO directory_grams (rowid, username, first_name, last_name, bio)
--sqlite:     VALUES (new.user_id, new.username, new.first_name, new.last_name, new.bio);
--sqlite: END;

--postgres: CREATE EXTENSION IF NOT EXISTS pg_trgm;
--postgres: CREATE INDEX directory_search ON directory USING gin (username gin_trgm_ops,
--postgres:     first_name gin_trgm_ops, last_name gin_trgm_ops, bio gin_trgm_ops);

CREATE TABLE user_categories (
    user_id BIGINT NOT NULL,
    category BIGINT NOT NULL,
    PRIMARY KEY (user_id, category)
) {clustered};

CREATE TABLE user_networks (
    user_id BIGINT NOT NULL,
    network BIGINT NOT NULL,
    PRIMARY KEY (user_id, network)
) {clustered};

CREATE TABLE notifications (
    user_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    title TEXT NOT NULL,
    message TEXT NOT NULL,
    type TEXT NOT NULL,
    code TEXT NOT NULL DEFAULT '',
    data TEXT NOT NULL DEFAULT '{}',   -- a JSON object
    read_at BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, id)
) {clustered};

CREATE TABLE social_walls (
    user_id BIGINT NOT NULL,
    network BIGINT NOT NULL,
    wall_url TEXT NOT NULL,
    id BIGINT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
--sqlite:    PRIMARY KEY (user_id, network, wall_url)
--postgres:    PRIMARY KEY (user_id, network, id)
) {clustered};
-- PostgreSQL's indexes take 2,704 bytes, a URL has up to 8,192.
--postgres: CREATE UNIQUE INDEX social_walls_url ON social_walls (user_id, network, md5(wall_url));

-- What other services have reported, once per event_id; user_counts holds the sums.
CREATE TABLE activity_events (
    user_id BIGINT NOT NULL,
    event_id {text} NOT NULL,
    campaigns BIGINT NOT NULL,
    earnings BIGINT NOT NULL,
    posts BIGINT NOT NULL,
    likes BIGINT NOT NULL,
    comments BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, event_id)
) {clustered};

-- Counts kept in the transaction that changes them (src/core/stats.h): kind 'accounts', 'sex',
-- 'birth_date', 'category'.
CREATE TABLE statistics (
    kind {text} NOT NULL,
    item BIGINT NOT NULL,
    total BIGINT NOT NULL,
    PRIMARY KEY (kind, item)
) {clustered};
