"""SIGTERM while everybody writes. Whatever was sent whole before it is answered, and what was answered
is kept; who comes after it may be turned away."""
import random
import signal
import time

from ledger import Disk, Ledger, Writer, compare
from rollcall import QUICK, Server
from torture import count, report

ROUNDS = count(4, 60)
WRITERS = 8


def write_until_told(server, staff, people, everything, writes):
    crowd = [Writer(number, server, staff, person, people) for number, person in enumerate(people)]
    for writer in crowd:
        writer.go_on_from(everything)
        writer.start()
    for writer in crowd:
        writer.await_answers(writes)
    told = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    for writer in crowd:
        writer.finish()
        assert writer.line.sent is None or writer.line.sent >= told, (
            f"a request that was sent {told - writer.line.sent:.4f} s before the signal was not answered")
        everything.add(writer.ledger)
    assert server.stop() == 0, server.output


def test_nothing_that_was_sent_before_the_signal_is_lost(tmp_path):
    server = Server(tmp_path, QUICK).start()
    staff = server.staff()
    people = [server.user() for _ in range(WRITERS)]
    everything, numbers = Ledger(), random.Random(1)
    for _ in range(ROUNDS):
        write_until_told(server, staff, people, everything, numbers.randrange(1, 40))
        server.start()
        disk = Disk(server.database)
        compare(disk, everything)
        disk.close()
    assert server.cli("check").stdout.startswith("OK")
    assert server.stop() == 0, server.output
    report(rounds=ROUNDS, acknowledged_writes=everything.acknowledged)
