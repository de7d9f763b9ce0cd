"""How the directory is searched when it is large: what a search costs hangs on how many match, not on
how many there are. The server's own plans (auto_explain) say what was read."""
import re

import pytest

from plans import CONFIGURATION, forget, plans, scans
from rollcall import BINARY, QUICK, Server, cluster, ok, wait_until

COUNT = 8000
# Names of a few syllables, two rare ones, and signs that no trigram has.
FILL = """
INSERT INTO directory (user_id, listed, created_at, username, first_name, last_name, bio)
SELECT n, 1, n, 'user' || n, (ARRAY['anna', 'bert', 'иван', '太郎'])[1 + n % 4], 'smith',
       CASE n % 1000 WHEN 1 THEN 'zyq' WHEN 2 THEN 'c++' WHEN 3 THEN 'カナ' ELSE 'likes tea' END
FROM generate_series(1000, 1000 + {count} - 1) n"""
RARE = ["y", "zy", "zyq", "c+", "++", "c++", "カ", "カナ", "q", "z_q", "user1234"]
COMMON = ["n", "nn", "ann", "иван", "ва", "太", "太郎"]


@pytest.fixture(scope="module", params=["force_custom_plan", "force_generic_plan"])
def node(request, tmp_path_factory):
    with cluster.Cluster({**cluster.QUICK, **CONFIGURATION}) as postgres:
        postgres.make_template(BINARY)
        url = cluster.fresh_database(postgres.pattern(), postgres.template)
        name = re.search(r"/(test_\w+)", url).group(1)
        cluster.execute(url, FILL.format(count=COUNT))
        cluster.execute(url, "ANALYZE directory")
        cluster.execute(url, f"ALTER DATABASE {name} SET plan_cache_mode = {request.param}")
        # So few are best read whole; more could not be made in a moment.
        cluster.execute(url, f"ALTER DATABASE {name} SET enable_seqscan = off")
        with Server(tmp_path_factory.mktemp("node"), QUICK, database=url) as running:
            running.postgres = postgres
            yield running


def counts(node):
    return [plan for text, plan in plans(node.postgres) if text.startswith("SELECT COUNT(*) FROM (")]


def counted(node, term):
    """What a search finds, and how many rows of the directory were read to count them."""
    forget(node.postgres)
    answer = ok(node.anonymous().get("/careers/users/", params={"search": term}))
    wait_until(lambda: counts(node))  # the server has answered before it writes its log
    [plan] = counts(node)
    read = sum(rows for table, rows in scans(plan) if table == "directory")
    return answer["batch_info"]["total_users"], read


@pytest.mark.parametrize("term", RARE)
def test_a_rare_term_reads_few(node, term):
    """Some that only look like it are read too: which, hangs on the names that were drawn."""
    total, read = counted(node, term)
    assert total < COUNT / 100 and read <= total + COUNT / 100


@pytest.mark.parametrize("term", COMMON)
def test_a_common_term_reads_those_that_match(node, term):
    total, read = counted(node, term)
    assert total == COUNT / 4 and read <= total + 5
