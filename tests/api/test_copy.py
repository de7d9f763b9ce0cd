"""Moving house: `rollcall copy` between files and engines, and what lives on in the copy."""
import os
import pty
import re
import sqlite3
import subprocess

import pytest

import partitions
from copying import (ENGINES, ENVIRONMENT, POSTGRES, WAYS, SqlitePlace, command, copy, empty_schema,
                     new_place, report)
from rollcall import (PASSWORD, QUICK, ROOT, Client, Server, another_program, cluster, ok, registration,
                      unique)

LOGIN = "/careers/users/login/"
REGISTER = "/careers/users/register/"
REFRESH = "/careers/users/token/refresh/"
ME = "/careers/users/me/"
FOLLOW = "/careers/users/follow/"
TABLES = (ROOT / "src/db/bulk.def").read_text().count("\nTABLE(")
HOPS = ["postgresql", "sqlite", "postgresql", "postgresql", "sqlite"] if POSTGRES else ["sqlite"] * 2
TABLES = len(re.findall(r"^TABLE\(", (ROOT / "src" / "db" / "bulk.def").read_text(), re.M))
PEOPLE = [("Åsa", "Öberg", "Jag tycker om långa promenader"),
          ("Ольга", "Иванова", "Люблю горы и море"),
          ("三", "王", "我喜欢旅行和摄影"),
          ("Νίκος", "Παπαδόπουλος", "Ταξίδια"),
          ("مريم", "حسن", "السفر والتصوير"),
          ("Zoë 🎈", "O'Brien", "Line one\nline two; 'quotes' \\ and \"more\"")]


class House:
    """A database with something in every table, and what its people know by heart."""

    def __init__(self, folder):
        self.url = f"sqlite:{folder / 'house.db'}"
        with Server(folder, QUICK, database=self.url) as server:
            self.server = server
            self.desk = server.staff(superuser=True)
            self.people = [server.user(first_name=first, last_name=last, bio=bio, sex="female",
                                       birth_date="1990-02-03", language="sv")
                           for first, last, bio in PEOPLE]
            self.fill()
            self.answers = self.ask(server)

    def fill(self):
        people, desk = self.people, self.desk
        for a in people:
            for b in people:
                if a is not b:
                    ok(a.post(FOLLOW, {"following": b.id}), 201)
        ok(people[0].delete(f"/careers/users/{people[1].username}/unfollow/"))
        self.use_the_app()
        self.use_the_desk()
        self.server.cli("key", "rotate")
        gone = self.server.user()
        ok(gone.delete(ME, json={"password": gone.password}))
        self.banned = self.server.user()
        ok(desk.post("/api/user/status/ban/", {"user_id": self.banned.id, "banned": True,
                                               "reason": "Spam"}))
        self.highest = gone.id + 1
        self.later = self.server.login(people[0].username)

    def use_the_app(self):
        ok(self.people[0].post("/api/update/preferences/",
                               {"categories": ["travel", "food"], "networks": ["x"]}))
        app = self.server.anonymous()
        body = registration(password_confirm=None)
        ok(app.post("/api/action/register/", body), 201)
        self.cookie, self.app_user = app.cookie, body["username"]

    def send(self, server):
        """Once, however often."""
        return Client(server, self.desk.access).post("/api/user/notification/", {
            "user_id": self.people[0].id, "title": "Once", "message": "M", "type": "info"},
            headers={"Idempotency-Key": "the key"})

    def use_the_desk(self):
        ok(self.send(self.server))
        for person in self.people:
            ok(self.desk.post("/api/user/notification/", {
                "user_id": person.id, "title": "Välkommen", "message": "Hej 🎈", "type": "info",
                "data": {"link": "https://example.com/ü"}}))
            for url in ("https://example.com/b", "https://example.com/a"):
                ok(self.desk.post("/api/user/add-custom-social-wall/", {
                    "user_id": person.id, "wall_url": url, "network": "instagram"}))
            ok(self.desk.post("/api/user/activity/", {
                "user_id": person.id, "event_id": unique("event"), "earnings": 12.34, "posts": 2}))

    def ask(self, server):
        """What people see, by who asks what."""
        first, third = self.people[0], self.people[2]
        desk = Client(server, self.desk.access)
        gets = [f"/careers/users/?search={word}&batch_size=100"
                for word in ("olga", "иван", "王", "asa", "promenad", "ta")]
        gets += ["/careers/users/?batch_size=100&ordering=-created_at",
                 f"/careers/users/{third.username}/followers/",
                 f"/careers/users/{first.username}/following/"]
        answers = {path: ok(server.anonymous().get(path)) for path in gets}
        for person in self.people:
            at = Client(server, person.access)
            for path in (ME, ME + "stats/"):
                answers[person.id, path] = ok(at.get(path))
            for path in ("/api/get/preferences/", "/api/get/notifications/history/",
                         "/api/get/profile/"):
                answers[person.id, path] = ok(at.post(path))
            for path in ("/api/user/status/", "/api/user/social-walls/"):
                answers[person.id, path] = ok(desk.post(path, {"user_id": person.id}))
        answers["sex"] = ok(desk.post("/api/users/stats/sex/"))
        answers["age"] = ok(desk.post("/api/users/stats/age/"))
        return answers


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    return House(tmp_path_factory.mktemp("house"))


# ---- What lives on -------------------------------------------------------------------------------


def assert_lives_on(house, server):
    assert ok(house.send(server))
    assert house.ask(server) == house.answers
    for access in (house.people[0].access, house.later.access):  # by the old key and the new one
        assert ok(Client(server, access).get(ME))["id"] == house.people[0].id
    app = server.anonymous()
    app.cookie = house.cookie
    assert ok(app.post("/api/check/auth/"))["username"] == house.app_user
    assert ok(server.anonymous().post(REFRESH, {"refresh": house.people[1].refresh}))["access"]


def assert_goes_on(house, server):
    """Changes the copy: what comes next is a copy of that."""
    banned = server.anonymous().post(LOGIN, {"username": house.banned.username,
                                             "password": house.banned.password})
    assert banned.status_code == 403
    new = server.user()
    assert new.id > house.highest
    house.highest = new.id
    ok(new.delete(ME, json={"password": PASSWORD}))
    assert server.cli("check", "--search").stdout.startswith("OK")


def test_everything_moves_from_hop_to_hop(house, tmp_path):
    source = house.url
    for engine in HOPS:
        target = new_place(engine, tmp_path).url
        sides = report(copy(source, target))
        assert len(sides) == TABLES and all(here == there for here, there in sides.values())
        full = [name for name, (here, _) in sides.items() if here[0] > 0]
        assert len(full) == TABLES, full
        with Server(tmp_path, QUICK, database=target) as server:
            assert_lives_on(house, server)
            person = house.people[3]
            assert server.login(person.username, PASSWORD).id == person.id
            assert_goes_on(house, server)
            house.answers = house.ask(server)
        source = target


def schema(place):
    """All of it: what a dump says, or SQLite's own table and the settings of what searches."""
    if not isinstance(place, SqlitePlace):
        dump = cluster.dump(place.url, "--schema-only").decode()
        return re.sub(r"^\\(un)?restrict .*$", "", dump, flags=re.MULTILINE)  # has a random word
    return (sorted(place.query("SELECT type, name, tbl_name, sql FROM sqlite_schema"), key=str),
            place.query("SELECT * FROM directory_grams_config"),
            place.query("SELECT * FROM directory_trigrams_config"))


@pytest.mark.parametrize("engine", ENGINES)
def test_the_schema_is_that_of_any_database(house, tmp_path, engine):
    copied, other = new_place(engine, tmp_path), new_place(engine, tmp_path)
    copy(house.url, copied.url)
    with Server(tmp_path, QUICK, database=other.url):
        pass
    assert schema(copied) == schema(other)


@pytest.mark.parametrize("engine, other", WAYS)
def test_a_copy_of_a_copy_has_the_same_checksums(house, tmp_path, engine, other):
    first, second, third = (new_place(e, tmp_path).url for e in (engine, other, engine))
    copy(house.url, first)
    there, back = report(copy(first, second)), report(copy(second, third))
    assert there == back


def test_it_counts_what_there_is(house, tmp_path):
    sides = report(copy(house.url, new_place(ENGINES[-1], tmp_path).url))
    database = sqlite3.connect(house.url.removeprefix("sqlite:"))
    for name, (here, there) in sides.items():
        (count,), = database.execute(f"SELECT count(*) FROM {name}").fetchall()
        assert here[0] == there[0] == count
    database.close()


def test_the_source_stays_as_it_was(house, tmp_path):
    path = house.url.removeprefix("sqlite:")
    before = open(path, "rb").read()
    copy(house.url, new_place(ENGINES[-1], tmp_path).url)
    assert open(path, "rb").read() == before
    assert not os.path.exists(path + "-wal")


def test_a_server_may_run_on_the_source(house, tmp_path):
    source, target = (new_place(ENGINES[-1], tmp_path).url for _ in range(2))
    copy(house.url, source)
    with Server(tmp_path, QUICK, database=source) as server:
        copy(source, target)
        ok(server.anonymous().get("/careers/users/"))
    with Server(tmp_path, QUICK, database=target) as server:
        assert server.cli("check").stdout.startswith("OK")


@pytest.mark.skipif(not POSTGRES, reason="partitions are PostgreSQL's")
def test_tables_may_be_partitioned(house, tmp_path):
    whole, divided = (new_place("postgresql", tmp_path) for _ in range(2))
    there = report(copy(house.url, whole.url))
    empty_schema(divided, house.url)
    partitions.partition(divided.url)
    indexes = "SELECT pg_get_indexdef(indexrelid), indisvalid FROM pg_index ORDER BY 1"
    before = divided.query(indexes)
    assert report(copy(whole.url, divided.url)) == there
    assert set(partitions.spread(divided.url)) == set(partitions.OWNERS)
    assert divided.query(indexes) == before and all(valid for _, valid in before)
    assert report(copy(divided.url, new_place("sqlite", tmp_path).url)) == there


# ---- Refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize("source, target", WAYS)
def test_a_target_with_anything_in_it_is_refused(house, tmp_path, source, target):
    here, there = (new_place(engine, tmp_path) for engine in (source, target))
    copy(house.url, here.url)
    copy(house.url, there.url)
    before = there.query("SELECT id, updated_at FROM users ORDER BY id")
    done = copy(here.url, there.url, status=1)
    assert "something is there already" in done.stderr and done.stdout == ""
    assert there.query("SELECT id, updated_at FROM users ORDER BY id") == before


@pytest.mark.parametrize("engine", ENGINES)
def test_it_does_not_copy_onto_itself(house, tmp_path, engine):
    place = new_place(engine, tmp_path)
    copy(house.url, place.url)
    assert "something is there already" in copy(place.url, place.url, status=1).stderr
    with Server(tmp_path, QUICK, database=place.url) as server:
        assert server.cli("check").stdout.startswith("OK")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_source_that_is_not_there_is_not_made(tmp_path, engine):
    source, target = new_place("sqlite", tmp_path), new_place(engine, tmp_path)
    assert "cannot read" in copy(source.url, target.url, status=1).stderr
    assert source.is_empty() and target.is_empty()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_source_of_an_older_program_is_refused(house, tmp_path, engine):
    source, target = new_place(engine, tmp_path), new_place("sqlite", tmp_path)
    copy(house.url, source.url)
    forget_migrations(source)
    done = copy(source.url, target.url, status=1)
    assert "older than this program" in done.stderr and "cannot read" in done.stderr
    assert target.is_empty()
    assert source.query("SELECT count(*) FROM migrations") == [(0,)]


def forget_migrations(place):
    if place.url.startswith("sqlite:"):
        with another_program(place.file) as database:
            database.execute("DELETE FROM migrations")
    else:
        place.query("DELETE FROM migrations")


@pytest.mark.parametrize("url", ["oracle:x", "sqlite:", "postgresql:nowhere"])
def test_urls_that_make_no_sense(house, tmp_path, url):
    target = new_place("sqlite", tmp_path)
    assert "cannot make" in copy(house.url, url, status=1).stderr
    assert "cannot read" in copy(url, target.url, status=1).stderr
    assert target.is_empty()


def test_passwords_in_urls_are_not_shown(house, tmp_path):
    target = new_place("sqlite", tmp_path)
    for url in ("postgresql://rollcall:hunter2@127.0.0.1:1/x",
                "postgresql://rollcall@127.0.0.1:1/x?password=hunter2"):
        for source, to in ((house.url, url), (url, target.url)):
            done = copy(source, to, status=1)
            assert "hunter2" not in done.stdout + done.stderr
            assert "postgresql://rollcall@127.0.0.1:1/x" in done.stderr
    assert target.is_empty()


@pytest.mark.skipif(not POSTGRES, reason="a URL with a password that works")
def test_passwords_in_urls_are_not_shown_in_the_table(house, tmp_path):
    url = new_place("postgresql", tmp_path).url.replace("postgres@", "postgres:hunter2@")
    done = copy(house.url, url)
    assert "hunter2" not in done.stdout + done.stderr and "postgres@" in done.stdout


# ---- What cannot be copied -----------------------------------------------------------------------

SPOILT = [("UPDATE users SET sex = 'many' WHERE id = ?", "table=users id={} column=sex: it holds text"),
          ("UPDATE users SET sex = 1.5 WHERE id = ?", "column=sex: it holds a real number"),
          ("UPDATE users SET bio = x'00ff' WHERE id = ?", "column=bio: it holds bytes"),
          ("UPDATE users SET bio = 'a' || char(0) || 'b' WHERE id = ?", "text with a NUL"),
          ("UPDATE users SET bio = CAST(x'c328' AS TEXT) WHERE id = ?", "text that is not UTF-8"),
          ("UPDATE sessions SET cookie_hash = 'text' WHERE user_id = ?",
           "table=sessions user_id={} id=")]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("spoil, complaint", SPOILT, ids=range(len(SPOILT)))
def test_a_value_of_another_kind_is_named(house, tmp_path, engine, spoil, complaint):
    source, target = new_place("sqlite", tmp_path), new_place(engine, tmp_path)
    copy(house.url, source.url)
    person = house.people[2].id
    with another_program(source.file) as database:
        assert database.execute(spoil, (person,)).rowcount > 0
    done = copy(source.url, target.url, status=1)
    assert complaint.format(person) in done.stderr, done.stderr
    assert done.stdout == "" and target.is_empty()


@pytest.mark.skipif(not POSTGRES, reason="a target that changes what it is given")
def test_a_copy_that_differs_is_not_kept(house, tmp_path):
    target = empty_schema(new_place("postgresql", tmp_path), house.url)
    target.query("ALTER SEQUENCE users_id RESTART")
    target.query("CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS"
                 " 'BEGIN NEW.bio := lower(NEW.bio); RETURN NEW; END'")
    target.query("CREATE TRIGGER meddle BEFORE INSERT ON users"
                 " FOR EACH ROW EXECUTE FUNCTION meddle()")
    done = copy(house.url, target.url, status=1)
    assert "the sides differ" in done.stderr and "1 difference" in done.stdout
    differing = [name for name, (here, there) in report(done).items() if here != there]
    assert differing == ["users"]
    assert target.query("SELECT count(*) FROM users") == [(0,)]
    assert target.query("SELECT last_value, is_called FROM users_id") == [(1, False)]


# ---- What one sees -------------------------------------------------------------------------------


def test_the_progress_is_told_now_and_then(house, tmp_path):
    done = copy(house.url, new_place("sqlite", tmp_path).url)
    assert "Indexing directory_username\n" in done.stderr and "\r" not in done.stderr
    assert done.stdout.rstrip().endswith("equal on both sides")


def test_quiet_shows_the_table_alone(house, tmp_path):
    done = copy(house.url, new_place("sqlite", tmp_path).url, "--quiet")
    assert done.stderr == "" and len(report(done)) == TABLES


def test_a_terminal_shows_one_moving_line(house, tmp_path):
    master, slave = pty.openpty()
    process = subprocess.Popen(command(house.url, new_place("sqlite", tmp_path).url),
                               stdout=subprocess.PIPE, stderr=slave, env=ENVIRONMENT)
    os.close(slave)
    shown = b""
    try:
        while chunk := os.read(master, 4096):
            shown += chunk
    except OSError:  # the terminal is closed on the other side
        pass
    os.close(master)
    process.stdout.read()
    assert process.wait() == 0
    assert b"\r\x1b[KIndexing directory_username" in shown
    assert b"\n" not in shown and shown.endswith(b"\r\x1b[K")


def test_other_people_cannot_read_the_copy(house, tmp_path):
    place = new_place("sqlite", tmp_path)
    copy(house.url, place.url)
    assert place.file.stat().st_mode & 0o077 == 0
    assert [path.name for path in place.folder.iterdir()] == ["rollcall.db"]
