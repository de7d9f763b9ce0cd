"""The power fails. A server under load is traced; from what it wrote and synced, states are built that
its disk may be in at some moment (power.py), and each is opened: everything whose acknowledgement had
left the server by then is there, and the rest of what was under way as a whole or not at all."""
import random
import shutil

import pytest

from ledger import Disk as Rows
from ledger import Ledger, Writer, compare
from power import LOSSES, Disk, contents
from rollcall import QUICK, Server
from strace import Event, TracedServer, read_events
from torture import FAULTY, count, report

WRITERS = 4
WRITES = count(8, 150)  # of each writer, in each of two runs
STATES = count(11, 550)
SMALL_LOG = ["--wal-limit", "1"]  # for many checkpoints
NAMES = ["rollcall.db", "rollcall.db-wal"]


class Recording:
    """Two runs of a server on the same files: the first is killed, the second recovers from that and
    ends as it should."""

    def __init__(self, folder, options=(), **how):
        folder.mkdir()
        with Server(folder, QUICK) as server:
            self.staff = server.staff()
            self.people = [server.user() for _ in range(WRITERS)]
        self.disk = Disk(folder, NAMES)
        self.server = TracedServer(folder, [*QUICK, *options], **how)
        self.server.start()
        self.crowds = [self.crowd({})]
        for writer in self.crowds[0]:
            writer.start()
        for writer in self.crowds[0]:
            writer.await_answers(WRITES)
        self.server.kill()
        for writer in self.crowds[0]:
            writer.finish()
        killed = Event("killed", found=contents(folder, NAMES))
        self.server.start()
        self.crowds.append(self.crowd(self.edges(), limit=WRITES))
        for writer in self.crowds[1]:
            writer.start()
        for writer in self.crowds[1]:
            writer.finish()
        assert self.server.stop() == 0, self.server.output
        first, second = (read_events(trace) for trace in self.server.traces)
        self.events, self.second_run = [*first, killed, *second], len(first)

    def crowd(self, edges, **more):
        crowd = [Writer(number, self.server, self.staff, person, self.people, patient=True, **more)
                 for number, person in enumerate(self.people)]
        for writer in crowd:
            writer.edges = {what: value for what, value in edges.items() if what[1] == writer.me.id}
        return crowd

    def edges(self):
        """As the server has recovered them."""
        rows = Rows(self.server.database)
        found = {("edge", one.id, other.id): rows.edge(one.id, other.id)
                 for one in self.people for other in self.people if one is not other}
        rows.close()
        return found

    @property
    def refused(self):
        return sum(writer.ledger.refused for crowd in self.crowds for writer in crowd)

    def known(self, moment, answers):
        """What the clients knew at that moment; `answers` are those that had left the server."""
        ledger = Ledger()
        for crowd in self.crowds[:1 + (moment >= self.second_run)]:
            for writer in crowd:
                for name, what, value in writer.history:
                    ledger.begin(what, value)
                    if name not in answers:
                        break
                    if answers[name] < 300:
                        ledger.acknowledge(what, value)
        return ledger


def moments(events, states, random_numbers):
    """Half of them right behind an acknowledgement, where the disk is owed the most."""
    answers = [at for at, event in enumerate(events) if event.kind == "answer"]
    chosen = [random_numbers.choice(answers) for _ in range(states // 2)]
    chosen += [random_numbers.randrange(len(events)) for _ in range(states - len(chosen))]
    return sorted(chosen)


def check(folder, ledger):
    """Opens a disk that has lost power."""
    server = Server(folder)
    assert server.cli("check").stdout.startswith("OK")
    rows = Rows(server.database)
    try:
        assert rows.is_sound()
        compare(rows, ledger)
    finally:
        rows.close()
    return ledger.acknowledged


def replay(recording, folder, states=STATES):
    """Ends at the first state in which something is missing; how much has been looked for."""
    numbers = random.Random(len(recording.events))
    due = moments(recording.events, states, numbers)
    answers, looked_for, state = {}, 0, 0
    for moment, event in enumerate(recording.events):
        if event.kind == "answer" and event.phase == "begin":
            answers[event.name] = event.status
        else:
            recording.disk.take(event)
        while state < len(due) and due[state] == moment:
            loss = LOSSES[state % len(LOSSES)]
            folder.mkdir()
            recording.disk.leave(folder, loss, numbers)
            try:
                looked_for += check(folder, recording.known(moment, answers))
            except AssertionError as error:
                raise AssertionError(f"state {state}, after event {moment} of "
                                     f"{len(recording.events)}, {loss.name}") from error
            shutil.rmtree(folder)
            state += 1
    report(events=len(recording.events), syncs=recording.disk.syncs, states=state,
           acknowledged_writes_looked_for=looked_for, refused=recording.refused)
    return looked_for


@pytest.mark.parametrize("faults, options", [
    ([], SMALL_LOG), (["fdatasync:error=EIO:when=7+9"], []),
    (["pwrite64:error=ENOSPC:when=300+501"], [])], ids=["", "bad-syncs", "bad-writes"])
def test_nothing_acknowledged_is_lost_with_the_power(tmp_path, faults, options):
    """Also when before that the disk had failed now and then."""
    recording = Recording(tmp_path / "live", options, faults=faults)
    assert bool(recording.refused) == bool(faults)
    assert replay(recording, tmp_path / "state") > 0


def test_a_log_that_is_not_synced_at_commits_is_found_out(tmp_path):
    """The same with SQLite's synchronous = NORMAL: or else the test above would prove nothing."""
    recording = Recording(tmp_path / "live", SMALL_LOG,
                          preload=[f"LD_PRELOAD={FAULTY}", "FAULTY_SYNCHRONOUS=NORMAL"])
    with pytest.raises(AssertionError, match=r"^state \d+, after event"):
        replay(recording, tmp_path / "state", states=110)
