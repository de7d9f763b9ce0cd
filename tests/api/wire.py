"""Messages on the wire: bytes that are requests, bytes that are not (RFC 9110, RFC 9112), and how
to send them."""
import socket

from crowd import read_answer

LINE_MAX = 8 * 1024
HEAD_MAX = 16 * 1024
BODY_MAX = 64 * 1024
FIELDS_MAX = 100

ASK = "POST /api/check/auth/ HTTP/1.1"
LIST = "GET /careers/users/ HTTP/1.1"
NEXT = b"GET /careers/users/ HTTP/1.1\r\nHost: test\r\nX-Request-Id: next\r\n\r\n"


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


# ---- Requests -----------------------------------------------------------------------------------

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
