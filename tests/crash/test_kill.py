"""kill -9 while everybody writes. What was acknowledged is there after the restart, what was not is
there as a whole or not at all, and every number is right."""
import time
from decimal import Decimal

from ledger import NEW, Disk, Ledger, Writer, compare
from rollcall import ok
from torture import count, report

ROUNDS = count(8, 200)
WRITERS = 6
ACKNOWLEDGED_PER_ROUND = 60


def write_until_killed(server, staff, people, everything):
    """The ledgers of this round."""
    crowd = [Writer(number, server, staff, people[number], people)
             for number in range(WRITERS)]
    for writer in crowd:
        writer.go_on_from(everything)
        writer.start()
    for writer in crowd:
        writer.await_answers(ACKNOWLEDGED_PER_ROUND)
    server.kill()
    for writer in crowd:
        writer.finish()
    return [writer.ledger for writer in crowd]


def check_totals(server, staff, person, everything):
    """Counters that the API shows are the sums of what is there."""
    events = sum(what[:2] == ("event", person.id) and values == {NEW}
                 for what, values in everything.may_be.items())
    stats = ok(person.get("/careers/users/me/stats/"))
    status = ok(staff.post("/api/user/status/", {"user_id": person.id}))
    assert stats["posts_count"] == 2 * events
    assert Decimal(str(status["total_earnings"])) == Decimal("0.25") * events


def restart(server):
    """How long it takes until it serves: recovery is its own work, not that of who reads the disk."""
    begin = time.monotonic()
    server.start()
    return time.monotonic() - begin


def test_no_acknowledged_write_is_lost(server):
    staff = server.staff()
    people = [server.user() for _ in range(WRITERS)]
    everything = Ledger()
    took = []
    for number in range(ROUNDS):
        ledgers = write_until_killed(server, staff, people, everything)
        took.append(restart(server))
        disk = Disk(server.database)
        for ledger in ledgers:
            compare(disk, ledger)
            everything.add(ledger)
        if number % 20 == 19 or number == ROUNDS - 1:
            compare(disk, everything)
        assert disk.is_sound()
        disk.close()
        check_totals(server, staff, people[number % WRITERS], everything)
        if number % 4 == 3:
            assert server.cli("check", "--search").stdout.startswith("OK")
    assert everything.acknowledged >= ROUNDS * WRITERS * ACKNOWLEDGED_PER_ROUND
    assert everything.cut == ROUNDS * WRITERS
    took.sort()
    assert took[len(took) * 9 // 10] < count(20, 2)  # nine in ten, and where little else runs
    report(rounds=ROUNDS, acknowledged_writes=everything.acknowledged,
           ms_to_be_ready_at_the_longest=round(took[-1] * 1000))
