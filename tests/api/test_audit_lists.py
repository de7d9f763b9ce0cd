"""The audit trail as staff read it, page by page: the same records as the export of the command line."""
import datetime
import itertools

import pytest

from rollcall import PASSWORD, QUICK, Server, ok, unique, wait_until
from trail import exported

AUDIT = "/api/audit/"
OF_USER = "/api/user/audit/"
LOGIN = "/careers/users/login/"
DAY = 24 * 3600 * 1000 * 1000
SAME = ("seq", "id", "event", "outcome", "via", "actor_id", "user_id", "detail", "address", "user_agent",
        "note", "forgotten")


class House(Server):
    """Some people, and what has happened to them."""

    def start(self, *arguments):
        super().start(*arguments)
        self.desk = self.staff(superuser=True)
        self.people = [self.user() for _ in range(4)]
        alice, bob, carol, gone = self.people
        for name, password in ((alice.username, "guess"), (alice.username, PASSWORD), (unique(), "guess")):
            self.anonymous().post(LOGIN, {"username": name, "password": password})
        for banned in (True, False):
            ok(self.desk.post("/api/user/status/ban/", {"user_id": bob.id, "banned": banned,
                                                        "reason": "Spam"}))
        self.staff().post("/api/user/force-logout/", {"user_id": self.desk.id})
        ok(self.desk.post("/api/user/force-logout/", {"user_id": carol.id}))
        self.cli("user", "grant", carol.username, "--staff")
        ok(gone.delete("/careers/users/me/", json={"password": PASSWORD}))
        # Three days, in the order in which it happened.
        half = max(row["id"] for row in exported(self)) // 2
        self.execute("UPDATE audit SET created_at = created_at - ? WHERE id <= ?", DAY, half)
        self.execute("UPDATE audit SET created_at = created_at - ? WHERE id <= ?", DAY, half // 2)
        wait_until(lambda: all(row["seq"] for row in exported(self)))
        return self


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with House(tmp_path_factory.mktemp("audit"), QUICK) as running:
        yield running


def pages(house, path, limit=100, **filters):
    """All records, and how many there were on each page."""
    cursor, records, sizes = {}, [], []
    while cursor is not None:
        body = ok(house.desk.post(path, {**filters, **cursor, "limit": limit}))
        records += body["records"]
        sizes.append(len(body["records"]))
        cursor = body["next_cursor"] and {"cursor": body["next_cursor"]}
    return records, sizes


def records(house, path=AUDIT, **filters):
    return pages(house, path, **filters)[0]


def newest_first(rows):
    return sorted(rows, key=lambda row: (row["at"], row["id"]), reverse=True)


def short(rows):
    return [tuple(row[key] for key in SAME) for row in rows]


def days_of(house):
    return sorted({row["at"][:10] for row in exported(house)})


# ---- What is in it --------------------------------------------------------------------------------

def test_it_is_all_that_is_exported(house):
    shown, all_of_it = records(house), newest_first(exported(house))
    assert short(shown) == short(all_of_it)
    assert [row["at"][:19] for row in shown] == [row["at"][:19] for row in all_of_it]


def test_accounts_have_their_names(house):
    alice, bob = house.people[:2]
    ban = records(house, event="account.ban")[0]
    assert (ban["actor"], ban["user"], ban["note"]) == (house.desk.username, bob.username, "Spam")
    failed = records(house, OF_USER, user_id=alice.id, outcome="failed")[0]
    assert (failed["actor_id"], failed["actor"], failed["user"]) == (None, None, alice.username)


def test_nobody_and_the_erased_have_none(house):
    unknown = [row for row in records(house, outcome="failed") if row["user_id"] is None]
    assert unknown and all(row["user"] is None for row in unknown)
    gone = records(house, OF_USER, user_id=house.people[3].id)
    assert {row["event"] for row in gone} >= {"account.register", "account.erase"}
    assert all(row["forgotten"] and row["user"] is None and not row["address"] for row in gone)


# ---- Filters --------------------------------------------------------------------------------------

def matches(row, filters):
    return all({"from": row["at"][:10] >= str(wanted), "to": row["at"][:10] <= str(wanted),
                "event": row["event"] in wanted if isinstance(wanted, list) else row["event"] == wanted,
                }.get(name, row.get(name) == wanted) for name, wanted in filters.items())


def choices(house):
    """A few values of each filter; None leaves it out."""
    first, second, last = days_of(house)[0], days_of(house)[1], days_of(house)[-1]
    return {"user_id": [None, house.people[1].id, house.people[3].id],
            "actor_id": [None, house.desk.id, house.people[0].id, house.people[3].id],
            "event": [None, "login", "account.ban", "token.reuse"],
            "outcome": [None, "ok", "failed", "denied"],
            "from": [None, second, last], "to": [None, second, first]}


def test_any_filters_together_leave_what_they_say(house):
    everything = newest_first(exported(house))
    names, values = zip(*choices(house).items())
    seen = 0
    for combination in itertools.product(*values):
        filters = {name: value for name, value in zip(names, combination) if value is not None}
        expected = [row for row in everything if matches(row, filters)]
        assert short(records(house, **filters)) == short(expected), filters
        seen += len(expected) > 0
    assert seen > 60


def test_several_events_of_an_account(house):
    bob = house.people[1]
    events = ["account.ban", "account.unban"]
    shown = records(house, OF_USER, user_id=bob.id, event=events)
    assert [row["event"] for row in shown] == events[::-1]
    form = ok(house.desk.post(OF_USER, form=[("user_id", bob.id)] + [("event", name) for name in events]))
    assert form["records"] == shown


def test_an_account_that_never_was_has_no_records(house):
    assert ok(house.desk.post(OF_USER, {"user_id": 10 ** 12})) == {"records": [], "next_cursor": None}


def test_a_day_is_of_utc_and_inclusive(house):
    last = days_of(house)[-1]
    assert records(house, **{"from": last, "to": last}) == [
        row for row in records(house) if row["at"][:10] == last]
    after = datetime.date.fromisoformat(last) + datetime.timedelta(days=1)
    assert records(house, **{"from": after.isoformat()}) == []
    assert records(house, **{"from": last, "to": days_of(house)[0]}) == []
    assert len(records(house, **{"from": "0001-01-01", "to": "9999-12-31"})) == len(records(house))


# ---- Pages ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("limit", [1, 3, 7, 100])
@pytest.mark.parametrize("path, filters", [
    (AUDIT, {}), (AUDIT, {"event": "login"}), (AUDIT, {"outcome": "failed"}),
    (AUDIT, {"event": "login", "outcome": "failed"}), (OF_USER, {"user_id": 2})], ids=str)
def test_pages_are_the_whole_in_parts(house, path, limit, filters):
    whole, _ = pages(house, path, **filters)
    parts, sizes = pages(house, path, limit=limit, **filters)
    assert parts == whole
    assert all(size == limit for size in sizes[:-1])
    assert sizes[-1] > 0 or not whole


def test_a_page_has_fifty(house):
    everything = len(records(house))
    assert len(ok(house.desk.post(AUDIT))["records"]) == min(everything, 50)


def test_what_comes_meanwhile_moves_no_page(house):
    before = records(house)
    first = ok(house.desk.post(AUDIT, {"limit": 5}))
    house.user()
    second = ok(house.desk.post(AUDIT, {"limit": 5, "cursor": first["next_cursor"]}))
    assert first["records"] + second["records"] == before[:10]


def test_a_record_is_there_before_it_is_sealed(house):
    person = house.user()
    [row] = records(house, OF_USER, user_id=person.id)
    assert row["event"] == "account.register" and row["user"] == person.username
    wait_until(lambda: records(house, OF_USER, user_id=person.id)[0]["seq"])


# ---- A great deal of it ---------------------------------------------------------------------------

MANY = 25000
FILL = ("INSERT INTO audit (user_id, id, event, outcome, via, actor_id, created_at, detail, commitment) "
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < CAST(? AS BIGINT)) "
        "SELECT 0, 1000000 + i, 2, 2, 1, 0, 1700000000000000 + i, '', cookie_hash FROM n, "
        "(SELECT cookie_hash FROM sessions LIMIT 1) s")


def test_a_page_that_would_take_long_is_short(tmp_path):
    with Server(tmp_path, QUICK) as server:
        server.desk = server.staff(superuser=True)
        server.anonymous().post(LOGIN, {"username": server.desk.username, "password": "guess"})
        server.execute(FILL, MANY)
        # Failures by the thousand before the login that went well: two requests for it.
        found, sizes = pages(server, AUDIT, event="login", outcome="ok")
        assert [row["user_id"] for row in found] == [server.desk.id] and len(sizes) == 2
        found, sizes = pages(server, AUDIT, event="account.register", outcome="failed")
        assert (found, sizes) == ([], [0])
        found, _ = pages(server, OF_USER, user_id=server.desk.id, event=["login"], outcome="failed")
        assert len(found) == 1
