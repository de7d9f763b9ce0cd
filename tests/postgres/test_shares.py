"""What the server expects of the small indexes of accounts: that few are in them. Should it expect next
to everybody, it sends for parallel workers to count ten."""
import pytest

from rollcall import BINARY, cluster

COUNT = 20_000
# Of a thousand one each is banned (8), inactive (no bit) and staff (active, 1, and 2).
FILL = """
INSERT INTO users (id, username, username_key, email, email_key, flags, switches, created_at, updated_at)
SELECT n, 'user' || n, 'user' || n, n || '@example.com', n || '@example.com',
       CASE n % 1000 WHEN 1 THEN 9 WHEN 2 THEN 0 WHEN 3 THEN 3 ELSE 1 END, 0, n, n
FROM generate_series(1, {count}) n"""
CONDITION = "SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = '{index}'::regclass"


@pytest.fixture(scope="module")
def url():
    with cluster.Cluster(cluster.QUICK) as postgres:
        postgres.make_template(BINARY)
        url = cluster.fresh_database(postgres.pattern(), postgres.template)
        cluster.execute(url, FILL.format(count=COUNT))
        cluster.execute(url, "ANALYZE users")
        yield url


@pytest.mark.parametrize("index", ["users_staff", "users_banned", "users_inactive"])
def test_few_are_taken_to_be_few(url, index):
    [(condition,)] = cluster.execute(url, CONDITION.format(index=index))
    [([plan],)] = cluster.execute(url, f"EXPLAIN (FORMAT JSON) SELECT 1 FROM users WHERE {condition}")
    assert plan["Plan"]["Plan Rows"] < COUNT / 100
