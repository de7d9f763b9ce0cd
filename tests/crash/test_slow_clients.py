"""Clients that are slow, on purpose or not: those who send their head or body a byte at a time, those
who do not read their replies, those who say nothing at all. They cost memory, and little of it, never a
thread; everybody else is served as if they were not there."""
import math
import os
import resource
import socket
import time
from pathlib import Path

import pytest

from crowd import Line, message
from rollcall import QUICK, Server, ok, wait_until
from torture import FULL, count, report

SLOW = count(60, 500)  # of each kind; far more than there are threads
IDLE = count(1000, 10_000)
ROUNDS = count(25, 500)  # of what everybody else asks meanwhile
PATIENT = ["--header-timeout", "120s", "--body-timeout", "120s", "--idle-timeout", "300s"]
LIST = message("GET", "/careers/users/?batch_size=100")
KILOBYTE = 1024


@pytest.fixture(scope="module", autouse=True)
def descriptors():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


class Frugal(Server):
    """What is freed is free: AddressSanitizer keeps it for a while otherwise."""

    def _environment(self):
        environment = super()._environment()
        environment["ASAN_OPTIONS"] += ":quarantine_size_mb=0:thread_local_quarantine_size_kb=0"
        return environment


@pytest.fixture
def house(tmp_path):
    with Frugal(tmp_path, QUICK + PATIENT + ["--connections", str(IDLE + 4 * SLOW + 100)]) as running:
        running.people = [running.user(bio="b" * 1900) for _ in range(20)]
        yield running


class Slow:
    """A crowd that trickles: each says the beginning, then a byte now and then."""

    def __init__(self, house, beginning, small=False):
        self.connections = []
        for _ in range(SLOW):
            connection = socket.socket()
            if small:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(house.address)
            connection.sendall(beginning)
            self.connections.append(connection)

    def trickle(self, byte):
        for connection in self.connections:
            connection.send(byte)

    def waiting(self):
        """How many have neither been answered nor sent away."""
        count = 0
        for connection in self.connections:
            try:
                connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            except BlockingIOError:
                count += 1
        return count

    def close(self):
        for connection in self.connections:
            connection.close()


def is_done(house):
    """Whether the server computes no more than what it does of its own accord."""
    def computed():
        fields = Path(f"/proc/{house.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    before = computed()
    time.sleep(0.5)
    return computed() - before < 0.05


def healthy(house, person):
    """A read, a list, a write and a login, over and over."""
    return [message("GET", "/careers/users/me/", None, person.access), LIST,
            message("PATCH", "/careers/users/me/update/", {"first_name": "A"}, person.access),
            message("POST", "/careers/users/login/", {"username": person.username,
                                                      "password": person.password})]


def ask_all(house, rounds, trickle=lambda: None):
    """Seconds that each answer took."""
    line, took = Line(house), []
    requests = healthy(house, house.people[0])
    for _ in range(rounds):
        trickle()
        for request in requests:
            begin = time.monotonic()
            assert line.ask(request).status_code == 200
            took.append(time.monotonic() - begin)
    line.close()
    return took


def p99(seconds):
    return sorted(seconds)[math.ceil(len(seconds) * 0.99) - 1]


def assert_undisturbed(took, alone):
    """The bar, or, where the machine has other things to do as well, what it was before."""
    if FULL:
        report(ms_p99=round(p99(took) * 1000, 1), ms_p99_before=round(p99(alone) * 1000, 1))
        assert p99(took) < max(0.05, 2 * p99(alone))


def test_who_is_slow_delays_nobody(house):
    alone = ask_all(house, ROUNDS)
    head = Slow(house, b"GET /careers/users/ HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    body = Slow(house, b"POST /careers/users/login/ HTTP/1.1\r\nHost: x\r\n"
                       b"Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n{")
    reader = Slow(house, LIST * 100, small=True)  # more than sockets hold, and none of it is read
    wait_until(lambda: is_done(house))  # with what they take of it; until then they are not slow
    assert reader.waiting() == 0

    def trickle():
        head.trickle(b"x")
        body.trickle(b" ")
    took = ask_all(house, ROUNDS, trickle)
    assert head.waiting() == body.waiting() == SLOW
    assert_undisturbed(took, alone)
    for crowd in (head, body, reader):
        crowd.close()


def resident(house):
    """Bytes of memory that are the server's own."""
    with open(f"/proc/{house.process.pid}/smaps_rollup") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Private_")) * KILOBYTE


def idle(house, count):
    """Connections that have asked once: clients, not strangers."""
    request = message("GET", "/careers/users/me/", None, house.people[1].access)
    held = [house.connect() for _ in range(count)]
    for connection in held:
        connection.sendall(request)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    return held


def test_who_is_idle_costs_next_to_nothing(house):
    """In threads none, in memory at most 8 KiB: what each costs beyond the first few."""
    alone = ask_all(house, ROUNDS)
    held = idle(house, IDLE // 5)
    threads, before = len(os.listdir(f"/proc/{house.process.pid}/task")), resident(house)
    held += idle(house, IDLE - len(held))
    each = (resident(house) - before) / (IDLE * 4 // 5)
    took = ask_all(house, ROUNDS)
    assert len(os.listdir(f"/proc/{house.process.pid}/task")) == threads
    assert each <= 8 * KILOBYTE, each
    report(idle_connections=IDLE, bytes_each=round(each))
    assert_undisturbed(took, alone)
    for connection in held:
        connection.close()
    ok(house.people[0].get("/careers/users/me/"))


def test_who_asks_on_and_on_is_heard_no_further_than_answered(house):
    """And takes none of the answers: what the server does not want yet is left to the network."""
    requests = memoryview(message("GET", "/careers/users/nobody/") * 40_000)
    before, sent = resident(house), 0
    connection = house.connect()
    connection.setblocking(False)
    while sent < 64 * KILOBYTE * KILOBYTE:
        try:
            sent += connection.send(requests[sent % len(requests):])
        except BlockingIOError:
            if is_done(house):
                break
    assert resident(house) - before < 8 * KILOBYTE * KILOBYTE
    connection.close()
