"""Connections from their first to their last byte: timeouts, the cap, listeners, slow readers,
other origins, and how a server ends."""
import signal
import socket
import stat
import subprocess
import threading
import time

import pytest

from crowd import at_end, message, read_answer, read_answers
from rollcall import BINARY, PASSWORD, QUICK, Server, assert_error, ok, wait_until

LIST = message("GET", "/careers/users/")
ASK = message("POST", "/api/check/auth/")
CLOSE = message("GET", "/careers/users/", headers=["Connection: close"])


def one_answer(connection):
    return read_answers(connection, 1)[0]


def ask(connection, data=LIST):
    connection.sendall(data)
    return one_answer(connection)


# ---- Timeouts -----------------------------------------------------------------------------------

SHORT = QUICK + ["--header-timeout", "300ms", "--body-timeout", "300ms", "--idle-timeout", "300ms"]


@pytest.fixture(scope="module")
def hasty(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("hasty"), SHORT) as running:
        yield running


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("connections"), QUICK) as running:
        yield running


def assert_timed_out(connection):
    """The server gives up by itself: nothing is sent or closed on this side."""
    begin = time.monotonic()
    answer = one_answer(connection)
    assert_error(answer, 408, "request_timeout")
    assert answer.headers["Connection"] == "close"
    assert at_end(connection)
    assert 0.2 < time.monotonic() - begin < 9


@pytest.mark.parametrize("data", [LIST[:1], LIST[:20], LIST[:-2], LIST[:-1]],
                         ids=range(4))
def test_a_head_that_does_not_arrive_is_given_up(hasty, data):
    with hasty.connect() as connection:
        connection.sendall(data)
        assert_timed_out(connection)


@pytest.mark.parametrize("framing, body", [
    ("Content-Length: 9", b""), ("Content-Length: 9", b"12345678"),
    ("Transfer-Encoding: chunked", b""), ("Transfer-Encoding: chunked", b"5\r\n123"),
    ("Transfer-Encoding: chunked", b"0\r\n"), ("Transfer-Encoding: chunked", b"0\r\nX: 1\r\n")])
def test_a_body_that_does_not_arrive_is_given_up(hasty, framing, body):
    with hasty.connect() as connection:
        connection.sendall(message("POST", "/api/check/auth/", headers=[framing]) + body)
        assert_timed_out(connection)


def test_a_connection_that_says_nothing_is_closed_without_a_word(hasty):
    with hasty.connect() as connection:
        assert connection.recv(1) == b""


def test_a_connection_that_has_nothing_more_to_say_is_closed(hasty):
    with hasty.connect() as connection:
        assert ask(connection).status_code == 200
        assert connection.recv(1) == b""


def drip(connection, data):
    """A byte every now and then, until the server has had enough."""
    pause = threading.Event()
    for byte in data:
        try:
            connection.sendall(bytes([byte]))
        except OSError:
            return
        pause.wait(0.02)


@pytest.mark.parametrize("head, trickle", [
    (b"GET /", b"a" * 2000),
    (message("POST", "/api/check/auth/", headers=["Content-Length: 2000"]), b" " * 2000),
    (message("POST", "/api/check/auth/", headers=["Transfer-Encoding: chunked"]),
     b"1\r\n \r\n" * 400)], ids=["line", "body", "chunks"])
def test_a_trickle_does_not_win_time(hasty, head, trickle):
    with hasty.connect() as connection:
        connection.sendall(head)
        dripping = threading.Thread(target=drip, args=(connection, trickle))
        begin = time.monotonic()
        dripping.start()
        assert one_answer(connection).status_code == 408
        assert time.monotonic() - begin < 9
        connection.shutdown(socket.SHUT_RDWR)
        dripping.join()


def test_who_keeps_asking_is_kept(hasty):
    with hasty.connect() as connection:
        pause = threading.Event()
        for _ in range(8):
            assert ask(connection).status_code == 200
            pause.wait(0.1)


# ---- The cap ------------------------------------------------------------------------------------


def test_one_connection_too_many_is_told_so(tmp_path):
    with Server(tmp_path, QUICK + ["--connections", "5"]) as server:
        held = [server.connect() for _ in range(5)]
        for connection in held:
            assert ask(connection).status_code == 200
        for _ in range(3):
            with server.connect() as refused:
                answer = one_answer(refused)
                assert_error(answer, 503, "unavailable")
                assert int(answer.headers["Retry-After"]) >= 1
                assert answer.headers["Connection"] == "close"
        for connection in held:
            assert ask(connection).status_code == 200
        held.pop().close()
        wait_until(lambda: server.raw(LIST).status == 200)
        for connection in held:
            connection.close()


def test_a_thousand_connections_are_served(house):
    """Idle ones cost nothing but a descriptor."""
    held = [house.connect() for _ in range(1000)]
    for connection in held:
        connection.sendall(LIST)
    assert {one_answer(connection).status_code for connection in held} == {200}
    for connection in held:
        connection.close()


# ---- Listeners ----------------------------------------------------------------------------------

PATHS = {"careers": "/careers/users/", "app": "/api/check/auth/", "backend": "/api/check/login/"}


def served(server, listener):
    """The surfaces that a listener answers for."""
    client = server.anonymous(listener)
    return {name for name, path in PATHS.items() if client.request(
        "GET" if name == "careers" else "POST", path).status_code != 404}


def test_each_listener_has_its_surfaces(tmp_path):
    listens = ["127.0.0.1:0=careers,app", "127.0.0.1:0=backend", "[::1]:0=app", "127.0.0.1:0"]
    with Server(tmp_path, QUICK, listens=listens) as server:
        assert [served(server, i) for i in range(4)] == [
            {"careers", "app"}, {"backend"}, {"app"}, {"careers", "app", "backend"}]


def test_localhost_is_both_families(tmp_path):
    with Server(tmp_path, QUICK, listens=["localhost:0"]) as server:
        port = int(server.url.rsplit(":", 1)[1])
        for host in ("127.0.0.1", "::1"):
            with socket.create_connection((host, port), timeout=10) as connection:
                assert ask(connection).status_code == 200


def unix_connection(path):
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(10)
    connection.connect(str(path))
    return connection


def test_a_unix_socket_is_a_listener(tmp_path):
    path = tmp_path / "socket"
    with Server(tmp_path, QUICK, listens=[f"unix:{path}=app"]):
        assert stat.S_ISSOCK(path.stat().st_mode)
        with unix_connection(path) as connection:
            assert ask(connection, ASK).status_code == 200
            assert ask(connection, LIST).status_code == 404
    assert not path.exists()


def test_a_unix_socket_left_behind_is_replaced(tmp_path):
    path = tmp_path / "socket"
    killed = Server(tmp_path, QUICK, listens=[f"unix:{path}"]).start()
    killed.kill()
    assert path.exists()
    with Server(tmp_path, QUICK, listens=[f"unix:{path}"]), unix_connection(path) as connection:
        assert ask(connection).status_code == 200


def refuses_to_start(directory, *listens, options=()):
    """Its exit status and what it said."""
    command = [BINARY, "serve", "--database", f"sqlite:{directory}/refused.db", *QUICK, *options]
    for listen in listens:
        command += ["--listen", listen]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=60,
                          check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_file_that_is_no_socket_is_left_alone(tmp_path):
    path = tmp_path / "precious"
    path.write_text("data")
    status, said = refuses_to_start(tmp_path, f"unix:{path}")
    assert (status, path.read_text()) == (1, "data")
    assert str(path) in said


def test_a_unix_socket_in_use_is_left_alone(tmp_path):
    path = tmp_path / "socket"
    with Server(tmp_path, QUICK, listens=[f"unix:{path}"]):
        status, said = refuses_to_start(tmp_path, f"unix:{path}")
        assert status == 1 and str(path) in said
        with unix_connection(path) as connection:
            assert ask(connection).status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
def test_a_port_in_use_is_said_to_be(tmp_path, host):
    with Server(tmp_path, QUICK, listens=[f"{host}:0"]) as server:
        port = server.url.rsplit(":", 1)[1]
        status, said = refuses_to_start(tmp_path, f"{host}:{port}")
        assert status == 1
        assert f"{host}:{port}" in said and "in use" in said
        assert server.raw(LIST).status == 200


def test_one_listener_that_cannot_be_had_is_one_too_many(tmp_path):
    with Server(tmp_path, QUICK) as server:
        taken = server.url.removeprefix("http://")
        path = tmp_path / "other"
        status, _ = refuses_to_start(tmp_path, f"unix:{path}", taken)
        assert status == 1
        assert not path.exists()


@pytest.mark.parametrize("listen", ["127.0.0.1", "127.0.0.1:99999", "nowhere.example:80", ":80",
                                    "127.0.0.1:0=", "127.0.0.1:0=all", "127.0.0.1:0=app,,careers",
                                    "unix:", "unix:relative", "127.0.0.1:-1", "::1:0"])
def test_a_listener_that_makes_no_sense_is_refused(tmp_path, listen):
    status, said = refuses_to_start(tmp_path, listen)
    assert status in (1, 2) and said
    assert "Sanitizer" not in said


# ---- Other origins ------------------------------------------------------------------------------

ORIGIN = "https://app.example.com"


@pytest.fixture(scope="module")
def open_house(tmp_path_factory):
    options = QUICK + ["--origin", ORIGIN, "--origin", "http://localhost:3000"]
    with Server(tmp_path_factory.mktemp("origin"), options) as running:
        yield running


def preflight(server, origin, method="PATCH", path="/careers/users/me/update/"):
    return server.anonymous().request("OPTIONS", path, headers={
        "Origin": origin, "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization, content-type, x-evil"})


def access_headers(answer):
    return {name.lower(): value for name, value in answer.headers.items()
            if name.lower().startswith("access-control-")}


@pytest.mark.parametrize("origin", [ORIGIN, "http://localhost:3000"])
def test_a_configured_origin_may_ask(open_house, origin):
    answer = preflight(open_house, origin)
    assert answer.status_code == 204
    found = access_headers(answer)
    assert found["access-control-allow-origin"] == origin
    assert found["access-control-allow-credentials"] == "true"
    assert "PATCH" in found["access-control-allow-methods"]
    allowed = found["access-control-allow-headers"].lower()
    assert "authorization" in allowed and "content-type" in allowed and "x-evil" not in allowed
    assert "Origin" in answer.headers["Vary"]


def test_answers_to_a_configured_origin_say_so_errors_included(open_house):
    for path, status in (("/careers/users/", 200), ("/careers/users/me/", 401), ("/nowhere", 404)):
        answer = open_house.anonymous().get(path, headers={"Origin": ORIGIN})
        assert answer.status_code == status
        assert access_headers(answer)["access-control-allow-origin"] == ORIGIN


@pytest.mark.parametrize("origin", ["https://evil.example.com", "https://app.example.com.evil.org",
                                    "http://app.example.com", "https://app.example.com:444",
                                    "null", "*", "https://APP.example.com", ""])
def test_no_other_origin_may(open_house, origin):
    for answer in (preflight(open_house, origin),
                   open_house.anonymous().get("/careers/users/", headers={"Origin": origin})):
        assert access_headers(answer) == {}
        assert "Origin" in answer.headers["Vary"]


def test_without_configured_origins_none_may(house):
    assert access_headers(preflight(house, ORIGIN)) == {}


def test_a_request_without_an_origin_is_told_nothing_of_it(open_house):
    assert access_headers(open_house.anonymous().get("/careers/users/")) == {}


@pytest.mark.parametrize("path, methods", [
    ("/careers/users/", {"GET", "HEAD", "OPTIONS"}),
    ("/careers/users/me/", {"GET", "HEAD", "DELETE", "OPTIONS"}),
    ("/careers/users/login/", {"POST", "OPTIONS"}),
    ("/api/get/profile/", {"POST", "OPTIONS"})])
def test_options_and_wrong_methods_name_the_right_ones(house, path, methods):
    for method, status in (("OPTIONS", 204), ("PUT", 405)):
        answer = house.anonymous().request(method, path)
        assert answer.status_code == status
        got = {name.strip() for name in answer.headers["Allow"].split(",")}
        assert methods <= got <= methods | {"GET", "HEAD"}


# ---- Slow readers -------------------------------------------------------------------------------


def test_who_does_not_read_delays_nobody_and_gets_it_all_in_the_end(house):
    """Replies of some megabytes on a connection that takes nothing."""
    countries = message("POST", "/api/get/countries/")
    count = 300
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.settimeout(30)
        slow.connect(house.address)
        sending = threading.Thread(target=slow.sendall, args=(countries * count,))
        sending.start()
        for _ in range(50):
            assert house.raw(LIST).status == 200
        stream = slow.makefile("rb")
        bodies = {read_answer(stream).text for _ in range(count)}
        sending.join()
    assert len(bodies) == 1 and len(bodies.pop()) > 5000


def resident(server):
    """Kilobytes."""
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def test_who_only_writes_fills_no_memory(house):
    """The server stops reading when its replies are not taken."""
    before = resident(house)
    data = message("POST", "/api/get/countries/") * 1000
    with house.connect() as connection:
        connection.setblocking(False)
        sent, quiet = 0, time.monotonic()
        while sent < 20_000_000 and time.monotonic() - quiet < 1:
            try:
                sent += connection.send(data)
                quiet = time.monotonic()
            except BlockingIOError:
                threading.Event().wait(0.01)
        assert sent < 20_000_000
        assert house.raw(LIST).status == 200
        assert resident(house) - before < 100_000
    assert house.raw(LIST).status == 200


# ---- The end ------------------------------------------------------------------------------------

SLOW = ["--rate-limit", "off", "--hash-memory", "8192", "--hash-passes", "8"]


def logins(server, person, count):
    """Connections on which somebody logs in right now."""
    body = {"username": person.username, "password": PASSWORD}
    connections = [server.connect(timeout=60) for _ in range(count)]
    for connection in connections:
        connection.sendall(message("POST", "/careers/users/login/", body))
    return connections


def test_what_is_in_flight_when_the_end_comes_is_answered(tmp_path):
    with Server(tmp_path, SLOW) as server:
        person = server.user()
        busy = logins(server, person, 16)
        idle = server.connect()
        assert ask(idle).status_code == 200
        server.process.send_signal(signal.SIGTERM)
        for connection in busy:
            answer = one_answer(connection)
            assert answer.status_code == 200 and answer.headers["Connection"] == "close"
            assert at_end(connection)
        assert at_end(idle)
        assert server.process.wait(30) == 0
    with Server(tmp_path, QUICK) as server:
        client = server.anonymous()
        client.access = answer.json()["access"]
        assert ok(client.get("/careers/users/me/"))["id"] == person.id


def test_pipelined_requests_are_answered_to_the_last(tmp_path):
    with Server(tmp_path, SLOW) as server:
        person = server.user()
        body = {"username": person.username, "password": PASSWORD}
        with server.connect(timeout=60) as connection:
            login = message("POST", "/careers/users/login/", body)
            connection.sendall((login + LIST) * 4)
            stream = connection.makefile("rb")
            assert read_answer(stream).status_code == 200
            server.process.send_signal(signal.SIGTERM)
            answers = [read_answer(stream) for _ in range(7)]
            assert {answer.status_code for answer in answers} == {200}
            said = [answer.headers.get("Connection") for answer in answers]
            assert said == 6 * [None] + ["close"]
            assert at_end(connection)


def test_who_stands_in_the_queue_at_the_end_is_still_served(tmp_path):
    """The kernel has told them that they are connected."""
    with Server(tmp_path, QUICK) as server:
        server.process.send_signal(signal.SIGSTOP)
        queue = [server.connect() for _ in range(50)]
        for connection in queue:
            connection.sendall(LIST)
        server.process.send_signal(signal.SIGTERM)
        server.process.send_signal(signal.SIGCONT)
        assert {one_answer(connection).status_code for connection in queue} == {200}


def test_nobody_new_is_let_in_at_the_end(tmp_path):
    with Server(tmp_path, SLOW) as server:
        busy = logins(server, server.user(), 24)
        server.process.send_signal(signal.SIGTERM)

        def is_closed():
            try:
                server.connect().close()
                return False
            except ConnectionRefusedError:
                return True
        wait_until(is_closed)
        assert {one_answer(connection).status_code for connection in busy} == {200}


def test_half_a_request_does_not_hold_up_the_end(tmp_path):
    with Server(tmp_path, QUICK + ["--drain-timeout", "300ms"]) as server:
        with server.connect() as connection:
            connection.sendall(LIST[:20])
            assert server.raw(LIST).status == 200
            begin = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(20) == 0
            assert time.monotonic() - begin < 9
            assert at_end(connection)


def test_a_client_that_takes_no_reply_does_not_hold_up_the_end(tmp_path):
    with Server(tmp_path, QUICK + ["--drain-timeout", "500ms"]) as server:
        with server.connect() as connection:
            sending = threading.Thread(target=swallow, args=(
                connection, message("POST", "/api/get/countries/") * 4000))
            sending.start()
            assert server.raw(LIST).status == 200
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(20) == 0
            sending.join()


def swallow(connection, data):
    try:
        connection.sendall(data)
    except OSError:
        pass


def test_a_second_signal_ends_it_at_once(tmp_path):
    server = Server(tmp_path, QUICK).start()
    with server.connect() as connection:
        connection.sendall(LIST[:20])
        assert server.raw(LIST).status == 200
        begin = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: "draining" in server.output)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0
        assert time.monotonic() - begin < 9


def test_an_interrupt_ends_it_the_same_way(tmp_path):
    server = Server(tmp_path, QUICK).start()
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(20) == 0


# ---- More than the lanes can hold ---------------------------------------------------------------


def test_logins_past_the_queue_are_told_to_come_back(tmp_path):
    with Server(tmp_path, SLOW + ["--hash-queue", "4", "--hash-workers", "1"]) as server:
        busy = logins(server, server.user(), 30)
        answers = [one_answer(connection) for connection in busy]
        refused = [answer for answer in answers if answer.status_code == 503]
        assert {answer.status_code for answer in answers} == {200, 503}
        for answer in refused:
            assert_error(answer, 503, "unavailable")
            assert int(answer.headers["Retry-After"]) >= 1
            assert answer.headers.get("Connection") is None
        assert len(answers) - len(refused) >= 4


def test_logins_do_not_delay_reads(tmp_path):
    """One that waits for its turn among logins would take seconds."""
    with Server(tmp_path, SLOW + ["--hash-workers", "1"]) as server:
        busy = logins(server, server.user(), 30)
        with server.connect() as reader:
            for _ in range(20):
                assert ask(reader).status_code == 200
        waiting = sum(not has_answer(connection) for connection in busy)
        assert waiting >= 10
        assert {one_answer(connection).status_code for connection in busy} == {200}


def has_answer(connection):
    connection.setblocking(False)
    try:
        return bool(connection.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return False
    finally:
        connection.settimeout(60)
