"""Erasing an account for good: nothing of it is left in the files, and the restore of an older backup
does not bring it back."""
import shutil

import pytest

import cluster
import rows
from rollcall import (PASSWORD, POSTGRES, QUICK, Server, another_program, assert_error, edge_counts,
                      ok, unique, wait_until)

ME = "/careers/users/me/"
ADDRESS = "203.0.113.77"
AGENT = "Peculiar-Browser/17"


def erase(client):
    ok(client.delete(ME, json={"password": PASSWORD}))


# ---- Nothing is left ----------------------------------------------------------------------------


def leave_traces(server, staff):
    """Somebody who has put a word of their own wherever one can; and those words."""
    name = unique("erika")
    data = {"first_name": "Érikawort", "last_name": "Músterwort", "bio": "Biographiewort",
            "avatar": "https://example.com/bildwort.png", "birth_date": "1951-03-17"}
    someone = server.user(name, email=f"{name}@adressenwort.example", **data)
    headers = {"X-Forwarded-For": ADDRESS, "User-Agent": AGENT}
    ok(server.anonymous().post("/careers/users/login/", {"username": name, "password": PASSWORD},
                               headers=headers))
    ok(someone.post("/api/update/profile/", {"phone": "+4915155512377",
                                             "timezone": "Antarctica/Troll"}))
    about = {"user_id": someone.id}
    ok(staff.post("/api/user/notification/",
                  {**about, "title": "Titelwort", "message": "Nachrichtenwort", "type": "typwort",
                   "data": {"feldwort": 1}}))
    ok(staff.post("/api/user/add-custom-social-wall/",
                  {**about, "wall_url": "https://wandwort.example/", "network": "x",
                   "description": "Beschreibungswort"}))
    ok(staff.post("/api/user/activity/", {**about, "event_id": "ereigniswort", "posts": 1}))
    server.execute("UPDATE users SET ban_reason = 'Grundwort' WHERE id = ?", someone.id)
    stored = server.execute("SELECT password FROM credentials WHERE user_id = ?", someone.id)[0][0]
    words = [name, "adressenwort", "Érikawort", "erikawort", "Músterwort", "musterwort",
             "Biographiewort", "bildwort", "+4915155512377", "Antarctica/Troll", "Titelwort",
             "Nachrichtenwort", "typwort", "feldwort", "wandwort", "Beschreibungswort",
             "ereigniswort", "Grundwort", ADDRESS, AGENT, stored.split("$")[-1]]
    return someone, [word.encode() for word in words]


def vacuumed(server):
    """What is in the files once the database has given back what it no longer uses."""
    if not POSTGRES:
        with another_program(server.database.removeprefix("sqlite:")) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.execute("VACUUM")
    return server.stored()


def test_no_datum_is_left_in_the_files(tmp_path):
    with Server(tmp_path, QUICK + ["--trusted-proxy", "127.0.0.1"]) as server:
        someone, words = leave_traces(server, server.staff())
        before = server.stored()
        assert [word for word in words if word not in before] == [], "the test would prove nothing"
        server.cli("user", "erase", someone.username, "--yes")
    after = vacuumed(server)
    assert [word for word in words if word in after] == []
    assert words[0].decode() not in server.output
    assert server.cli("check", "--search").stdout.startswith("OK")


def test_the_command_line_wants_to_be_told_twice(server, user):
    done = server.cli("user", "erase", user.username, check=False)
    assert done.returncode == 2 and "--yes" in done.stderr
    assert ok(user.get(ME))
    assert "is erased" in server.cli("user", "erase", user.username, "--yes").stdout
    assert_error(user.get(ME), 401, "token_invalid")


# ---- Very many followers ------------------------------------------------------------------------


def test_a_star_goes_with_all_its_edges(tmp_path):
    """More edges than one transaction takes, in both directions."""
    with Server(tmp_path, QUICK) as server:
        star, fan, idol = server.user(), server.user(), server.user()
        rows.add_followers(server, star.id, 5300)
        ok(fan.post("/careers/users/follow/", {"following": star.id}), 201)
        ok(star.post("/careers/users/follow/", {"following": idol.id}), 201)
        erase(star)
        assert (edge_counts(fan), edge_counts(idol)) == ((0, 0), (0, 0))
        assert server.execute("SELECT count(*) FROM follows")[0][0] == 0
        assert server.execute("SELECT count(*) FROM user_counts WHERE following <> 0")[0][0] == 0


# ---- Backups ------------------------------------------------------------------------------------


class Vault:
    """Backs a stopped server's database up and restores it, as an operator would."""

    def __init__(self, server, folder):
        self.server, self.copy = server, folder / "backup.db"

    def back_up(self):
        if POSTGRES:
            self.copy = cluster.fresh_database(POSTGRES, self._name(self.server.database))
        else:
            shutil.copy(self.server.database.removeprefix("sqlite:"), self.copy)

    def restore(self):
        if POSTGRES:
            self.server.database = cluster.fresh_database(POSTGRES, self._name(self.copy))
        else:
            shutil.copy(self.copy, self.server.database.removeprefix("sqlite:"))

    @staticmethod
    def _name(url):
        return url.split("?")[0].rsplit("/", 1)[1]


@pytest.fixture
def house(tmp_path):
    """A server that keeps a journal on either engine."""
    journal = tmp_path / "journal"
    server = Server(tmp_path, QUICK + ["--erasure-journal", str(journal)])
    server.journal = journal
    server.vault = Vault(server, tmp_path)
    return server


def test_a_restored_backup_does_not_bring_an_account_back(house):
    with house:
        leaver, stayer = house.user(), house.user()
        ok(stayer.post("/careers/users/follow/", {"following": leaver.id}), 201)
    house.vault.back_up()
    with house:
        erase(house.login(leaver.username))
        assert house.login(stayer.username)
    assert f"{leaver.id} ".encode() in house.journal.read_bytes()
    assert leaver.username.encode() not in house.journal.read_bytes()
    house.vault.restore()
    with house:
        answer = house.anonymous().post("/careers/users/login/", {"username": leaver.username,
                                                                  "password": PASSWORD})
        assert_error(answer, 401, "invalid_credentials")
        assert edge_counts(house.login(stayer.username)) == (0, 0)
        assert "erased again count=1" in house.output
    assert house.cli("check", "--search").stdout.startswith("OK")
    with house:
        assert "erased again" not in house.output


def test_who_registers_after_a_restore_is_not_taken_for_who_was_erased(house):
    with house:
        house.user()
    house.vault.back_up()
    with house:
        house.user()
        later = house.user()
        erase(later)
    house.vault.restore()
    with house:
        newcomer = house.user()
        assert newcomer.id > later.id
    with house:
        assert house.login(newcomer.username)
        assert "erased again" not in house.output


def test_whoever_got_the_id_of_somebody_erased_is_left_alone(house):
    """Because the restored server ran without the journal for a while."""
    with house:
        house.user()
    house.vault.back_up()
    with house:
        erased = house.user()
        erase(erased)
    house.vault.restore()
    unaware = Server(house.directory, QUICK + ["--erasure-journal", str(house.directory / "other")],
                     database=house.database)
    with unaware:
        newcomer = unaware.user()
        assert newcomer.id == erased.id
    with house:
        assert house.login(newcomer.username)


def test_the_command_line_erases_again_too(house):
    with house:
        leaver = house.user()
    house.vault.back_up()
    journal = ["--erasure-journal", str(house.journal)]
    house.cli("user", "erase", leaver.username, "--yes", *journal)
    house.vault.restore()
    assert house.cli("user", "show", leaver.username).returncode == 0
    assert house.cli("user", "erase-again", *journal).stdout == "1 account erased again\n"
    assert house.cli("user", "erase-again", *journal).stdout == "0 accounts erased again\n"
    assert house.cli("user", "show", leaver.username, check=False).returncode == 1


def test_a_journal_that_was_lost_is_written_again(house):
    with house:
        leaver = house.user()
        erase(leaver)
    house.journal.unlink()
    with house:
        assert f"\n{leaver.id} ".encode() in house.journal.read_bytes()


def test_what_a_crash_cut_off_is_passed_over(house):
    with house:
        first, second = house.user(), house.user()
        erase(first)
    with house.journal.open("ab") as journal:
        journal.write(b"99")
    with house:
        erase(second)
    lines = house.journal.read_text().splitlines()
    assert [line.split()[0] for line in lines[1:]] == [str(first.id), str(second.id)]


def test_the_journal_of_another_database_is_refused(house, tmp_path):
    with house:
        erase(house.user())
    (tmp_path / "elsewhere").mkdir()
    other = Server(tmp_path / "elsewhere", QUICK + ["--erasure-journal", str(house.journal)])
    with pytest.raises(RuntimeError, match="belongs to another database"):
        other.start()
    assert other.process.wait(10) == 1


@pytest.mark.parametrize("damage", [b"not a number\n", b"17\n", b"-1 5\n", b"\n"])
def test_a_damaged_journal_is_refused(house, damage):
    with house:
        erase(house.user())
    with house.journal.open("ab") as journal:
        journal.write(damage)
    with pytest.raises(RuntimeError, match="damaged in line 3"):
        house.start()
    assert house.process.wait(10) == 1


def test_the_account_is_gone_though_the_journal_cannot_be_written(house):
    """It is in the database; the journal follows as soon as it can."""
    with house:
        house.journal.mkdir()
        leaver = house.user()
        erase(leaver)
        assert_error(leaver.get(ME), 401, "token_invalid")
        house.journal.rmdir()
        wait_until(lambda: house.journal.exists() and
                   f"\n{leaver.id} ".encode() in house.journal.read_bytes())


@pytest.mark.skipif(bool(POSTGRES), reason="beside a file, by itself")
def test_sqlite_has_its_journal_beside_the_database(tmp_path):
    with Server(tmp_path, QUICK) as server:
        leaver = server.user()
        erase(leaver)
    journal = tmp_path / "rollcall.db-erased"
    assert f"\n{leaver.id} ".encode() in journal.read_bytes()
    assert journal.stat().st_mode & 0o777 == 0o600
