"""Rows by the thousand, put into a database behind the server's back: what would take too long to ask
for one by one. The counts of the account are right afterwards, the statistics are not."""

FIRST = 1_000_000  # ids of made-up accounts and rows: no sequence gets there in a test
COUNT_UP = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "


def add_followers(server, user_id, count):
    """So many accounts that do nothing but follow."""
    server.execute(
        "INSERT INTO users (id, username, username_key, email, email_key, flags, switches, "
        "created_at, updated_at) " + COUNT_UP + f"SELECT {FIRST} + i, 'fan' || i, 'fan' || i, "
        "'fan' || i || '@example.com', 'fan' || i || '@example.com', 17, 0, 1, 1 FROM n", count)
    server.execute("INSERT INTO user_counts (user_id, following) " + COUNT_UP +
                   f"SELECT {FIRST} + i, 1 FROM n", count)
    server.execute("INSERT INTO follows (follower_id, following_id, id, created_at) " + COUNT_UP +
                   f"SELECT {FIRST} + i, CAST(? AS BIGINT), {FIRST} + i, 1 FROM n", count, user_id)
    server.execute("UPDATE user_counts SET followers = followers + ? WHERE user_id = ?", count,
                   user_id)


def add_notifications(server, user_id, count, message="m"):
    server.execute("INSERT INTO notifications (user_id, id, title, message, type, created_at) " +
                   COUNT_UP + f"SELECT CAST(? AS BIGINT), {FIRST} + i, 't', CAST(? AS TEXT), 't', 1 "
                   "FROM n", count, user_id, message)
    server.execute("UPDATE user_counts SET notifications = notifications + ?, unread = unread + ? "
                   "WHERE user_id = ?", count, count, user_id)


def add_events(server, user_id, count):
    server.execute("INSERT INTO activity_events (user_id, event_id, campaigns, earnings, posts, "
                   "likes, comments, created_at) " + COUNT_UP +
                   "SELECT CAST(? AS BIGINT), 'event' || i, 0, 0, 0, 0, 0, 1 FROM n", count, user_id)
