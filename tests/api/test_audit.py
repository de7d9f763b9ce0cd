"""The audit trail: what is in it, that it cannot be changed unnoticed, and what it forgets."""
import hashlib
import re
import struct
import subprocess
import time
from datetime import datetime, timezone

import pytest

from copying import WAYS, copy, new_place
from crowd import message, together
from rollcall import (BINARY, PASSWORD, QUICK, ROOT, Server, assert_error, ok, unique,
                      wait_until)
from tables import routes
from trail import about, exported, head, last, verify

ME = "/careers/users/me/"
LOGIN = "/careers/users/login/"
BAN = "/api/user/status/ban/"
AGENT = {"User-Agent": "Inspector/1.0"}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    options = [*QUICK, "--refresh-rotation", "on", "--trusted-proxy", "127.0.0.1"]
    with Server(tmp_path_factory.mktemp("audit"), options) as running:
        yield running


@pytest.fixture(scope="module")
def desk(house):
    return house.staff(superuser=True)


@pytest.fixture
def person(house):
    return house.user()


def session_of(client):
    sessions = ok(client.get("/careers/users/me/sessions/"))["results"]
    return next(row["id"] for row in sessions if row["current"])


def assert_row(row, event, actor, user, outcome="ok", via="http", detail=None):
    assert (row["event"], row["outcome"], row["via"], row["actor_id"], row["user_id"]) == \
        (event, outcome, via, actor, user), row
    if detail is not None:
        assert row["detail"] == detail, row


# ---- What is in it ------------------------------------------------------------------------------


def test_a_registration(house, person):
    row = about(house, person.id)[0]
    assert_row(row, "account.register", person.id, person.id,
               detail=f"session={session_of(person)}")
    assert row["address"] == "127.0.0.1" and row["user_agent"].startswith("python-requests/")


def test_a_login_and_its_address(house, person):
    answer = house.anonymous().post(LOGIN, {"username": person.email, "password": PASSWORD},
                                    headers={"X-Forwarded-For": "198.51.100.7", **AGENT})
    assert answer.status_code == 200
    row = last(house, person.id, "login")
    assert_row(row, "login", person.id, person.id)
    assert (row["address"], row["user_agent"]) == ("198.51.100.7", "Inspector/1.0")
    assert row["at"].endswith("Z") and len(row["at"]) == len("2024-01-15T10:30:00.123456Z")


@pytest.mark.parametrize("path", [LOGIN, "/api/action/login/"])
def test_a_wrong_password(house, person, path):
    house.anonymous().post(path, {"username": person.username, "password": "guess"})
    assert_row(last(house, person.id, "login"), "login", None, person.id, "failed")


def test_an_unknown_name_is_not_written_down(house):
    """It may be a password that somebody has typed into the wrong field."""
    name = unique("secretive")
    house.anonymous().post(LOGIN, {"username": name, "password": "guess"},
                           headers={"X-Forwarded-For": "198.51.100.99"})
    row = next(row for row in exported(house) if row["address"] == "198.51.100.99")
    assert_row(row, "login", None, None, "failed")
    assert name not in str(row)
    assert name.encode() not in house.stored()


def test_a_banned_account_with_the_right_password(house, desk, person):
    ok(desk.post(BAN, {"user_id": person.id, "banned": True, "reason": "R"}))
    house.anonymous().post(LOGIN, {"username": person.username, "password": PASSWORD})
    assert_row(last(house, person.id, "login"), "login", None, person.id, "banned")


def test_is_this_the_password(house, desk, person):
    for password, outcome in ((PASSWORD, "ok"), ("guess", "failed")):
        desk.post("/api/check/validate/", {"username": person.username, "password": password})
        row = last(house, person.id, "password.check")
        assert row["outcome"] == outcome and row["actor_id"] == desk.id
    assert [row["event"] for row in about(house, person.id)].count("login") == 0


def test_a_refresh_and_one_that_was_used_before(house, person):
    session = f"session={session_of(person)}"
    ok(person.post("/careers/users/token/refresh/", {"refresh": person.refresh}))
    assert_row(last(house, person.id, "token.refresh"), "token.refresh", person.id, person.id,
               detail=session)
    house.execute("UPDATE sessions SET refreshed_at = refreshed_at - 60000000 WHERE user_id = ?",
                  person.id)
    assert_error(person.post("/careers/users/token/refresh/", {"refresh": person.refresh}),
                 401, "token_invalid")
    assert_row(last(house, person.id, "token.reuse"), "token.reuse", None, person.id, "failed",
               detail=session)


def test_a_refresh_without_rotation(tmp_path):
    with Server(tmp_path, QUICK) as server:
        person = server.user()
        ok(person.post("/careers/users/token/refresh/", {"refresh": person.refresh}))
        assert_row(last(server, person.id, "token.refresh"), "token.refresh", person.id, person.id)


def test_a_logout(house, person):
    session = session_of(person)
    ok(person.post("/careers/users/logout/", {"refresh": person.refresh}))
    assert_row(last(house, person.id, "logout"), "logout", person.id, person.id,
               detail=f"session={session}")


def test_a_logout_of_the_app(house, person):
    ok(person.post("/api/action/logout/"))
    assert_row(last(house, person.id, "logout"), "logout", person.id, person.id)


def test_another_session_of_ones_own(house, person):
    other = session_of(house.login(person.username))
    ok(person.delete(f"/careers/users/me/sessions/{other}/"))
    assert_row(last(house, person.id, "session.end"), "session.end", person.id, person.id,
               detail=f"session={other}")


def test_a_session_that_is_not_there_leaves_no_row(house, person):
    assert person.delete("/careers/users/me/sessions/999999999/").status_code == 404
    assert not about(house, person.id, "session.end")


def test_a_new_password(house, person):
    change = {"current_password": "guess", "new_password": "new " + PASSWORD}
    assert person.post("/careers/users/me/password/", change).status_code == 400
    assert_row(last(house, person.id, "password.confirm"), "password.confirm", person.id, person.id,
               "failed")
    ok(person.post("/careers/users/me/password/", {**change, "current_password": PASSWORD}))
    assert_row(last(house, person.id, "password.change"), "password.change", person.id, person.id)


def test_a_new_address(house, person):
    ok(person.patch("/careers/users/me/update/", {"first_name": "A"}))
    assert not about(house, person.id, "email.change")
    ok(person.patch("/careers/users/me/update/", {"email": f"{unique()}@example.com"}))
    row = last(house, person.id, "email.change")
    assert_row(row, "email.change", person.id, person.id, detail="")


def test_what_staff_do(house, desk, person):
    of = {"user_id": person.id}
    wall = {**of, "network": "instagram", "wall_url": "https://example.com/w"}
    ok(desk.post("/api/user/notification/", {**of, "title": "T", "message": "M", "type": "t"}))
    ok(desk.post("/api/user/activity/", {**of, "event_id": unique("event"), "posts": 1}))
    ok(desk.post("/api/user/add-custom-social-wall/", wall))
    number = ok(desk.post("/api/user/social-walls/", of))["social_walls"][0]["id"]
    ok(desk.post("/api/user/remove-custom-social-wall/", {**of, "wall_id": number}))
    ok(desk.post("/api/user/force-logout/", of))
    ok(desk.post(BAN, {**of, "banned": True, "reason": "Spam"}))
    ok(desk.post(BAN, {**of, "banned": False}))
    rows = [row for row in about(house, person.id) if row["actor_id"] == desk.id]
    assert [row["event"] for row in rows] == [
        "notification.send", "activity.report", "wall.put", "wall.remove", "account.logout",
        "account.ban", "account.unban"]
    assert {row["outcome"] for row in rows} == {"ok"}
    assert [row["note"] for row in rows] == [""] * 5 + ["Spam", ""]
    assert rows[2]["detail"] == rows[3]["detail"] == f"wall={number}"


def test_an_event_that_came_twice_is_one_act(house, desk, person):
    event = {"user_id": person.id, "event_id": unique("event"), "posts": 1}
    for _ in range(2):
        ok(desk.post("/api/user/activity/", event))
    assert len(about(house, person.id, "activity.report")) == 1


def test_a_notification_that_is_not_wanted(house, desk, person):
    ok(person.post("/api/update/notifications/", {"end_campaign": False}))
    body = {"user_id": person.id, "title": "T", "message": "M", "type": "t", "code": "end_campaign"}
    assert ok(desk.post("/api/user/notification/", body))["delivered"] is False
    assert_row(last(house, person.id, "notification.send"), "notification.send", desk.id, person.id,
               "unwanted")


@pytest.mark.parametrize("path, event", [(BAN, "account.ban"),
                                         ("/api/user/force-logout/", "account.logout")])
def test_what_staff_may_not_do(house, desk, path, event):
    clerk = house.staff()
    answer = clerk.post(path, {"user_id": desk.id, "banned": True, "reason": "R"})
    assert_error(answer, 403, "permission_denied")
    assert_row(last(house, desk.id, event), event, clerk.id, desk.id, "denied")


def test_what_was_not_done_leaves_no_row(house, desk):
    before = len(exported(house, "--user-id", str(desk.id)))
    for path in (BAN, "/api/user/force-logout/", "/api/user/notification/", "/api/user/activity/"):
        answer = desk.post(path, {"user_id": 10**9, "banned": True, "reason": "R", "title": "T",
                                  "message": "M", "type": "t", "event_id": unique(), "posts": 1})
        assert_error(answer, 404, "user_not_found")
    assert len(exported(house, "--user-id", str(desk.id))) == before


def test_the_command_line(house):
    name = unique("clerk")
    house.cli("user", "add", name, "--email", f"{name}@example.com", "--staff", "--password-stdin",
              stdin=PASSWORD + "\n")
    clerk = house.login(name)
    house.cli("user", "grant", name, "--superuser")
    house.cli("user", "revoke", name, "--superuser", "--staff")
    house.cli("user", "ban", name, "--reason", "Gone")
    house.cli("user", "unban", name)
    house.cli("user", "logout", name)
    house.cli("user", "passwd", name, "--password-stdin", stdin="another " + PASSWORD + "\n")
    house.cli("key", "rotate")
    rows = [row for row in about(house, clerk.id) if row["via"] == "command line"]
    assert [(row["event"], row["detail"]) for row in rows] == [
        ("account.add", "staff active"), ("role.grant", "superuser"),
        ("role.revoke", "staff superuser"), ("account.ban", ""), ("account.unban", ""),
        ("account.logout", ""), ("password.set", "")]
    assert {row["actor_id"] for row in rows} == {None}
    assert rows[1]["user_agent"].startswith("rollcall user grant, uid ")
    assert any(row["event"] == "key.rotate" for row in exported(house))
    assert all(row["seq"] for row in rows)


def test_a_command_line_alone_seals_what_it_does(tmp_path):
    server = Server(tmp_path, QUICK)
    server.cli("user", "add", "olivia", "--email", "o@example.com", "--password-stdin",
               stdin=PASSWORD + "\n")
    assert verify(server).startswith("OK: 1 record,")


def test_every_route_that_acts_is_told_of():
    """Who adds a route for staff that writes must say here what the trail says of it."""
    told = {BAN, "/api/user/force-logout/", "/api/user/notification/", "/api/user/activity/",
            "/api/user/add-custom-social-wall/", "/api/user/remove-custom-social-wall/",
            "/api/user/sessions/end/", "/api/user/update/", "/api/user/role/"}  # test_dossier.py, test_account_edit.py
    acts = {route.path for route in routes() if route.auth == "STAFF" and "WRITE" in route.lane}
    assert acts == told


# ---- What is refused by the throttle ------------------------------------------------------------


def test_refused_attempts_are_counted_not_written_each(tmp_path):
    options = ["--hash-memory", "64", "--hash-passes", "1", "--login-burst", "3"]
    server = Server(tmp_path, options)
    server.start()
    victim = server.user()
    guess = message("POST", LOGIN, {"username": victim.username, "password": "guess"})
    answers = [answer.status_code for answer in together(server, [guess] * 60)]
    rows = about(server, victim.id, "login")
    assert sum(row["outcome"] == "failed" for row in rows) == answers.count(401)

    def refused():
        return [int(row["detail"].removeprefix("attempts="))
                for row in about(server, victim.id, "login") if row["outcome"] == "limited"]
    wait_until(lambda: sum(refused()) == answers.count(429))
    assert len(refused()) <= 2
    assert server.stop() == 0
    assert verify(server).startswith("OK")


def told(house, user_id, event):
    """How often a request was refused, in all records of it together."""
    rows = about(house, user_id, event)
    assert {(row["actor_id"], row["outcome"]) for row in rows} <= {(user_id, "denied")}
    return sum(int(row["detail"].removeprefix("attempts=")) for row in rows)


def test_who_is_no_staff_is_told_of(house, person):
    for path in (BAN, "/api/users/", "/api/audit/"):
        assert_error(person.post(path, {"user_id": 1, "banned": True}), 403, "permission_denied")
    wait_until(lambda: told(house, person.id, "access") == 3)


def test_another_sites_request_is_told_of(house, person):
    client = house.anonymous()
    ok(client.post("/api/action/login/", {"username": person.username, "password": PASSWORD}))
    answer = client.post("/api/action/logout/", headers={"Origin": "https://evil.example"})
    assert_error(answer, 403, "permission_denied")
    wait_until(lambda: told(house, person.id, "access.cross_site") == 1)


# ---- The chain ----------------------------------------------------------------------------------


def test_it_is_sealed_within_a_second(house, person):
    """Or some more, on a machine that does other things as well."""
    begun = time.monotonic()
    ok(person.post("/api/action/logout/"))
    wait_until(lambda: house.execute("SELECT COUNT(*) FROM audit WHERE seq IS NULL") == [(0,)])
    assert time.monotonic() - begun < 5


def number(n):
    return struct.pack(">q", n)


def sized(data):
    return number(len(data)) + data


def codes(kind):
    text = (ROOT / "src" / "core" / "audit.def").read_text()
    return {name: int(code) for code, name in
            re.findall(rf'^{kind}\((\d+), \w+, "([^"]+)"\)', text, re.MULTILINE)}


def microseconds(moment):
    whole, fraction = moment.removesuffix("Z").split(".")
    seconds = datetime.fromisoformat(whole).replace(tzinfo=timezone.utc).timestamp()
    return int(seconds) * 10**6 + int(fraction)


def test_anybody_can_recompute_it_from_an_export(house, desk, person):
    """As docs/audit.md describes it."""
    ok(desk.post(BAN, {"user_id": person.id, "banned": True, "reason": "naïve\r\n🦊"}))
    head_seq, _, head_digest = head(house).partition(":")
    events, outcomes = codes("EVENT"), codes("OUTCOME")
    via = {"server": 0, "http": 1, "command line": 2}
    rows = {row["seq"]: row for row in exported(house) if row["seq"]}
    digest = bytes(32)
    for seq in range(1, int(head_seq) + 1):
        row = rows[seq]
        personal = b"".join(sized(part) for part in (
            bytes.fromhex(row["salt"]), *(row[key].encode() for key in
                                          ("address", "user_agent", "note"))))
        commitment = hashlib.sha256(b"rollcall audit personal 1\n" + personal).digest()
        assert row["forgotten"] or commitment.hex() == row["commitment"]
        numbers = (seq, row["user_id"] or 0, row["id"], events[row["event"]],
                   outcomes[row["outcome"]], via[row["via"]], row["actor_id"] or 0,
                   microseconds(row["at"]))
        digest = hashlib.sha256(
            b"rollcall audit record 1\n" + digest + b"".join(map(number, numbers)) +
            sized(row["detail"].encode()) + sized(bytes.fromhex(row["commitment"]))).digest()
        assert digest.hex() == row["digest"], row
    assert digest.hex() == head_digest


# ---- Tampering ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A server that has stopped, with eleven records in its trail."""
    server = Server(tmp_path_factory.mktemp("trail"), QUICK)
    server.start()
    desk = server.staff(superuser=True)
    for name in ("anna", "bruno", "carol"):
        person = server.user(name)
        ok(desk.post(BAN, {"user_id": person.id, "banned": True, "reason": "Spam"}))
        ok(desk.post(BAN, {"user_id": person.id, "banned": False}))
    assert server.stop() == 0
    assert "11 records" in verify(server)
    for table in ("audit", "audit_ends"):
        server.execute(f"CREATE TABLE {table}_kept AS SELECT * FROM {table}")
    return server


@pytest.fixture
def trail(stopped):
    """The same again for every test."""
    yield stopped
    for table in ("audit", "audit_ends"):
        stopped.execute(f"DELETE FROM {table}")
        stopped.execute(f"INSERT INTO {table} SELECT * FROM {table}_kept")


CHANGES = {
    "user_id": "user_id + 1000", "id": "id + 1000", "event": "event + 1", "outcome": "2",
    "via": "2", "actor_id": "actor_id + 1", "created_at": "created_at + 1", "detail": "'x'",
    "address": "'192.0.2.1'", "user_agent": "'x'", "note": "'x'",
}


@pytest.mark.parametrize("column", CHANGES)
def test_a_record_that_was_edited_is_named(trail, column):
    trail.execute(f"UPDATE audit SET {column} = {CHANGES[column]} WHERE seq = 5")
    said = verify(trail, status=1).splitlines()
    assert said[0].startswith("record 5 (") and "changed" in said[0]
    assert said[1] == "1 fault"


def test_digests_made_anew_are_noticed_at_the_next_record(trail):
    trail.execute("UPDATE audit SET digest = (SELECT digest FROM audit WHERE seq = 2) WHERE seq = 5")
    said = verify(trail, status=1)
    assert said.startswith("record 5 (") and "\nrecord 6 (" in said


@pytest.mark.parametrize("seqs, sentence", [
    ("1", "record 1 is missing"), ("5", "record 5 is missing"),
    ("4, 5, 6", "records 4 to 6 are missing"), ("11", "record 11 is missing"),
    ("9, 10, 11", "records 9 to 11 are missing")])
def test_records_that_were_removed_are_named(trail, seqs, sentence):
    trail.execute(f"DELETE FROM audit WHERE seq IN ({seqs})")
    assert verify(trail, status=1).splitlines()[0] == sentence


def test_records_that_change_places_are_named(trail):
    for old, new in ((5, 100), (6, 5), (100, 6)):
        trail.execute(f"UPDATE audit SET seq = {new} WHERE seq = {old}")
    said = verify(trail, status=1)
    assert "record 5 (" in said and "record 6 (" in said


def test_a_record_that_was_unsealed_is_missing(trail):
    trail.execute("UPDATE audit SET seq = NULL, digest = NULL WHERE seq = 5")
    assert verify(trail, status=1).splitlines()[0] == "record 5 is missing"


def test_a_record_that_was_added_is_named(trail):
    trail.execute("INSERT INTO audit (user_id, id, event, outcome, via, actor_id, created_at, "
                  "detail, commitment, salt, address, user_agent, note, seq, digest) "
                  "SELECT user_id, 1000, event, outcome, via, actor_id, created_at, detail, "
                  "commitment, salt, address, user_agent, note, seq, digest FROM audit WHERE seq = 5")
    assert "record 5 (user=" in verify(trail, status=1)
    trail.execute("UPDATE audit SET seq = 12 WHERE id = 1000")
    said = verify(trail, status=1)
    assert "record 12 (" in said and "the chain ends at record 11, and there is a record 12" in said


def test_a_tail_that_was_cut_off_cleanly_is_missed_by_who_noted_the_head(trail):
    """All but what was noted elsewhere."""
    noted = verify(trail).splitlines()[-1].removeprefix("head ")
    trail.execute("DELETE FROM audit WHERE seq > 8")
    trail.execute("UPDATE audit_ends SET seq = 8, digest = (SELECT digest FROM audit WHERE seq = 8)")
    assert verify(trail).startswith("OK: 8 records")
    assert verify(trail, "--expect", noted, status=1).startswith(
        "record 11, which is expected, is not there")


def test_an_earlier_head_is_still_in_the_chain(trail):
    noted = verify(trail).splitlines()[-1].removeprefix("head ")
    trail.cli("user", "ban", "anna", "--reason", "R")
    assert "12 records" in verify(trail, "--expect", noted)
    wrong = noted[:-1] + ("0" if noted[-1] != "0" else "1")
    assert "not the one that is expected" in verify(trail, "--expect", wrong, status=1)


@pytest.mark.parametrize("noted", ["", "11", "x:y", "11:abc", "11:" + "g" * 64, "-1:" + "0" * 64])
def test_a_head_that_is_none_is_refused(trail, noted):
    assert trail.cli("audit", "verify", "--expect", noted, check=False).returncode == 2


def test_what_is_personal_cannot_be_taken_out_unnoticed(trail):
    """But of accounts that were erased."""
    trail.execute("UPDATE audit SET salt = NULL, address = NULL, user_agent = NULL, note = NULL "
                  "WHERE seq = 5")
    assert "no account was erased" in verify(trail, status=1)


# ---- Forgetting ---------------------------------------------------------------------------------


def test_an_erased_account_leaves_nothing_personal(house, desk):
    reason = unique("reason")
    clerk = house.staff(superuser=True)
    person = house.user()
    where = {"X-Forwarded-For": "203.0.113.77", "User-Agent": unique("Browser")}
    house.anonymous().post(LOGIN, {"username": person.username, "password": PASSWORD},
                           headers=where)
    ok(desk.post(BAN, {"user_id": person.id, "banned": True, "reason": reason}))
    ok(desk.post(BAN, {"user_id": person.id, "banned": False}))
    other = house.user()
    ok(clerk.post("/api/user/force-logout/", {"user_id": other.id}, headers=where))
    before = {row["id"]: row for row in exported(house)}
    for gone in (house.login(person.username), clerk):
        ok(gone.delete(ME, json={"password": PASSWORD}, headers=where))
    assert_row(about(house, person.id)[-1], "account.erase", person.id, person.id)
    rows = exported(house)
    for row in rows:
        if {person.id, clerk.id} & {row["user_id"], row["actor_id"]}:
            assert row["forgotten"] and not row["salt"]
            assert (row["address"], row["user_agent"], row["note"]) == ("", "", "")
        else:
            assert not row["forgotten"] or row["id"] not in before or before[row["id"]]["forgotten"]
    # Who did what to whom is still known.
    assert_row(about(house, other.id, "account.logout")[0], "account.logout", clerk.id, other.id)
    assert reason not in str(rows) and where["User-Agent"] not in str(rows)
    assert verify(house).startswith("OK")


def test_an_erasure_and_attempts_at_once_leave_nothing_personal(house):
    agent = unique("Racer")
    guess = {"password": "guess"}
    for _ in range(5):
        person = house.user()
        tries = [message("POST", LOGIN, {"username": person.username, **guess},
                         headers=[f"User-Agent: {agent}"]) for _ in range(12)]
        erase = message("DELETE", ME, {"password": PASSWORD}, person.access)
        answers = together(house, tries[:6] + [erase] + tries[6:])
        assert answers[6].status_code == 200
        for row in about(house, person.id):
            assert row["forgotten"], row
    assert verify(house).startswith("OK")


# ---- Age ----------------------------------------------------------------------------------------


def test_what_is_too_old_goes_and_the_rest_still_holds(tmp_path):
    server = Server(tmp_path, QUICK)
    for name in ("anna", "bruno", "carol", "dave"):
        server.cli("user", "add", name, "--email", f"{name}@example.com", "--password-stdin",
                   stdin=PASSWORD + "\n")
    # Times are covered by the chain: it has to be made anew for the records to be old.
    server.execute("UPDATE audit SET seq = NULL, digest = NULL, "
                   "created_at = created_at - CASE WHEN id < 4 THEN 10 ELSE 1 END * 86400000000")
    server.execute("DELETE FROM audit_ends")
    with Server(tmp_path, QUICK) as server:
        old = head(server)
    assert verify(server, "--expect", old).startswith("OK: 4 records")
    with Server(tmp_path, [*QUICK, "--audit-keep", "9"]) as server:
        pass
    rows = exported(server)
    assert [row["event"] for row in rows] == ["account.add", "audit.trim"]
    assert rows[1]["detail"].startswith("3:") and rows[1]["via"] == "server"
    said = verify(server, "--expect", old)
    assert said.startswith("OK: 2 records") and "Those up to 3 have been removed" in said
    assert verify(server, "--expect", rows[1]["detail"])
    server.execute("UPDATE audit_ends SET seq = 4, digest = (SELECT digest FROM audit WHERE seq = 4)"
                   " WHERE name = 'anchor'")
    server.execute("DELETE FROM audit WHERE seq = 4")
    assert "no record says" in verify(server, status=1)


# ---- Exporting ----------------------------------------------------------------------------------


def test_nothing_in_a_line_can_break_it(house, desk, person):
    reason = "one\r\ntwo\tthree \"quoted\" \\ ünï \u202e\u2066 🦊"
    answer = desk.post(BAN, {"user_id": person.id, "banned": True, "reason": reason})
    stored = reason if answer.status_code == 200 else None
    if stored is None:  # directional marks may be refused; the rest must go through
        stored = reason.replace("\u202e", "").replace("\u2066", "")
        ok(desk.post(BAN, {"user_id": person.id, "banned": True, "reason": stored}))
    done = house.cli("audit", "export", "--user-id", str(person.id))
    assert done.stdout.isascii()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", done.stdout)
    assert last(house, person.id, "account.ban")["note"] == stored


def test_by_name_and_by_day(house, person):
    head(house)
    rows = exported(house, "--user", person.username)
    assert rows and all(person.id in (row["user_id"], row["actor_id"]) for row in rows)
    assert exported(house, "--user", person.email) == rows
    today = rows[0]["at"][:10]
    assert exported(house, "--user", person.username, "--since", today) == rows
    assert exported(house, "--since", "9999-12-31") == []
    assert house.cli("audit", "export", "--user", unique(), check=False).returncode == 1
    for wrong in (("--since", "yesterday"), ("--user-id", "0"), ("--user-id", "x")):
        assert house.cli("audit", "export", *wrong, check=False).returncode == 2


def test_no_secret_is_in_it(house, desk):
    password = unique("Password of one's own ")
    person = house.user(password=password)
    again = house.login(person.username, password)
    ok(again.post("/careers/users/token/refresh/", {"refresh": again.refresh}))
    again.post("/careers/users/me/password/", {"current_password": password,
                                               "new_password": password + "2"})
    text = house.cli("audit", "export").stdout
    for secret in (password, again.access, again.refresh, "argon2"):
        assert secret not in text
    stored = str(house.execute("SELECT detail, note, user_agent FROM audit"))
    assert password not in stored and again.refresh not in stored


def test_a_full_pipe_is_an_error(house):
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([BINARY, "audit", "export", "--database", house.database], stdout=full,
                              stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == 1 and "standard output" in done.stderr


# ---- Moving house -------------------------------------------------------------------------------


@pytest.mark.parametrize("source, target", WAYS)
def test_it_moves_house(tmp_path, trail, source, target):
    noted = verify(trail).splitlines()[-1].removeprefix("head ")
    first, second = new_place(source, tmp_path), new_place(target, tmp_path)
    copy(trail.database, first.url)
    copy(first.url, second.url)
    moved = Server(tmp_path, QUICK, database=second.url)
    assert exported(moved) == exported(trail)
    with moved:
        staff = moved.login("bruno")
        ok(staff.post("/api/action/logout/"))
    assert verify(moved, "--expect", noted).startswith("OK: 13 records")
