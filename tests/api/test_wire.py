"""Messages on the wire, byte by byte (RFC 9110, RFC 9112): which are requests, which are not, how
they are framed, and what answers look like."""
import fcntl
import json
import socket
import struct
import termios
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd import at_end, message, read_answer, read_answers
from generate import bounded
from rollcall import PASSWORD, QUICK, Server, registration

LINE_MAX = 8 * 1024
HEAD_MAX = 16 * 1024
BODY_MAX = 64 * 1024
FIELDS_MAX = 100

ASK = "POST /api/check/auth/ HTTP/1.1"
LIST = "GET /careers/users/ HTTP/1.1"
NEXT = b"GET /careers/users/ HTTP/1.1\r\nHost: test\r\nX-Request-Id: next\r\n\r\n"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    directory = tmp_path_factory.mktemp("wire")
    listens = ["127.0.0.1:0", f"unix:{directory}/socket"]
    with Server(directory, QUICK, listens=listens) as running:
        yield running


def request(line, *fields, body=b"", host="Host: test"):
    """Fields as text are Latin-1: every character is that byte."""
    lines = [line, *([host] if host else []), *fields]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def chunked(*chunks, line=ASK, fields=(), end=b"0\r\n\r\n"):
    fields = ["Transfer-Encoding: chunked", "Content-Type: application/json", *fields]
    return request(line, *fields, body=b"".join(chunks) + end)


def converse(server, data):
    """Sends it all, says that there is no more, and reads until the server closes."""
    with server.connect() as connection:
        send_all(connection, data)
        connection.shutdown(socket.SHUT_WR)
        stream, answers = connection.makefile("rb"), []
        while (answer := read_answer(stream)) is not None:
            answers.append(answer)
        return answers


def send_all(connection, data):
    """The server may have heard enough before it has heard all."""
    try:
        connection.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        pass


# ---- What is a request --------------------------------------------------------------------------

OBJECT = b'{"a": 1}'
SIZED = f"Content-Length: {len(OBJECT)}"
JSON = "Content-Type: application/json"

# name: (bytes, status); the connection stays open.
ACCEPTED = {
    "no body": (request(ASK), 200),
    "length 0": (request(ASK, "Content-Length: 0"), 200),
    "length": (request(ASK, SIZED, JSON, body=OBJECT), 200),
    "length with leading zeros": (request(ASK, f"Content-Length: 000{len(OBJECT)}", JSON,
                                          body=OBJECT), 200),
    "length in odd case, with blanks": (request(ASK, f"cONTENT-lENGTH: \t {len(OBJECT)}  ", JSON,
                                                body=OBJECT), 200),
    "GET with a body": (request(LIST, SIZED, JSON, body=OBJECT), 200),
    "DELETE with a body": (request("DELETE /careers/users/me/ HTTP/1.1", SIZED, JSON,
                                   body=OBJECT), 401),
    "a list": (request(LIST), 200),
    "no slash at the end": (request("POST /api/check/auth HTTP/1.1"), 200),
    "escaped letters": (request("POST /api/ch%65ck/%61uth/ HTTP/1.1"), 200),
    "a query on POST": (request("POST /api/check/auth/?a=b&&=%zz HTTP/1.1"), 200),
    "an empty query": (request("GET /careers/users/? HTTP/1.1"), 200),
    "a question mark in the query": (request("GET /careers/users/?a=? HTTP/1.1"), 200),
    "a broken escape in the query": (request("GET /careers/users/?search=%zz HTTP/1.1"), 400),
    "an unknown path": (request("GET /nowhere HTTP/1.1"), 404),
    "the root": (request("GET / HTTP/1.1"), 404),
    "a wrong method": (request("GET /api/check/auth/ HTTP/1.1"), 405),
    "PUT": (request("PUT /careers/users/me/ HTTP/1.1", "Content-Length: 0"), 405),
    "an unknown method": (request("BREW /careers/users/ HTTP/1.1"), 405),
    "a method with odd characters": (request("!#$%&'*+-.^_`|~ /careers/users/ HTTP/1.1"), 405),
    "methods have a case": (request("get /careers/users/ HTTP/1.1"), 405),
    "OPTIONS of a path": (request("OPTIONS /careers/users/ HTTP/1.1"), 204),
    "OPTIONS of everything": (request("OPTIONS * HTTP/1.1"), 204),
    "OPTIONS of nothing": (request("OPTIONS /nowhere HTTP/1.1"), 404),
    "one empty line before": (b"\r\n" + request(ASK), 200),
    "host with a port": (request(ASK, host="Host: test:8000"), 200),
    "host with an empty port": (request(ASK, host="Host: test:"), 200),
    "host is an address": (request(ASK, host="Host: 127.0.0.1:8000"), 200),
    "host is an IPv6 address": (request(ASK, host="Host: [::1]:8000"), 200),
    "host in any case": (request(ASK, host="hOsT: TEST"), 200),
    "host without a blank": (request(ASK, host="Host:test"), 200),
    "host behind others": (request(ASK, "X: 1", "Host: test", host=None), 200),
    "an empty value": (request(ASK, "X-Empty:"), 200),
    "blanks around a value": (request(ASK, "X-Blank: \t a \t b \t "), 200),
    "a value of other bytes": (request(ASK, "X-Bytes: \x80\xff\xe4"), 200),
    "a name of odd characters": (request(ASK, "!#$%&'*+-.^_`|~09aZ: 1"), 200),
    "a value with colons": (request(ASK, "X: a:b:c"), 200),
    "a name twice": (request(ASK, "X-Twice: 1", "X-Twice: 2"), 200),
    "as many fields as may be": (request(ASK, *["X: 1"] * (FIELDS_MAX - 1)), 200),
    "Upgrade is not taken up": (request(ASK, "Connection: Upgrade, HTTP2-Settings",
                                        "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"), 200),
    "Upgrade to a websocket is not taken up": (request(LIST, "Connection: Upgrade",
                                                       "Upgrade: websocket"), 200),
    "Expect, and the body is there": (request(ASK, "Expect: 100-continue", SIZED, JSON,
                                              body=OBJECT), 200),
    "chunks": (chunked(b"4\r\n{\"a\"\r\n", b"4\r\n: 1}\r\n"), 200),
    "no chunks": (chunked(), 200),
    "chunk sizes with leading zeros": (chunked(b"0008\r\n" + OBJECT + b"\r\n", end=b"000\r\n\r\n"),
                                       200),
    "chunk sizes in capitals": (chunked(b"0A\r\n  " + OBJECT + b"\r\n"), 200),
    "chunk sizes in small letters": (chunked(b"a\r\n  " + OBJECT + b"\r\n"), 200),
    "chunk extensions": (chunked(b"8;a\r\n" + OBJECT + b"\r\n", end=b"0;a=\"b c;d\";e=f\r\n\r\n"),
                         200),
    "a trailer": (chunked(b"8\r\n" + OBJECT + b"\r\n", end=b"0\r\nX-Sum: 1\r\nX: 2\r\n\r\n"), 200),
    "a trailer frames nothing": (chunked(b"8\r\n" + OBJECT + b"\r\n",
                                         end=b"0\r\nContent-Length: 9\r\n\r\n"), 200),
    "chunked in any case": (request(ASK, "transfer-ENCODING: \tChUnKeD  ",
                                    body=b"0\r\n\r\n"), 200),
    "an unknown type of body": (request(ASK, "Content-Type: text/plain", "Content-Length: 2",
                                        body=b"{}"), 415),
    "a body without a type": (request(ASK, "Content-Length: 2", body=b"{}"), 415),
    "broken JSON": (request(ASK, JSON, "Content-Length: 1", body=b"{"), 400),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_a_request_is_answered_and_the_next_one_too(house, name):
    data, status = ACCEPTED[name]
    first, second = converse(house, data + NEXT)
    assert first.status_code == status, first.text
    assert "Connection" not in first.headers
    assert (second.status_code, second.headers["X-Request-Id"]) == (200, "next")


# name: bytes. 400, and whatever follows is no request.
REFUSED = {
    # Framing
    "length and chunked": request(ASK, "Content-Length: 5", "Transfer-Encoding: chunked",
                                  body=b"0\r\n\r\n"),
    "chunked and length": request(ASK, "Transfer-Encoding: chunked", "Content-Length: 5",
                                  body=b"0\r\n\r\n"),
    "length twice": request(ASK, "Content-Length: 0", "Content-Length: 0"),
    "two lengths": request(ASK, "Content-Length: 0", "Content-Length: 5"),
    "a list of equal lengths": request(ASK, "Content-Length: 0, 0"),
    "a list of lengths": request(ASK, "Content-Length: 5, 6"),
    "an empty length": request(ASK, "Content-Length:"),
    "a length with a sign": request(ASK, "Content-Length: +0"),
    "a negative length": request(ASK, "Content-Length: -1"),
    "a length in hex": request(ASK, "Content-Length: 0x0"),
    "a length with a point": request(ASK, "Content-Length: 0.0"),
    "a length with a blank inside": request(ASK, "Content-Length: 1 0"),
    "a length with a letter": request(ASK, "Content-Length: 5a"),
    "a length in other digits": request(ASK, "Content-Length: \xb2"),
    "a length behind a comma": request(ASK, "Content-Length: ,0"),
    "chunked twice": request(ASK, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked",
                             body=b"0\r\n\r\n"),
    "chunked, chunked": request(ASK, "Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n"),
    "gzip, chunked": request(ASK, "Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
    "chunked, gzip": request(ASK, "Transfer-Encoding: chunked, gzip", body=b"0\r\n\r\n"),
    "gzip": request(ASK, "Transfer-Encoding: gzip"),
    "identity": request(ASK, "Transfer-Encoding: identity"),
    "an empty encoding": request(ASK, "Transfer-Encoding:"),
    "xchunked": request(ASK, "Transfer-Encoding: xchunked", body=b"0\r\n\r\n"),
    "chunked with a parameter": request(ASK, "Transfer-Encoding: chunked;q=1", body=b"0\r\n\r\n"),
    "chunked in quotes": request(ASK, "Transfer-Encoding: \"chunked\"", body=b"0\r\n\r\n"),
    "chunked behind a comma": request(ASK, "Transfer-Encoding: ,chunked", body=b"0\r\n\r\n"),
    "chunked behind a vertical tab": request(ASK, "Transfer-Encoding: \x0bchunked",
                                             body=b"0\r\n\r\n"),
    "chunked behind a hard space": request(ASK, "Transfer-Encoding: \xa0chunked",
                                           body=b"0\r\n\r\n"),
    "chunked on 1.0": request("POST /api/check/auth/ HTTP/1.0", "Transfer-Encoding: chunked",
                              body=b"0\r\n\r\n"),
    # Host
    "no host": request(ASK, host=None),
    "two hosts": request(ASK, "Host: test"),
    "two different hosts": request(ASK, "Host: other"),
    "an empty host": request(ASK, host="Host:"),
    "a list of hosts": request(ASK, host="Host: a, b"),
    "a host with a blank": request(ASK, host="Host: a b"),
    "a host with a path": request(ASK, host="Host: a/b"),
    "a host with a user": request(ASK, host="Host: me@test"),
    "a host with a bad port": request(ASK, host="Host: test:80a"),
    "a host with two ports": request(ASK, host="Host: test:80:81"),
    "a host of other bytes": request(ASK, host="Host: t\xe4st"),
    "half an IPv6 host": request(ASK, host="Host: [::1"),
    # Lines
    "bare LF behind the request line": b"POST /api/check/auth/ HTTP/1.1\nHost: test\r\n\r\n",
    "bare LF behind a field": b"POST /api/check/auth/ HTTP/1.1\r\nHost: test\nX: 1\r\n\r\n",
    "bare LF at the end": b"POST /api/check/auth/ HTTP/1.1\r\nHost: test\r\n\n",
    "only LF": b"POST /api/check/auth/ HTTP/1.1\nHost: test\n\n",
    "LF CR": b"POST /api/check/auth/ HTTP/1.1\n\rHost: test\n\r\n\r",
    "bare CR in a value": request(ASK, "X: a\rb"),
    "bare CR behind a field": b"POST /api/check/auth/ HTTP/1.1\r\nHost: test\rX: 1\r\n\r\n",
    "bare CR in the request line": request("POST /api/check/auth/\r HTTP/1.1"),
    "CR CR LF": request(ASK, "X: a\r"),
    "two empty lines before": b"\r\n\r\n" + request(ASK),
    "an empty line of LF before": b"\n" + request(ASK),
    "a blank before": b" " + request(ASK),
    "an empty request line": b"\r\n \r\n\r\n",
    # Fields
    "a folded line": request(ASK, "X: a", " b"),
    "a line folded with a tab": request(ASK, "X: a", "\tb"),
    "the first line folded": b"POST /api/check/auth/ HTTP/1.1\r\n X: 1\r\nHost: test\r\n\r\n",
    "a blank before the colon": request(ASK, "X : 1"),
    "a tab before the colon": request(ASK, "X\t: 1"),
    "a blank before the colon of the length": request(ASK, "Content-Length : 0"),
    "a blank before the colon of the encoding": request(ASK, "Transfer-Encoding : chunked",
                                                        body=b"0\r\n\r\n"),
    "no colon": request(ASK, "X"),
    "no name": request(ASK, ": 1"),
    "a blank in a name": request(ASK, "X Y: 1"),
    "an at sign in a name": request(ASK, "X@Y: 1"),
    "a bracket in a name": request(ASK, "X(Y): 1"),
    "other bytes in a name": request(ASK, "X\xe4: 1"),
    "NUL in a name": request(ASK, "X\0Y: 1"),
    "NUL in a value": request(ASK, "X: a\0b"),
    "NUL behind a value": request(ASK, "X: a\0"),
    "a control character in a value": request(ASK, "X: a\x01b"),
    "a backspace in a value": request(ASK, "X: a\x08b"),
    "an escape in a value": request(ASK, "X: a\x1bb"),
    "DEL in a value": request(ASK, "X: a\x7fb"),
    # The request line
    "no version": request("POST /api/check/auth/"),
    "no target": request("POST HTTP/1.1"),
    "nothing but a method": request("POST"),
    "two blanks before the target": request("POST  /api/check/auth/ HTTP/1.1"),
    "two blanks before the version": request("POST /api/check/auth/  HTTP/1.1"),
    "a blank behind the version": request("POST /api/check/auth/ HTTP/1.1 "),
    "tabs": request("POST\t/api/check/auth/\tHTTP/1.1"),
    "a blank in the target": request("POST /api/check/ auth/ HTTP/1.1"),
    "a version of two digits": request("POST /api/check/auth/ HTTP/1.10"),
    "a version of one number": request("POST /api/check/auth/ HTTP/1"),
    "a version of letters": request("POST /api/check/auth/ HTTP/1.a"),
    "a version in small letters": request("POST /api/check/auth/ http/1.1"),
    "another protocol": request("POST /api/check/auth/ HTTPS/1.1"),
    "a blank in the version": request("POST /api/check/auth/ HTTP /1.1"),
    "a method with other characters": request("PO(ST) /api/check/auth/ HTTP/1.1"),
    "a method of other bytes": request("P\xd6ST /api/check/auth/ HTTP/1.1"),
    "an absolute target": request("POST http://test/api/check/auth/ HTTP/1.1"),
    "an authority": request("CONNECT test:80 HTTP/1.1"),
    "an asterisk": request("GET * HTTP/1.1"),
    "an asterisk and more": request("OPTIONS ** HTTP/1.1"),
    "a target without a slash": request("POST api/check/auth/ HTTP/1.1"),
    "a fragment": request("GET /careers/users/#here HTTP/1.1"),
    "other bytes in the target": request("GET /careers/users/j\xf6rg/ HTTP/1.1"),
    "NUL in the target": request("GET /careers/users/a\0b/ HTTP/1.1"),
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    # Chunks
    "a chunk size of no digit": chunked(b"g\r\n"),
    "an empty chunk size": chunked(b"\r\n"),
    "a chunk size with a sign": chunked(b"+8\r\n" + OBJECT + b"\r\n"),
    "a negative chunk size": chunked(b"-1\r\n"),
    "a chunk size with 0x": chunked(b"0x8\r\n" + OBJECT + b"\r\n"),
    "a blank before a chunk size": chunked(b" 8\r\n" + OBJECT + b"\r\n"),
    "bare LF behind a chunk size": chunked(b"8\n" + OBJECT + b"\r\n"),
    "bare CR behind a chunk size": chunked(b"8\r" + OBJECT + b"\r\n"),
    "bare LF behind a chunk": chunked(b"8\r\n" + OBJECT + b"\n"),
    "a chunk that is longer than it says": chunked(b"7\r\n" + OBJECT + b"\r\n"),
    "a chunk that is shorter than it says": chunked(b"9\r\n" + OBJECT + b"\r\n"),
    "bare LF behind the last chunk": chunked(end=b"0\n\n"),
    "NUL in a chunk extension": chunked(end=b"0;a\0b\r\n\r\n"),
    "bare LF in a chunk extension": chunked(end=b"0;a\nb\r\n\r\n"),
    "bare CR in a chunk extension": chunked(end=b"0;a\rb\r\n\r\n"),
    "chunk extensions without end": chunked(end=b"0;" + b"a" * 20000 + b"\r\n\r\n"),
    "a trailer without a colon": chunked(end=b"0\r\nX\r\n\r\n"),
    "a folded trailer": chunked(end=b"0\r\nX: 1\r\n 2\r\n\r\n"),
    "NUL in a trailer": chunked(end=b"0\r\nX: \0\r\n\r\n"),
    "bare LF in a trailer": chunked(end=b"0\r\nX: 1\n\r\n"),
}

# name: (bytes, status). The connection closes, as above.
OTHERWISE_REFUSED = {
    "HTTP/2.0": (request("POST /api/check/auth/ HTTP/2.0"), 505),
    "HTTP/0.9": (request("GET /careers/users/ HTTP/0.9"), 505),
    "HTTP/3": (request("POST /api/check/auth/ HTTP/3.0"), 505),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "an unknown expectation": (request(ASK, "Expect: the-unexpected"), 417),
    "a length past all limits": (request(ASK, "Content-Length: 1000000000000"), 413),
    "a chunk past all limits": (chunked(b"ffffffff\r\n"), 413),
    "a field too many": (request(ASK, *["X: 1"] * FIELDS_MAX), 431),
}


def assert_refused(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["Connection"] == "close"
    assert {"error", "message"} == set(answer.json())


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_request_is_refused_once_and_for_all(house, name):
    answers = converse(house, REFUSED[name] + NEXT)
    assert len(answers) == 1
    assert_refused(answers[0], 400)
    assert answers[0].json()["error"] == "malformed_request"


@pytest.mark.parametrize("name", OTHERWISE_REFUSED)
def test_what_is_too_much_is_refused_once_and_for_all(house, name):
    data, status = OTHERWISE_REFUSED[name]
    answers = converse(house, data + NEXT)
    assert len(answers) == 1
    assert_refused(answers[0], status)


@pytest.mark.parametrize("size", ["10000000000000000", "fffffffffffffffff", "8" * 40])
def test_a_chunk_size_past_64_bits_is_refused(house, size):
    [answer] = converse(house, chunked(size.encode() + b"\r\n") + NEXT)
    assert answer.status_code in (400, 413)


@pytest.mark.parametrize("length", [2 ** 64 - 1, 2 ** 64, 2 ** 64 + 5, 10 ** 30])
def test_a_length_past_64_bits_is_refused(house, length):
    [answer] = converse(house, request(ASK, f"Content-Length: {length}") + NEXT)
    assert answer.status_code in (400, 413)


@pytest.mark.parametrize("path", [
    "/careers/users/a%2fb/", "/careers/users/a%2Fb/", "/careers/users/%00/",
    "/careers/users/a%00/", "/careers/users/%0d%0a/", "/careers/users/%zz/", "/careers/users/%4/",
    "/careers/users/%/", "/careers/users/%ff/", "/careers/users/%c3%28/", "//careers/users/",
    "/careers//users/", "/careers/users//", "/careers/./users/", "/careers/../careers/users/",
    "/careers/%2e/users/", "/careers/users/%2e%2e/users/", "/careers/users/..", "/%2e%2e/%2e%2e/",
    "/careers/users/a%252fb/", "/careers\\users\\", "/careers/users/;/", "/careers/users/me/..;/"])
def test_crooked_paths_lead_nowhere(house, path):
    answers = converse(house, request(f"GET {path} HTTP/1.1") + NEXT)
    assert answers[0].status_code in (400, 404)
    assert answers[0].json()["error"] in ("malformed_request", "not_found", "user_not_found")


@pytest.mark.parametrize("ending", [1, 20, 40, -1, -2, -3])
def test_half_a_request_and_no_more_is_refused(house, ending):
    data = chunked(b"8\r\n" + OBJECT + b"\r\n")
    [answer] = converse(house, data[:ending])
    assert_refused(answer, 400)


def test_nothing_is_answered_with_nothing(house):
    assert converse(house, b"") == []


# ---- Limits, exactly ----------------------------------------------------------------------------


def statuses(server, data):
    return [answer.status_code for answer in converse(server, data)]


def line_of(size):
    head, tail = "GET /careers/users/?x=", " HTTP/1.1"
    return head + "a" * (size - len(head) - len(tail)) + tail


def fields_of(size):
    """Fields that take this many bytes, their line ends included, beside Host."""
    left = size - len("Host: test\r\n")
    fields = []
    while left:
        take = left if left <= 4096 else min(4096, left - 16)
        fields.append("X: " + "a" * (take - len("X: \r\n")))
        left -= take
    return fields


def sized_body(size):
    return b'{"a": "' + b"x" * (size - 9) + b'"}'


@pytest.mark.parametrize("size, expected", [(LINE_MAX, [200, 200]), (LINE_MAX + 1, [414])])
def test_a_request_line_is_so_long_and_no_longer(house, size, expected):
    line = line_of(size)
    assert len(line) == size
    assert statuses(house, request(line) + NEXT) == expected


def test_a_line_that_never_ends_is_refused_early(house):
    [answer] = converse(house, b"GET /" + b"a" * (LINE_MAX * 4))
    assert_refused(answer, 414)


@pytest.mark.parametrize("size, expected", [(HEAD_MAX, [200, 200]), (HEAD_MAX + 1, [431])])
def test_a_head_is_so_large_and_no_larger(house, size, expected):
    data = request(LIST, *fields_of(size))
    assert len(data) - len(LIST) - 4 == size
    assert statuses(house, data + NEXT) == expected


def test_one_field_may_fill_the_head(house):
    field = f"Authorization: Bearer {'a' * (HEAD_MAX - 60)}"
    assert statuses(house, request(ASK, field) + NEXT) == [200, 200]


@pytest.mark.parametrize("data", [b"X" * 40000, b"X: " + b"a" * 40000, b"X: 1\r\n" * 9000],
                         ids=["name", "value", "fields"])
def test_a_head_that_never_ends_is_refused_early(house, data):
    [answer] = converse(house, b"GET / HTTP/1.1\r\nHost: test\r\n" + data)
    assert_refused(answer, 431)


@pytest.mark.parametrize("size, expected", [(BODY_MAX, [200, 200]), (BODY_MAX + 1, [413])])
def test_a_body_is_so_large_and_no_larger(house, size, expected):
    body = sized_body(size)
    data = request(ASK, JSON, f"Content-Length: {size}", body=body)
    assert (len(body), statuses(house, data + NEXT)) == (size, expected)


@pytest.mark.parametrize("piece", [1000, 4096, 65536])
@pytest.mark.parametrize("size, expected", [(BODY_MAX, [200, 200]), (BODY_MAX + 1, [413])])
def test_chunks_together_are_so_large_and_no_larger(house, size, expected, piece):
    body = sized_body(size)
    chunks = [body[i:i + piece] for i in range(0, size, piece)]
    data = chunked(*(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks))
    assert statuses(house, data + NEXT) == expected


def test_a_body_in_chunks_of_one_byte_is_still_a_body(house):
    body = sized_body(3000)
    data = chunked(*(b"1\r\n%c\r\n" % byte for byte in body))
    assert statuses(house, data + NEXT) == [200, 200]


def test_a_body_that_is_too_large_is_not_waited_for(house):
    with house.connect() as connection:
        connection.sendall(request(ASK, JSON, f"Content-Length: {BODY_MAX + 1}"))
        [answer] = read_answers(connection, 1)
        assert_refused(answer, 413)


def test_who_sends_on_after_a_refusal_still_reads_it(house):
    """The server must not reset the connection while the body is on its way."""
    data = request(ASK, JSON, "Content-Length: 2000000", body=b"x" * 2000000)
    [answer] = converse(house, data)
    assert_refused(answer, 413)


# ---- Pieces -------------------------------------------------------------------------------------


def unread(connection):
    """Bytes that the server has not taken from a unix socket yet."""
    return struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, b"\0" * 4))[0]


def send_taken(connection, data):
    connection.sendall(data)
    deadline = time.monotonic() + 30
    while unread(connection):
        assert time.monotonic() < deadline
        time.sleep(0.0002)


class Local:
    """The unix socket: there, one sees when the server has read what was sent."""

    def __init__(self, server):
        self.path = server.urls[1].removeprefix("unix:")

    def __enter__(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect(self.path)
        return self.socket

    def __exit__(self, *_):
        self.socket.close()


WHOLE = {
    "chunks": chunked(b"4;x=y\r\n{\"a\"\r\n", b"4\r\n: 1}\r\n", end=b"0\r\nX: 1\r\n\r\n"),
    "length": b"\r\n" + request(ASK, JSON, SIZED, "X-Request-Id: piece", body=OBJECT),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_request_may_be_cut_at_every_byte(house, kind):
    data = WHOLE[kind]
    with Local(house) as connection:
        stream = connection.makefile("rb")
        for cut in range(1, len(data)):
            send_taken(connection, data[:cut])
            connection.sendall(data[cut:])
            answer = read_answer(stream)
            assert answer.status_code == 200, (cut, answer.text)


@pytest.mark.parametrize("kind", WHOLE)
def test_a_request_may_come_byte_by_byte(house, kind):
    with Local(house) as connection:
        for byte in WHOLE[kind] + NEXT:
            send_taken(connection, bytes([byte]))
        assert [a.status_code for a in read_answers(connection, 2)] == [200, 200]


@pytest.mark.parametrize("name", ["bare CR in a value", "LF CR", "NUL in the target",
                                  "length and chunked", "a folded line", "two empty lines before",
                                  "a chunk that is longer than it says", "a folded trailer"])
def test_what_is_no_request_is_none_in_pieces_either(house, name):
    data = REFUSED[name]
    with Local(house) as connection:
        try:
            for byte in data:
                send_taken(connection, bytes([byte]))
        except BrokenPipeError:
            pass
        [answer] = read_answers(connection, 1)
        assert_refused(answer, 400)
        assert at_end(connection)


@st.composite
def cut_messages(draw):
    """A name, and its bytes in pieces."""
    name = draw(st.sampled_from([*ACCEPTED, *REFUSED, *OTHERWISE_REFUSED]))
    data = REFUSED[name] if name in REFUSED else {**ACCEPTED, **OTHERWISE_REFUSED}[name][0]
    data += NEXT
    cuts = sorted(draw(st.sets(st.integers(1, min(len(data) - 1, 400)), max_size=6)))
    return name, [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)])]


@bounded(300)
@given(cut=cut_messages())
def test_where_a_message_is_cut_changes_nothing(house, cut):
    name, pieces = cut
    expected = [answer.status_code for answer in converse(house, b"".join(pieces))]
    with Local(house) as connection:
        try:
            for piece in pieces:
                send_taken(connection, piece)
            connection.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass
        stream, got = connection.makefile("rb"), []
        while (answer := read_answer(stream)) is not None:
            got.append(answer.status_code)
    assert [status for status in got if status != 100] == expected, name


# ---- One after the other ------------------------------------------------------------------------


def mixed_requests(person):
    """Of every lane, in an order that would come out wrong if each were answered when it is ready:
    method, bytes, status."""
    login = {"username": person.username, "password": PASSWORD}
    kinds = [
        ("POST", message("POST", "/careers/users/login/", login), 200),
        ("GET", message("GET", f"/careers/users/{person.username}/"), 200),
        ("PATCH", message("PATCH", "/careers/users/me/update/", {"bio": "B"}, person.access), 200),
        ("HEAD", message("HEAD", "/careers/users/"), 200),
        ("GET", message("GET", "/careers/users/?search=a"), 200),
        ("POST", message("POST", "/careers/users/login/", {}), 400),
        ("GET", message("GET", "/nowhere"), 404),
        ("OPTIONS", message("OPTIONS", "/careers/users/"), 204),
        ("DELETE", message("DELETE", "/careers/users/"), 405),
        ("POST", message("POST", "/careers/users/register/", registration()), 201),
    ]
    return [kinds[i % len(kinds)] for i in range(41)] + [kinds[1]] * 9


def tagged(data, tag):
    line, rest = data.split(b"\r\n", 1)
    return line + f"\r\nX-Request-Id: {tag}\r\n".encode() + rest


@pytest.mark.parametrize("at_once", [True, False])
def test_fifty_requests_are_answered_in_order(house, at_once):
    mix = mixed_requests(house.user())
    registered = 0
    with house.connect(timeout=30) as connection:
        pieces = [tagged(data, f"n{i}") for i, (_, data, _) in enumerate(mix)]
        if at_once:
            connection.sendall(b"".join(pieces))
        else:
            for piece in pieces:
                connection.sendall(piece)
        stream = connection.makefile("rb")
        for i, (method, _, status) in enumerate(mix):
            answer = read_answer(stream, method)
            assert answer.headers["X-Request-Id"] == f"n{i}"
            if status == 201:  # the same body again is taken
                registered += 1
                status = 201 if registered == 1 else 400
            assert answer.status_code == status, (i, answer.text)


def test_requests_behind_one_that_closes_are_not_answered(house):
    data = request(LIST, "Connection: close") + NEXT
    [answer] = converse(house, data)
    assert (answer.status_code, answer.headers["Connection"]) == (200, "close")


def test_requests_behind_one_that_is_refused_are_not_answered(house):
    answers = converse(house, request(LIST) + request(LIST, host=None) + NEXT)
    assert [answer.status_code for answer in answers] == [200, 400]


# ---- Expect: 100-continue -----------------------------------------------------------------------


def test_the_body_is_asked_for_and_then_answered(house):
    with house.connect() as connection:
        stream = connection.makefile("rb")
        connection.sendall(request(ASK, "Expect: 100-Continue", SIZED, JSON))
        assert read_answer(stream).status_code == 100
        connection.sendall(OBJECT + NEXT)
        assert [read_answer(stream).status_code for _ in range(2)] == [200, 200]


def test_chunks_are_asked_for_too(house):
    with house.connect() as connection:
        stream = connection.makefile("rb")
        connection.sendall(request(ASK, "Expect: 100-continue", JSON, "Transfer-Encoding: chunked"))
        assert read_answer(stream).status_code == 100
        connection.sendall(b"0\r\n\r\n")
        assert read_answer(stream).status_code == 200


def test_a_body_that_will_not_be_taken_is_not_asked_for(house):
    with house.connect() as connection:
        connection.sendall(request(ASK, "Expect: 100-continue", "Content-Length: 100000"))
        [answer] = read_answers(connection, 1)
        assert_refused(answer, 413)


def test_http_1_0_knows_no_continue(house):
    with house.connect() as connection:
        connection.sendall(request("POST /api/check/auth/ HTTP/1.0", "Expect: 100-continue", SIZED,
                                   JSON) + OBJECT)
        [answer] = read_answers(connection, 1)
        assert answer.status_code == 200


# ---- Whether the connection stays ---------------------------------------------------------------


@pytest.mark.parametrize("version, connection, stays", [
    ("1.1", None, True), ("1.1", "keep-alive", True), ("1.1", "close", False),
    ("1.1", "Close", False), ("1.1", "keep-alive, close", False), ("1.1", "x, close", False),
    ("1.0", None, False), ("1.0", "keep-alive", True), ("1.0", "Keep-Alive", True),
    ("1.0", "close", False)])
def test_the_connection_stays_when_both_want_it(house, version, connection, stays):
    fields = [f"Connection: {connection}"] if connection else []
    with house.connect() as line:
        line.sendall(request(f"GET /careers/users/ HTTP/{version}", *fields))
        stream = line.makefile("rb")
        answer = read_answer(stream)
        assert answer.status_code == 200
        said = answer.headers.get("Connection", "").lower()
        if not stays:
            assert said == "close"
            assert at_end(line)
            return
        assert said == ("keep-alive" if version == "1.0" else "")
        line.sendall(NEXT)
        assert read_answer(stream).status_code == 200


def test_http_1_0_needs_no_host(house):
    [answer] = converse(house, request("GET /careers/users/ HTTP/1.0", host=None))
    assert answer.status_code == 200


# ---- Answers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/careers/users/", "/careers/users/nobody/", "/nowhere",
                                  "/careers/users/me/", "/careers/users/?batch_size=0"])
def test_head_is_get_without_the_body(house, path):
    with house.connect() as connection:
        stream = connection.makefile("rb")
        heads = []
        for method in ("GET", "HEAD"):
            connection.sendall(request(f"{method} {path} HTTP/1.1", "X-Request-Id: same"))
            answer = read_answer(stream, method)
            heads.append((answer.status_code, [(k, v) for k, v in answer.headers.items()
                                               if k != "Date"]))
        assert heads[0] == heads[1]
        connection.sendall(NEXT)
        assert read_answer(stream).headers["X-Request-Id"] == "next"


@pytest.mark.parametrize("sent, echoed", [
    ("a", True), ("A-z.0_9:x", True), ("a" * 128, True), ("a" * 129, False), ("a b", False),
    ("a\tb", False), ("<x>", False), ("\xe4", False), ("", False), ("a,b", False)])
def test_a_sane_request_id_is_echoed_and_another_made_up_for_the_rest(house, sent, echoed):
    [answer] = converse(house, request(LIST, f"X-Request-Id: {sent}"))
    got = answer.headers["X-Request-Id"]
    assert (got == sent) == echoed and got


def test_request_ids_of_ours_are_all_different(house):
    answers = converse(house, request(LIST) * 20)
    assert len({answer.headers["X-Request-Id"] for answer in answers}) == 20


def test_every_answer_has_the_headers_of_the_house(house):
    data = [request(LIST), request(ASK), request("GET /nowhere HTTP/1.1"),
            request("OPTIONS /careers/users/ HTTP/1.1"), request(ASK, host=None)]
    for answer in converse(house, b"".join(data)):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Request-Id"] and answer.headers["Date"].endswith(" GMT")
        if answer.status_code != 204:
            assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
            assert int(answer.headers["Content-Length"]) == len(answer.text.encode())
            json.loads(answer.text)


# ---- Noise --------------------------------------------------------------------------------------

SAMPLES = [*WHOLE.values(), NEXT, request("HEAD / HTTP/1.0"), request("OPTIONS * HTTP/1.1"),
           request(ASK, "Expect: 100-continue", SIZED, JSON, body=OBJECT)]
SPICES = [b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b";", b"0", b"\xff", b"\r\n\r\n", b",",
          b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"Host: x\r\n", b"/", b"%",
          b"ffffffffffffffff", b"HTTP/1.1", b"Expect: 100-continue\r\n"]


@st.composite
def spoiled(draw):
    """Good requests with a few bytes put in, taken out, or said twice."""
    data = b"".join(draw(st.lists(st.sampled_from(SAMPLES), min_size=1, max_size=3)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        to = min(len(data), at + draw(st.integers(0, 12)))
        what = draw(st.sampled_from([b"", data[at:to], data[at:to] * 2, *SPICES]))
        data = data[:at] + what + data[to:]
    return data


@bounded(400)
@given(data=st.one_of(st.binary(max_size=300), spoiled(),
                      st.lists(st.sampled_from(SPICES), max_size=30).map(b"".join)))
def test_noise_gets_an_answer_or_an_end_and_harms_nobody(house, data):
    for answer in converse(house, data):
        assert answer.status_code < 500 or answer.status_code == 505
        if answer.text:
            json.loads(answer.text)
    assert house.process.poll() is None
