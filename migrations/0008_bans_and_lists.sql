-- Bans that end by themselves.
ALTER TABLE users ADD COLUMN banned_until BIGINT; -- NULL: not banned, or until somebody lifts it
CREATE INDEX users_banned_until ON users (banned_until) WHERE banned_until IS NOT NULL;

-- What the staff's list of accounts is filtered by, in the order in which it comes.
CREATE INDEX users_country ON users (country, id) WHERE country IS NOT NULL;
CREATE INDEX users_language ON users (language, id);
CREATE INDEX user_categories_category ON user_categories (category, user_id);
