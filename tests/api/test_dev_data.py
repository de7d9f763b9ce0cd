"""rollcall dev-data: what it makes is a database like any other, the same every time."""
import collections
import hashlib
import os
import signal
import subprocess

import pytest

from rollcall import (BINARY, PASSWORD, POSTGRES, Server, assert_error, new_database, ok,
                      wait_until)

DIGEST = "ad520145ac058bdfdf62450404b883f2fb0f7b385d255fce3b13cac082685b88"
CHEAP = ["--hash-memory", "8", "--hash-passes", "1"]
ACCOUNTS, FOLLOWS = 2000, 20000


def make(database, *arguments, check=True, **options):
    command = [BINARY, "dev-data", "--database", database, *CHEAP, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, **options)
    if check:
        assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """A server on a made-up crowd with a superuser. Tests only read, but for their own sessions."""
    folder = tmp_path_factory.mktemp("crowd")
    database = new_database(folder)
    done = make(database, "--accounts", ACCOUNTS, "--follows", FOLLOWS, "--seed", 7,
                "--superuser", "olivia")
    with Server(folder, ["--rate-limit", "off"], database=database) as running:
        running.said = done.stdout
        yield running


@pytest.fixture(scope="module")
def olivia(crowd):
    return crowd.login("olivia")


@pytest.fixture
def stranger(crowd):
    return crowd.anonymous()


# ---- It is right --------------------------------------------------------------------------------


def test_every_counter_statistic_and_index_is_right(crowd):
    assert f"OK: {ACCOUNTS} accounts" in crowd.cli("check", "--search").stdout


def test_there_is_as_much_as_was_asked_for(crowd):
    assert crowd.execute("SELECT count(*) FROM users") == [(ACCOUNTS,)]
    assert crowd.execute("SELECT count(*) FROM follows") == [(FOLLOWS,)]
    assert crowd.execute("SELECT count(*) FROM follows WHERE follower_id = following_id") == [(0,)]
    assert f"{ACCOUNTS} accounts and {FOLLOWS} follows" in crowd.said.replace(",", "")


def test_everything_that_accounts_can_have_is_there(crowd):
    for table in ("user_categories", "user_networks", "notifications", "social_walls",
                  "activity_events"):
        assert crowd.execute(f"SELECT count(*) FROM {table}")[0][0] > ACCOUNTS / 50, table
    assert 0 < crowd.execute("SELECT count(*) FROM notifications WHERE read_at IS NULL")[0][0] < \
        crowd.execute("SELECT count(*) FROM notifications")[0][0]


def test_an_edge_is_no_older_than_either_end(crowd):
    assert crowd.execute("SELECT count(*) FROM follows f, users a, users b WHERE a.id = f.follower_id"
                       " AND b.id = f.following_id AND (f.created_at < a.created_at"
                       " OR f.created_at < b.created_at)") == [(0,)]


def test_few_have_most_followers(crowd):
    counts = sorted((n for n, in crowd.execute("SELECT followers FROM user_counts")), reverse=True)
    assert sum(counts[:ACCOUNTS // 100]) > FOLLOWS / 7
    assert counts[0] > ACCOUNTS / 10
    assert counts[ACCOUNTS // 2] < FOLLOWS / ACCOUNTS


# ---- Who is in it -------------------------------------------------------------------------------


def test_anybody_signs_in_with_the_password(crowd):
    assert f"password is {PASSWORD}" in crowd.said
    names = crowd.execute("SELECT username FROM users WHERE (flags & 9) = 1 ORDER BY id")
    for name, in names[10::400]:
        me = ok(crowd.login(name).get("/careers/users/me/"))
        assert me["username"] == name


def test_the_superuser_is_the_only_one_and_may_do_what_superusers_may(crowd, olivia):
    body = ok(olivia.post("/api/check/login/"))
    assert body["is_superuser"] is True
    assert crowd.execute("SELECT count(*) FROM users WHERE (flags & 4) <> 0") == [(1,)]
    assert "Superuser: olivia" in crowd.said


def test_a_few_are_staff(crowd):
    staff = [name for name, in
             crowd.execute("SELECT username FROM users WHERE (flags & 2) <> 0 ORDER BY id")]
    assert len(staff) == 10
    assert staff[0] in crowd.said
    assert ok(crowd.login(staff[0]).post("/api/check/login/"))["is_staff"] is True


def test_banned_inactive_and_private_accounts_are_as_such(crowd, stranger):
    for condition in ("(flags & 8) <> 0", "(flags & 9) = 0", "(flags & 25) = 1"):
        (name,), *_ = crowd.execute(f"SELECT username FROM users WHERE {condition} ORDER BY id")
        assert_error(stranger.get(f"/careers/users/{name}/"), 404, "user_not_found")


def test_what_a_banned_account_is_banned_for_is_told_to_staff(crowd, olivia):
    (user_id,), *_ = crowd.execute("SELECT id FROM users WHERE (flags & 8) <> 0 ORDER BY id")
    status = ok(olivia.post("/api/user/status/", {"user_id": user_id}))
    assert status["status"] == "banned" and status["ban_reason"]


# ---- Reading it through the API -----------------------------------------------------------------


def folded_matches(crowd, column, wanted):
    """Ids of listed accounts by a plain look at what is stored, without any index."""
    return {user_id for user_id, value in
            crowd.execute(f"SELECT id, {column} FROM users WHERE (flags & 25) = 17")
            if value == wanted}


def search(client, **parameters):
    """Everybody found, page by page."""
    found, number, pages = [], 0, 1
    while number < pages:
        body = ok(client.get("/careers/users/", params={
            **parameters, "batch_size": 100, "batch_number": number}))
        found += body["users"]
        pages = body["batch_info"]["total_batches"]
        number += 1
    return {entry["id"] for entry in found}


@pytest.mark.parametrize("stored, typed", [
    ("Иванов", "ИВАНОВ"), ("García", "garcia"), ("Müller", "MULLER"), ("王", "王"), ("김", "김"),
    ("佐藤", "佐藤"), ("शर्मा", "शर्मा"), ("Γεωργίου", "γεωργιου"), ("محمود", "محمود"), ("כהן", "כהן"),
    ("Nguyễn", "nguyen"), ("แสงทอง", "แสงทอง"), ("Yılmaz", "yilmaz"), ("Wiśniewski", "wisniewski")])
def test_a_family_name_is_found_in_any_case_and_without_accents(crowd, stranger, stored, typed):
    expected = folded_matches(crowd, "last_name", stored)
    assert expected, "the crowd has nobody of that name: take another seed"
    assert expected <= search(stranger, last_name=typed)
    assert expected <= search(stranger, search=typed)


def test_a_word_of_a_bio_is_found(crowd, stranger):
    (user_id, bio), *_ = crowd.execute("SELECT id, bio FROM users WHERE (flags & 25) = 17 "
                                     "AND bio LIKE 'Photographer%' ORDER BY id")
    assert user_id in search(stranger, search=bio.split()[0].upper())


def most_followed(crowd):
    return crowd.execute("SELECT u.id, u.username, n.followers, n.following FROM users u "
                       "JOIN user_counts n ON n.user_id = u.id WHERE (u.flags & 25) = 17 "
                       "ORDER BY n.followers DESC, u.id LIMIT 1")[0]


def test_profile_and_follow_lists_agree_with_the_edges(crowd, olivia):
    user_id, name, followers, following = most_followed(crowd)
    profile = ok(olivia.get(f"/careers/users/{name}/"))
    assert profile["id"] == user_id
    for which, count, other, own in (("followers", followers, "follower_id", "following_id"),
                                     ("following", following, "following_id", "follower_id")):
        body = ok(olivia.get(f"/careers/users/{name}/{which}/?limit=1000"))
        assert body["count"] == count
        edges = crowd.execute(f"SELECT {other} FROM follows WHERE {own} = {user_id} ORDER BY id DESC")
        assert [entry["id"] for entry in body["results"]] == [n for n, in edges][:1000]


def test_ones_own_list_is_newest_first(crowd):
    (name,), *_ = crowd.execute("SELECT u.username FROM users u JOIN user_counts n ON n.user_id = u.id"
                              " WHERE (u.flags & 9) = 1 ORDER BY n.following DESC, u.id LIMIT 1")
    dates = [edge["created_at"] for edge in
             ok(crowd.login(name).get("/careers/users/me/following/?limit=1000"))["results"]]
    assert len(dates) > 20
    assert dates == sorted(dates, reverse=True)


def test_the_statistics_count_the_accounts(crowd, olivia):
    sexes = collections.Counter(sex for sex, in crowd.execute(
        "SELECT sex FROM users WHERE (flags & 9) = 1"))
    stats = ok(olivia.post("/api/users/stats/sex/"))
    assert [stats[key] for key in ("male", "female", "other")] == [sexes[1], sexes[2], sexes[3]]
    ages = ok(olivia.post("/api/users/stats/age/"))
    born = crowd.execute("SELECT count(*) FROM users WHERE (flags & 9) = 1 "
                       "AND birth_date IS NOT NULL")[0][0]
    assert 0 < sum(ages.values()) <= born
    preferences = ok(olivia.post("/api/users/stats/preferences/"))
    chosen = crowd.execute("SELECT count(*) FROM user_categories c JOIN users u ON u.id = c.user_id "
                         "WHERE (u.flags & 9) = 1")[0][0]
    assert sum(preferences.values()) == chosen


def test_notifications_and_preferences_are_ones_own(crowd):
    (name, total, unread), *_ = crowd.execute(
        "SELECT u.username, n.notifications, n.unread FROM users u JOIN user_counts n "
               "ON n.user_id = u.id WHERE (u.flags & 9) = 1 AND n.unread > 1 "
               "AND n.notifications > n.unread ORDER BY u.id LIMIT 1")
    client = crowd.login(name)
    history = ok(client.post("/api/get/notifications/history/", {"limit": 100}))
    assert history["unread"] == unread
    assert len(history["notifications"]) == total
    dates = [entry["created_at"] for entry in history["notifications"]]
    assert dates == sorted(dates, reverse=True)
    assert ok(client.post("/api/get/preferences/"))["preferences"]


def test_life_goes_on_in_it(tmp_path):
    """Ids go on behind those that were made up; counters follow."""
    database = new_database(tmp_path)
    make(database, "--accounts", 50, "--follows", 200)
    with Server(tmp_path, ["--rate-limit", "off"], database=database) as server:
        client = server.user()
        assert client.id == 51
        (target,), *_ = server.execute("SELECT id FROM users WHERE (flags & 25) = 17 ORDER BY id")
        edge = ok(client.post("/careers/users/follow/", {"following": target}), 201)
        assert edge["id"] == 201
        assert "OK: 51 accounts" in server.cli("check", "--search").stdout


# ---- The same every time ------------------------------------------------------------------------

TABLES = {"users": "id", "credentials": "user_id", "user_counts": "user_id", "directory": "user_id",
          "follows": "follower_id, following_id", "user_categories": "user_id, category",
          "user_networks": "user_id, network", "notifications": "user_id, id",
          "social_walls": "user_id, id", "activity_events": "user_id, event_id",
          "statistics": "kind, item", "daily": "kind, day"}


def content(folder, *arguments):
    folder.mkdir()
    database = new_database(folder)
    make(database, "--accounts", 300, "--follows", 3000, *arguments)
    server = Server(folder, database=database)
    return {table: server.execute(f"SELECT * FROM {table} ORDER BY {key}")
            for table, key in TABLES.items()}


def test_the_same_seed_gives_the_same_rows_and_another_one_others(tmp_path):
    first = content(tmp_path / "a", "--seed", 7)
    assert first == content(tmp_path / "b", "--seed", 7)
    other = content(tmp_path / "c", "--seed", 8)
    for table in TABLES:
        assert first[table] and first[table] != other[table], table


def test_both_engines_and_every_machine_come_to_the_same_rows(tmp_path):
    """Who changes what is made up writes down the new digest."""
    everything = repr(sorted(content(tmp_path / "a", "--seed", 7).items()))
    assert hashlib.sha256(everything.encode()).hexdigest() == DIGEST


# ---- What it refuses ----------------------------------------------------------------------------


def test_a_database_that_is_there_is_left_alone(tmp_path):
    database = new_database(tmp_path)
    make(database, "--accounts", 5)
    server = Server(tmp_path, database=database)
    before = server.execute("SELECT * FROM users ORDER BY id")
    done = make(database, "--accounts", 7, "--seed", 9, check=False)
    assert done.returncode == 1 and "must be new" in done.stderr
    assert server.execute("SELECT * FROM users ORDER BY id") == before


def test_an_interrupted_one_leaves_nothing(tmp_path):
    command = [BINARY, "dev-data", "--database", f"sqlite:{tmp_path}/new.db", *CHEAP,
               "--accounts", "1000000"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        try:
            wait_until(lambda: os.listdir(tmp_path))
        finally:
            process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == -signal.SIGINT
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("arguments, word", [
    (["--accounts", "0"], "--accounts"), (["--accounts", "-1"], "--accounts"),
    (["--accounts", "x"], "--accounts"), (["--accounts", "100000001"], "--accounts"),
    (["--accounts", "10", "--follows", "91"], "--follows"), (["--follows", "-1"], "--follows"),
    (["--seed", "1.5"], "--seed"), (["--seed", "18446744073709551616"], "--seed"),
    (["--until", "2025-02-30"], "--until"), (["--until", "1999-12-31"], "--until"),
    (["--superuser", "a b"], "--superuser"), (["--superuser", "admin"], "--superuser"),
    (["--superuser", "a..b"], "--superuser"), (["--superuser", ""], "--superuser"),
    (["something"], "")])
def test_options_that_make_no_sense_are_refused(tmp_path, arguments, word):
    done = make(f"sqlite:{tmp_path}/new.db", *arguments, check=False)
    assert done.returncode == 2
    assert word in done.stderr
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("arguments, word", [
    (["--password", "short"], "at least 8"),
    (["--password-policy", "strict"], "at least 15")])
def test_a_password_against_the_policy_makes_nothing(tmp_path, arguments, word):
    done = make(f"sqlite:{tmp_path}/new.db", "--accounts", 3, *arguments, check=False)
    assert done.returncode == 1
    assert word in done.stderr
    assert not os.listdir(tmp_path)


def test_the_superusers_name_must_be_nobody_elses(tmp_path):
    names = content(tmp_path / "a", "--seed", 7)["users"]
    taken = names[41][1].upper()
    done = make(f"sqlite:{tmp_path}/new.db", "--accounts", 300, "--seed", 7, "--superuser", taken,
                check=False)
    assert done.returncode == 1 and taken in done.stderr
    assert not (tmp_path / "new.db").exists()


@pytest.mark.parametrize("accounts, follows", [(1, 0), (2, 2), (12, 132)])
def test_the_smallest_and_the_densest_crowds(tmp_path, accounts, follows):
    database = new_database(tmp_path)
    make(database, "--accounts", accounts, "--follows", follows)
    server = Server(tmp_path, database=database)
    assert server.execute("SELECT count(*) FROM follows") == [(follows,)]
    assert f"OK: {accounts} account" in server.cli("check", "--search").stdout


def test_everything_has_happened_before_the_date(tmp_path):
    folder = tmp_path / "a"
    everything = content(folder, "--until", "2010-06-01", "--password", "another password")
    noon = 1275350400 * 1000000
    assert max(user[-2] for user in everything["users"]) < noon  # updated_at
    assert max(edge[3] for edge in everything["follows"]) < noon
    with Server(folder, ["--rate-limit", "off"], database=new_database(folder) if POSTGRES
                else f"sqlite:{folder}/rollcall.db") as server:
        (name,), *_ = server.execute("SELECT username FROM users WHERE (flags & 9) = 1 ORDER BY id")
        assert server.login(name, "another password")
