"""HTTPS: what is agreed on, whose certificate is shown, and how connections begin and end."""
import json
import os
import re
import signal
import socket
import ssl
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

import tables
from certificates import Certificate, make_key
from crowd import at_end, read_answer, read_answers
from rollcall import BINARY, QUICK, Server, assert_error, ok, registration, wait_until
from secure import Secure, context
from wire import LIST, NEXT, request, send_taken

HSTS = "max-age=31536000"
COUNTRIES = request("POST /api/get/countries/ HTTP/1.1", "Content-Length: 0")


class Authority:
    """A root, an issuer below it, and a certificate of the issuer's for the server."""

    def __init__(self, directory):
        self.directory = directory
        self.root = Certificate(directory, "root", authority=True)
        self.issuer = Certificate(directory, "issuer", self.root, authority=True)
        self.leaf = self.issue("leaf")

    def issue(self, name, **how):
        return Certificate(self.directory, name, self.issuer, **how)

    def options(self, leaf):
        return ["--tls-cert", str(leaf.chain(self.issuer)), "--tls-key", str(leaf.key)]


class Https(Server):
    """A server that has TLS on its first listener, and whose clients trust `authority`."""

    def __init__(self, directory, authority, options=(), listens=("tls:127.0.0.1:0",), leaf=None):
        super().__init__(directory, [*QUICK, *authority.options(leaf or authority.leaf), *options],
                         listens=list(listens))
        self.authority = str(authority.root.certificate)
        self.trusting = context(self.authority)

    def open(self, trusting=None, **how):
        """A TLS client, connected and not greeted yet."""
        return Secure(self.connect(), trusting or self.trusting, **how)

    def secure(self, trusting=None, **how):
        return self.open(trusting, **how).handshake()

    def serves(self):
        with self.secure() as connection:
            connection.sendall(NEXT)
            return read_answer(connection.makefile()).status_code == 200


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def house(tmp_path_factory, authority):
    directory = tmp_path_factory.mktemp("tls")
    listens = ["tls:127.0.0.1:0", "127.0.0.1:0", f"tls:unix:{directory}/socket"]
    options = ["--trusted-proxy", "127.0.0.2"]
    with Https(directory, authority, options, listens) as running:
        yield running


def connect_local(server):
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(30)
    connection.connect(server.urls[2].removeprefix("tls:unix:"))
    return connection


# ---- What is agreed on --------------------------------------------------------------------------


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_versions_in_use_are_spoken(house, version):
    with house.secure(context(house.authority, version, version)) as connection:
        assert connection.tls.version() == version.name.replace("_", ".")
        connection.sendall(NEXT)
        assert read_answer(connection.makefile()).status_code == 200


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_versions_are_refused(house, version):
    old = context(house.authority, version, version)
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
        house.secure(old)


@pytest.mark.parametrize("ciphers", ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA",
                                     "ECDHE-ECDSA-AES128-SHA256", "DHE-RSA-AES128-GCM-SHA256"])
def test_weak_ciphers_are_refused(house, ciphers):
    weak = context(house.authority, highest=ssl.TLSVersion.TLSv1_2)
    weak.set_ciphers(ciphers)
    with pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"):
        house.secure(weak)


@pytest.mark.parametrize("first", ["ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES256-GCM-SHA384"])
def test_the_client_chooses_among_good_ciphers(house, first):
    choosing = context(house.authority, highest=ssl.TLSVersion.TLSv1_2)
    choosing.set_ciphers(f"{first}:ECDHE+AESGCM")
    with house.secure(choosing) as connection:
        assert connection.tls.cipher()[0] == first


@pytest.mark.parametrize("offered, chosen", [(None, None), (["http/1.1"], "http/1.1"),
                                             (["h2", "http/1.1"], "http/1.1")])
def test_only_http_is_spoken(house, offered, chosen):
    trusting = context(house.authority)
    if offered:
        trusting.set_alpn_protocols(offered)
    with house.secure(trusting) as connection:
        assert connection.tls.selected_alpn_protocol() == chosen


@pytest.mark.parametrize("offered", [["h2"], ["http/1.0"], ["http/1.10", "http/1"]])
def test_other_protocols_are_refused(house, offered):
    trusting = context(house.authority)
    trusting.set_alpn_protocols(offered)
    with pytest.raises(ssl.SSLError, match="no application protocol"):
        house.secure(trusting)


class Typist:
    """The openssl tool as a client: a line of one letter makes it do what libraries do not offer."""

    def __init__(self, server, *options):
        host, port = server.address
        self.process = subprocess.Popen(
            ["openssl", "s_client", "-connect", f"{host}:{port}", *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.shown = b""
        self.await_("---\n")

    def await_(self, mark):
        while mark.encode() not in self.shown:
            piece = os.read(self.process.stdout.fileno(), 65536)
            assert piece, self.shown
            self.shown += piece

    def type(self, line, mark):
        self.process.stdin.write(line.encode())
        self.process.stdin.flush()
        self.await_(mark)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


def test_nothing_is_renegotiated(house):
    with Typist(house, "-tls1_2") as typist:
        typist.type("R\n", "no renegotiation")
    assert house.serves()


def test_keys_may_be_changed(house):
    with Typist(house, "-tls1_3") as typist:
        for _ in range(3):
            typist.type("K\n", "KEYUPDATE")
            typist.type(NEXT.decode(), "200 OK")
            typist.shown = b""


def test_early_data_is_not_offered(house):
    """It could be played again."""
    with Typist(house, "-tls1_3") as typist:
        typist.type(NEXT.decode(), "200 OK")  # behind the tickets, which are shown at the end
        typist.type("Q\n", "Max Early Data: 0\n")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_sessions_are_resumed(house, version):
    trusting = context(house.authority, version, version)
    with house.secure(trusting) as connection:
        connection.sendall(NEXT)
        assert read_answer(connection.makefile()).status_code == 200
        session = connection.tls.session
        assert session.has_ticket
    with house.secure(trusting, session=session) as connection:
        assert connection.tls.session_reused
        connection.sendall(NEXT)
        assert read_answer(connection.makefile()).status_code == 200


# ---- Certificates -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ecdsa", "rsa"])
def test_the_chain_is_sent(tmp_path, authority, kind):
    leaf = authority.issue(f"chain-{kind}", kind=kind)
    with Https(tmp_path, authority, leaf=leaf) as server:
        assert server.url.startswith("https://127.0.0.1:")
        ok(server.anonymous().get("/careers/users/"))
        tls12 = context(server.authority, highest=ssl.TLSVersion.TLSv1_2)
        with server.secure(tls12) as connection:
            assert kind.upper() in connection.tls.cipher()[0]


def name_shown(server):
    with server.secure() as connection:
        return dict(field[0] for field in connection.tls.getpeercert()["subject"])["commonName"]


def hang_up(server, word):
    """Sends SIGHUP and waits for what the log says of it."""
    before = server.output.count(word)
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: server.output.count(word) > before)


def install(server, authority, leaf):
    """Puts a certificate and its key where the server looks for them."""
    certificate, key = (server.options[server.options.index(name) + 1]
                        for name in ("--tls-cert", "--tls-key"))
    for path, text in ((certificate, leaf.chain(authority.issuer).read_text()),
                       (key, leaf.key.read_text())):
        with open(path, "w") as file:
            file.write(text)


def test_a_new_certificate_is_for_new_connections(tmp_path, authority):
    with Https(tmp_path, authority, leaf=authority.issue("before")) as server:
        old = server.secure()
        stream = old.makefile()
        old.sendall(NEXT)
        assert read_answer(stream).status_code == 200
        session = old.tls.session
        install(server, authority, authority.issue("after", kind="rsa"))
        hang_up(server, "reloaded")
        assert name_shown(server) == "after"
        old.sendall(NEXT)
        assert read_answer(stream).status_code == 200
        with server.secure(session=session) as connection:
            assert not connection.tls.session_reused
        old.close()


def test_a_bad_certificate_is_not_taken(tmp_path, authority):
    kept = authority.issue("kept")
    with Https(tmp_path, authority, leaf=kept) as server:
        key = kept.key.read_text()
        for text, reason in (("rubbish", "there is no private key in it"),
                             (authority.leaf.key.read_text(), "does not belong to the certificate")):
            kept.key.write_text(text)
            hang_up(server, "nothing reloaded")
            assert f"{kept.key}: " in server.output and reason in server.output
            assert name_shown(server) == "kept"
        kept.key.unlink()
        hang_up(server, "nothing reloaded")
        assert "No such file or directory" in server.output
        assert name_shown(server) == "kept"
        kept.key.write_text(key)
        hang_up(server, "reloaded /")
        assert name_shown(server) == "kept"


def start(directory, *options):
    done = subprocess.run([BINARY, "serve", "--database", f"sqlite:{directory}/rollcall.db",
                           *map(str, options)], capture_output=True, text=True, timeout=30)
    assert "serving" not in done.stdout
    return done.returncode, done.stderr


TLS = ["--listen", "tls:127.0.0.1:0"]


def test_files_that_do_not_do_are_named(tmp_path, authority):
    leaf, other = authority.leaf, authority.root
    locked = tmp_path / "locked.pem"
    subprocess.run(["openssl", "pkey", "-in", leaf.key, "-aes128", "-passout", "pass:sesame",
                    "-out", locked], check=True)
    rsa = make_key(tmp_path / "rsa.pem", "rsa")
    for certificate, key, why in [
            (tmp_path / "none.pem", leaf.key, "none.pem: No such file"),
            (leaf.certificate, tmp_path / "none.pem", "none.pem: No such file"),
            (leaf.key, leaf.key, "leaf-key.pem: there is no certificate in it"),
            (leaf.certificate, leaf.certificate, "leaf.pem: there is no private key in it"),
            (leaf.certificate, other.key, "root-key.pem: the key does not belong"),
            (leaf.certificate, rsa, "rsa.pem: the key does not belong"),
            (leaf.certificate, locked, "locked.pem: the key is encrypted"),
            (leaf.certificate, tmp_path, f"{tmp_path}: Is a directory")]:
        status, said = start(tmp_path, *TLS, "--tls-cert", certificate, "--tls-key", key)
        assert (status, why in said) == (1, True), said


def test_options_go_together(tmp_path, authority):
    leaf = authority.leaf
    for options, why in [
            (TLS, "--listen tls:… needs --tls-cert and --tls-key"),
            (TLS + ["--tls-cert", leaf.certificate], "--tls-key is missing"),
            (TLS + ["--tls-key", leaf.key], "--tls-cert is missing"),
            (leaf.options, "no --listen tls:…")]:
        status, said = start(tmp_path, *options)
        assert (status, why in said) == (2, True), said


def test_dubious_files_are_warned_of(tmp_path, authority):
    stale = Certificate(tmp_path, "stale", days=-1)
    os.chmod(stale.key, 0o644)
    options = [*QUICK, *stale.options]
    with Server(tmp_path, options, listens=["tls:127.0.0.1:0"]) as server:
        assert re.search(r"warn tls: .*stale\.pem: the certificate expired on ", server.output)
        assert re.search(r"warn tls: .*stale-key\.pem: everybody .* may read", server.output)
    with Https(tmp_path, authority) as server:
        assert " warn " not in server.output
        assert re.search(r"leaf\.chain: the certificate is valid until .* GMT", server.output)


# ---- Headers and cookies ------------------------------------------------------------------------


def test_every_answer_over_tls_asks_to_stay_there(house):
    client = house.anonymous()
    for answer in (client.get("/careers/users/"), client.get("/nowhere/"),
                   client.request("OPTIONS", "/careers/users/"), client.get("/careers/users/me/")):
        assert answer.headers["Strict-Transport-Security"] == HSTS, answer.status_code
    with house.secure() as connection:
        connection.sendall(b"rubbish\r\n\r\n")
        [answer] = read_answers(connection, 1)
        assert (answer.status_code, answer.headers["Strict-Transport-Security"]) == (400, HSTS)


PAGE = re.compile(r"/docs/|/console/.*")


@pytest.mark.parametrize("route", tables.routes(), ids=lambda row: f"{row.method} {row.path}")
def test_every_route_has_the_headers_that_keep_browsers_safe(house, route):
    """Whatever the answer is: success, refusal, or an error in what was sent."""
    path = route.path.replace("{username}", "nobody_like_that").replace("{id}", "1")
    answer = house.anonymous().request(route.method, path)
    assert answer.headers["Strict-Transport-Security"] == HSTS
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    kind = "text/html" if PAGE.fullmatch(route.path) else "application/json"
    assert answer.headers["Content-Type"] == f"{kind}; charset=utf-8"
    public = answer.status_code == 200 and route.method == "GET"
    assert public or answer.headers["Cache-Control"] == "no-store"


def test_plain_listeners_do_not(house):
    answer = house.anonymous(listener=1).get("/careers/users/")
    assert ok(answer) and "Strict-Transport-Security" not in answer.headers


def test_the_cookie_is_secure(house):
    client, bodies = house.anonymous(), [registration(), registration()]
    plain = house.anonymous(listener=1).post("/api/action/register/", bodies[0])
    assert ok(plain, 201) and "Secure" not in plain.headers["Set-Cookie"]
    answer = client.post("/api/action/register/", bodies[1])
    assert ok(answer, 201) and "; Secure" in answer.headers["Set-Cookie"]
    assert ok(client.get("/careers/users/me/"))["username"] == bodies[1]["username"]


def ask_as_proxy(house, listener, secure, *fields):
    """One request from 127.0.0.2, whose word is believed."""
    host, port = house.urls[listener].split("//")[1].split(":")
    with socket.create_connection((host, int(port)), 10, ("127.0.0.2", 0)) as connection:
        if secure:
            connection = Secure(connection, house.trusting).handshake()
        connection.sendall(request(LIST, *fields))
        return read_answers(connection, 1)[0].headers.get("Strict-Transport-Security")


def test_a_trusted_proxy_says_what_the_client_came_by(house):
    https, http = "X-Forwarded-Proto: https", "X-Forwarded-Proto: http"
    assert ask_as_proxy(house, 1, False, https) == HSTS
    assert ask_as_proxy(house, 1, False) is None
    assert ask_as_proxy(house, 0, True, http) is None
    assert ask_as_proxy(house, 0, True) == HSTS
    with house.secure() as connection:
        connection.sendall(request(LIST, http))
        [answer] = read_answers(connection, 1)
        assert answer.headers["Strict-Transport-Security"] == HSTS


# ---- Bytes --------------------------------------------------------------------------------------


def send_bytes(connection, data):
    for byte in data:
        send_taken(connection, bytes([byte]))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_bytes_may_come_one_by_one(house, version):
    trusting = context(house.authority, version, version)
    with Secure(connect_local(house), trusting, send=send_bytes) as connection:
        connection.handshake().sendall(NEXT + COUNTRIES)
        connection.shutdown()
        one, two = read_answers(connection, 2)
        assert (one.status_code, two.status_code) == (200, 200)
        assert connection.recv(1) == b""


@pytest.mark.parametrize("size", [1, 7, 100, 16384])
def test_records_are_no_messages(house, size):
    body = json.dumps({"bio": "b" * 20000}).encode()
    fields = ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    data = 3 * request("POST /api/check/auth/ HTTP/1.1", *fields, body=body) + NEXT
    with house.secure() as connection:
        pieces = [data[i:i + size] for i in range(0, len(data), size)]
        wire = b"".join(connection.encrypt(piece) for piece in pieces)
        connection.socket.sendall(wire)
        answers = read_answers(connection, 4)
        assert [answer.status_code for answer in answers] == [200] * 4
        assert answers[-1].headers["X-Request-Id"] == "next"


def test_the_body_may_be_asked_for(house):
    fields = ["Content-Type: application/json", "Content-Length: 2", "Expect: 100-continue"]
    with house.secure() as connection:
        stream = connection.makefile()
        connection.sendall(request("POST /api/check/auth/ HTTP/1.1", *fields))
        assert read_answer(stream).status_code == 100
        connection.sendall(b"{}")
        assert read_answer(stream).status_code == 200


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_slow_reader_gets_all_of_it(house, version):
    """More answers than any buffer holds, asked for before the first is read."""
    trusting, count = context(house.authority, version, version), 300
    with house.secure() as connection:
        connection.sendall(COUNTRIES)
        [expected] = read_answers(connection, 1)
    connection = Secure(connect_local(house), trusting).handshake()
    with connection, ThreadPoolExecutor() as pool:
        wire = connection.encrypt(COUNTRIES * count)
        sending = pool.submit(connection.socket.sendall, wire)
        for answer in read_answers(connection, count):
            assert answer.text == expected.text
        sending.result()


def test_many_speak_at_once(house):
    def converse(_):
        with house.secure() as connection:
            connection.sendall(5 * NEXT)
            return [answer.status_code for answer in read_answers(connection, 5)]

    with ThreadPoolExecutor(32) as pool:
        assert list(pool.map(converse, range(200))) == [[200] * 5] * 200


# ---- Ends ---------------------------------------------------------------------------------------


def test_the_end_is_said(house):
    with house.secure() as connection:
        connection.sendall(request(LIST, "Connection: close"))
        [answer] = read_answers(connection, 1)
        assert answer.headers["Connection"] == "close"
        assert connection.recv(1) == b""


def test_a_client_that_says_the_end_is_answered(house):
    with house.secure() as connection:
        connection.sendall(NEXT + COUNTRIES)
        connection.shutdown()
        assert [answer.status_code for answer in read_answers(connection, 2)] == [200, 200]
        assert connection.recv(1) == b""


@pytest.mark.parametrize("said", [True, False], ids=["said", "cut off"])
def test_half_a_request_is_none(house, said):
    """Neither an end that was said nor one that was not makes what is there into a whole."""
    body = registration()
    content = json.dumps(body).encode()
    fields = ["Content-Type: application/json", f"Content-Length: {len(content) + 1}"]
    with house.secure() as connection:
        connection.sendall(request("POST /careers/users/register/ HTTP/1.1", *fields, body=content))
        if said:
            connection.shutdown()
        else:
            connection.socket.shutdown(socket.SHUT_WR)
        [answer] = read_answers(connection, 1)
        assert answer.status_code == 400
        assert connection.recv(1) == b""
    assert_error(house.anonymous().get(f"/careers/users/{body['username']}/"), 404,
                 "user_not_found")


def test_idle_connections_are_told_the_end(tmp_path, authority):
    with Https(tmp_path, authority, ["--idle-timeout", "200ms"]) as server:
        with server.secure() as connection:
            assert connection.recv(1) == b""


def test_what_is_in_flight_is_finished(tmp_path, authority):
    """SIGTERM: a login that is being hashed is answered, idle clients are told the end, and half a
    handshake holds nobody up."""
    slow = ["--hash-memory", "400000", "--hash-passes", "2", "--header-timeout", "1h"]
    with Https(tmp_path, authority, slow) as server:
        idle, busy, half = server.secure(), server.secure(), server.open()
        half.socket.sendall(half.hello()[:40])
        body = json.dumps(registration()).encode()
        fields = ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        busy.sendall(request("POST /careers/users/register/ HTTP/1.1", *fields, body=body))
        idle.sendall(NEXT)
        assert read_answers(idle, 1)[0].status_code == 200
        server.process.send_signal(signal.SIGTERM)
        [answer] = read_answers(busy, 1)
        assert (answer.status_code, answer.headers["Connection"]) == (201, "close")
        assert busy.recv(1) == b"" and idle.recv(1) == b""
        assert at_end(half.socket)
        assert server.process.wait(20) == 0


# ---- Hostile clients ----------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["GET / HTTP/1.1", "POST /careers/users/login/ HTTP/1.1"])
def test_http_without_tls_is_told_so(house, line):
    with house.connect() as connection:
        connection.sendall(request(line))
        [answer] = read_answers(connection, 1)
        assert_error(answer, 400, "malformed_request", message="Only HTTPS is spoken here")
        assert "Strict-Transport-Security" not in answer.headers
        connection.shutdown(socket.SHUT_WR)
        assert at_end(connection)


@pytest.mark.parametrize("data", [b"\0" * 100, b"\x16\x03\x01\xff\xff" + b"\1" * 65535, b"SSH-2.0-x\r\n",
                                  b"\x16\x03\x01\0\x04\1\0\0\0", b"\x15\x03\x03\0\2\2\0",
                                  b"\x17\x03\x03\0\x05hello", b"\x80\x2e\1\0\2" + b"\0" * 41],
                         ids=["zeros", "huge", "ssh", "empty hello", "alert", "data", "ssl2"])
def test_rubbish_is_no_handshake(house, data):
    with house.connect() as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it had heard enough
        assert at_end(connection)
    assert house.serves()


def test_a_handshake_does_not_go_on_for_ever(tmp_path, authority):
    """Whoever is silent, or stops half-way, is dropped; who is through is not."""
    with Https(tmp_path, authority, ["--header-timeout", "1500ms"]) as server:
        through, silent, half = server.secure(), server.open(), server.open()
        half.socket.sendall(half.hello()[:100])
        for connection in (silent, half):
            assert at_end(connection.socket)
        through.sendall(NEXT)
        assert read_answers(through, 1)[0].status_code == 200


def test_a_handshake_has_only_so_many_bytes(house):
    """A hello of 100 kB, announced and sent in many records."""
    record = b"\x16\x03\x01\x20\0"
    hello = b"\1\1\x86\xa0\3\3" + b"\0" * 100000
    wire = b"".join(record + hello[i:i + 8192] for i in range(0, 98304, 8192))
    with house.connect() as connection:
        try:
            connection.sendall(wire)
        except OSError:
            pass
        assert at_end(connection)


@pytest.mark.parametrize("at", [0, 3, 5, 6, 50])
def test_a_record_that_was_changed_ends_it(house, at):
    with house.secure() as connection:
        wire = bytearray(connection.encrypt(NEXT))
        wire[at] ^= 1
        connection.socket.sendall(wire)
        connection.socket.shutdown(socket.SHUT_WR)
        try:
            assert connection.recv(1) == b""
        except (ssl.SSLError, ConnectionResetError):
            pass  # told why, or not told anything
    assert house.serves()


def test_one_too_many_is_told_so(tmp_path, authority):
    with Https(tmp_path, authority, ["--connections", "2"]) as server:
        with server.secure() as one, server.open() as half:
            half.socket.sendall(half.hello()[:40])
            one.sendall(NEXT)
            assert read_answers(one, 1)[0].status_code == 200
            with server.secure() as third:
                [answer] = read_answers(third, 1)
                assert (answer.status_code, answer.headers["Connection"]) == (503, "close")
                assert third.recv(1) == b""
        wait_until(server.serves)


def test_handshakes_that_are_dropped_leave_nothing(tmp_path, authority):
    """The exit status tells of leaks."""
    with Https(tmp_path, authority) as server:
        hello = server.open().hello()
        for i in range(300):
            with server.connect() as connection:
                connection.sendall(hello[:i * len(hello) // 200])
                if i % 3 == 0 and i >= 200:
                    connection.recv(100)
        for _ in range(50):
            with server.secure() as connection:
                connection.socket.sendall(connection.encrypt(NEXT)[:60])
        assert server.serves()
