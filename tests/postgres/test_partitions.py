"""What grows with activity may be partitioned by its owner without a change of code (run_tests.py runs
the API tests on such a schema); here: that a request then concerns one partition and not all. The
server itself (auto_explain) says which of them it has read for the statements that the driver sent."""
import re

import pytest

import partitions
from plans import CONFIGURATION, forget, plans, scans
from rollcall import BINARY, QUICK, Server, cluster, ok

# Statements about many owners: whom somebody is followed by, what has expired, what is to be sealed.
ABOUT_MANY = re.compile(r"following_id = \$1\b|expires_at <= \$1|seq IS NULL")
ROUNDS = 4  # new names each time, so that most partitions have something


@pytest.fixture(scope="module")
def explaining():
    with cluster.Cluster({**cluster.QUICK, **CONFIGURATION}) as running:
        running.make_template(BINARY)
        yield running, partitions.make_template(running)


@pytest.fixture(params=["force_custom_plan", "force_generic_plan"])
def database(explaining, request):
    postgres, template = explaining
    url = cluster.fresh_database(postgres.pattern(), template)
    name = re.search(r"/(test_\w+)", url).group(1)
    cluster.execute(url, f"ALTER DATABASE {name} SET plan_cache_mode = {request.param}")
    forget(postgres)
    return url


def a_day(node):
    """What people do all the time, each thing in a partition or two."""
    staff = node.staff()
    fan, star = node.user(), node.user()
    ok(fan.post("/careers/users/follow/", {"following": star.id}), 201)
    for _ in range(2):
        ok(star.post("/careers/users/follow/", {"following": fan.id},
                     headers={"Idempotency-Key": "k"}), 201)
    ok(fan.get("/careers/users/me/following/"))
    ok(fan.get(f"/careers/users/{star.username}/followers/"))
    ok(fan.get("/careers/users/", params={"search": star.username}))
    ok(staff.post("/api/user/notification/", {"user_id": fan.id, "title": "t", "message": "m",
                                              "type": "info"}))
    ok(fan.post("/api/get/notifications/history/"))
    ok(fan.post("/api/update/notifications/read/", {"all": True}))
    ok(fan.get("/careers/users/me/sessions/"))
    ok(fan.post("/careers/users/token/refresh/", {"refresh": fan.refresh}))
    ok(fan.delete(f"/careers/users/{star.username}/unfollow/"))
    ok(star.post("/careers/users/logout/", {"refresh": star.refresh}))


def test_a_request_reads_one_partition(explaining, database, tmp_path):
    with Server(tmp_path, [*QUICK, "--refresh-rotation", "on"], database=database) as node:
        for _ in range(ROUNDS):
            a_day(node)
    read = {}
    for text, plan in plans(explaining[0]):
        if ABOUT_MANY.search(text):
            continue
        tables = {table for table, _ in scans(plan)}
        for table in partitions.OWNERS:
            of_it = {name for name in tables if re.fullmatch(rf"{table}_\d+", name)}
            assert len(of_it) <= 1, (text, of_it)
            read.setdefault(table, set()).update(of_it)
    assert set(read) == set(partitions.OWNERS)
    assert all(len(names) > 1 for names in read.values()), read


@pytest.mark.parametrize("table", ["sessions", "idempotency_keys"])
def test_what_expires_goes_from_every_partition(database, tmp_path, table):
    with Server(tmp_path, QUICK, database=database) as node:
        star = node.user()
        for _ in range(16):
            ok(node.user().post("/careers/users/follow/", {"following": star.id},
                                headers={"Idempotency-Key": "k"}), 201)
        assert len(partitions.spread(database)[table]) == partitions.COUNT
        node.execute(f"UPDATE {table} SET expires_at = 1")
    # Who stops tidies up.
    assert cluster.execute(database, f"SELECT COUNT(*) FROM {table}") == [(0,)]


def test_an_account_leaves_every_partition(database, tmp_path):
    with Server(tmp_path, QUICK, database=database) as node:
        star = node.user()
        fans = [node.user() for _ in range(16)]
        for fan in fans:
            ok(fan.post("/careers/users/follow/", {"following": star.id}), 201)
            ok(star.post("/careers/users/follow/", {"following": fan.id}), 201)
        assert len(partitions.spread(database)["follows"]) == partitions.COUNT
        ok(star.delete("/careers/users/me/", json={"password": star.password}))
        assert node.execute("SELECT COUNT(*) FROM follows") == [(0,)]
        assert node.cli("check").stdout.startswith("OK")
