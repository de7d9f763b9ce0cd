"""RFC 9112 §8 and §9: messages that stop half-way, and what becomes of the connection."""
from wire import ASK, JSON, LIST, OBJECT, SIZED, chunked, request

from .case import row, section

OLD_LIST = "GET /careers/users/ HTTP/1.0"
GOOD = request(ASK, SIZED, JSON, body=OBJECT)


def option(text):
    return request(LIST, f"Connection: {text}")


def half(data, size):
    assert 0 < abs(size) < len(data)
    return data[:size]


# The client ends what it sends behind these.
INCOMPLETE = section(
    "8",
    row("one byte", "400 closed", b"G", ends=True, choice="half messages"),
    row("half a request line", "400 closed", half(GOOD, 20), ends=True, choice="half messages"),
    row("a request line", "400 closed", ASK.encode() + b"\r\n", ends=True,
        choice="half messages"),
    row("half a field", "400 closed", half(GOOD, 40), ends=True, choice="half messages"),
    row("no empty line", "400 closed", half(request(LIST), -2), ends=True,
        choice="half messages"),
    row("half an empty line", "400 closed", half(request(LIST), -1), ends=True,
        choice="half messages"),
    row("no body", "400 closed", half(GOOD, -len(OBJECT)), ends=True, choice="half messages"),
    row("a byte of the body missing", "400 closed", half(GOOD, -1), ends=True,
        choice="half messages"),
    row("no chunk", "400 closed", chunked(end=b""), ends=True, choice="half messages"),
    row("half a chunk", "400 closed", chunked(b"8\r\n{", end=b""), ends=True,
        choice="half messages"),
    row("no last chunk", "400 closed", chunked(b"8\r\n" + OBJECT + b"\r\n", end=b""), ends=True,
        choice="half messages"),
    row("no end behind the last chunk", "400 closed", chunked(end=b"0\r\n"), ends=True,
        choice="half messages"),
    row("half a trailer", "400 closed", chunked(end=b"0\r\nX: 1\r\n"), ends=True,
        choice="half messages"),
    row("half a request behind a whole one", "200 400 closed", request(LIST) + half(GOOD, 50),
        ends=True, choice="half messages"),
    row("a whole request", "200 closed", GOOD, ends=True, choice="half-closed clients"),
    row("two whole requests", "200 200 closed", GOOD + request(LIST), ends=True,
        choice="half-closed clients"),
    row("nothing", "closed", b"", ends=True),
    row("nothing but an empty line", "closed", b"\r\n", ends=True),
)

PERSISTENCE = section(
    "9.3",
    row("1.1 says nothing", "200 kept", request(LIST)),
    row("1.1 says keep-alive", "200 kept", option("keep-alive")),
    row("1.1 says close", "200 closed", option("close")),
    row("1.0 says nothing", "200 closed", request(OLD_LIST)),
    row("1.0 says keep-alive", "200 kept", request(OLD_LIST, "Connection: keep-alive"),
        choice="keep-alive of 1.0"),
    row("1.0 says Keep-Alive", "200 kept", request(OLD_LIST, "Connection: Keep-Alive"),
        choice="keep-alive of 1.0"),
    row("1.0 says close", "200 closed", request(OLD_LIST, "Connection: close")),
    row("1.0 says keep-alive and close", "200 closed",
        request(OLD_LIST, "Connection: keep-alive, close")),
    row("1.0 says close and keep-alive", "200 closed",
        request(OLD_LIST, "Connection: close", "Connection: keep-alive")),
    row("1.0 says half of keep-alive", "200 closed", request(OLD_LIST, "Connection: keep")),
    row("1.0 with a body says keep-alive", "200 kept",
        request("POST /api/check/auth/ HTTP/1.0", "Connection: keep-alive", SIZED, JSON,
                body=OBJECT), choice="keep-alive of 1.0"),
    row("1.0 says keep-alive to a proxy", "200 closed",
        request(OLD_LIST, "Proxy-Connection: keep-alive")),
    row("1.1 says close to a proxy", "200 kept", request(LIST, "Proxy-Connection: close")),
    row("1.0 sends Keep-Alive alone", "200 closed", request(OLD_LIST, "Keep-Alive: timeout=5")),
) + section(
    "9110 7.6.1",
    row("options have no case", "200 closed", option("CLOSE")),
    row("close before others", "200 closed", option("close, x")),
    row("close behind others", "200 closed", option("x, y,close")),
    row("close behind keep-alive", "200 closed", option("keep-alive, close")),
    row("close before keep-alive", "200 closed", option("close, keep-alive")),
    row("close and blanks", "200 closed", option("x\t ,\t close \t, y")),
    row("close behind empty members", "200 closed", option(", ,,close")),
    row("close before empty members", "200 closed", option("close,,")),
    row("close in the second field", "200 closed",
        request(LIST, "Connection: x", "Connection: close")),
    row("close in the first field", "200 closed",
        request(LIST, "Connection: close", "Connection: keep-alive")),
    row("an empty field", "200 kept", option("")),
    row("an unknown option", "200 kept", option("x")),
    row("closed is not close", "200 kept", option("closed")),
    row("xclose is not close", "200 kept", option("xclose")),
    row("close with a parameter is not close", "200 kept", option("close;x")),
    row("close in quotes is not close", "200 kept", option('"close"')),
    row("Connection does not frame", "200 kept",
        request(ASK, "Connection: Content-Length, Host", SIZED, JSON, body=OBJECT)),
)

PIPELINING = section(
    "9.3.2",
    row("three requests", "200 404 200 kept",
        request(LIST) + request("GET /nowhere HTTP/1.1") + request(ASK)),
    row("bodies between them", "200 200 200 kept", GOOD + chunked(b"2\r\n{}\r\n") + GOOD),
    row("a refusal in the middle is the last answer", "200 400 closed",
        request(LIST) + request(LIST, host=None) + request(LIST)),
    row("an error that is none of framing is not", "200 400 200 kept",
        request(LIST) + request("GET /% HTTP/1.1") + request(LIST)),
    row("close in the middle is the last answer", "200 200 closed",
        request(LIST) + option("close") + request(LIST)),
    row("1.0 in the middle is the last answer", "200 200 closed",
        request(LIST) + request(OLD_LIST) + request(LIST)),
    row("answers wait for slower ones before them", "400 200 204 kept",
        request("POST /careers/users/login/ HTTP/1.1", "Content-Length: 2", JSON, body=b"{}")
        + request(LIST) + request("OPTIONS * HTTP/1.1")),
    row("one after the other", "200 200 200 kept", request(LIST), GOOD, request(LIST)),
) + section(
    "6.3",
    row("a byte too many behind a body", "200 400 closed", GOOD + b"}"),
    row("a blank line of blanks behind a body", "200 400 closed", GOOD + b"  \r\n"),
    row("a body twice", "200 400 closed", GOOD + OBJECT),
)

TEAR_DOWN = section(
    "9.6",
    row("nothing is answered behind close", "200 closed", option("close") + request(LIST)),
    row("garbage behind close", "200 closed", option("close") + b"\0\0\0"),
    row("garbage behind a refusal", "400 closed", request(LIST, host=None) + b"x" * 3000),
)

UPGRADE = section(
    "9110 7.8",
    row("Upgrade to h2c", "200 kept",
        request(LIST, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c",
                "HTTP2-Settings: AAMAAABk"), choice="Upgrade"),
    row("Upgrade to a websocket", "200 kept",
        request(LIST, "Connection: Upgrade", "Upgrade: websocket",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"),
        choice="Upgrade"),
    row("Upgrade to TLS", "200 kept",
        request(LIST, "Connection: Upgrade", "Upgrade: TLS/1.2, HTTP/1.1"), choice="Upgrade"),
    row("Upgrade, and a body", "200 kept",
        request(ASK, "Connection: Upgrade", "Upgrade: h2c", SIZED, JSON, body=OBJECT),
        choice="Upgrade"),
    row("Upgrade, and chunks", "200 kept",
        chunked(b"2\r\n{}\r\n", fields=["Connection: Upgrade", "Upgrade: h2c"]),
        choice="Upgrade"),
    row("Upgrade, and close", "200 closed",
        request(LIST, "Connection: Upgrade, close", "Upgrade: h2c"), choice="Upgrade"),
    row("Upgrade without Connection", "200 kept", request(LIST, "Upgrade: websocket")),
    row("Upgrade on 1.0", "200 closed",
        request(OLD_LIST, "Connection: Upgrade", "Upgrade: websocket")),
    row("Connection: Upgrade without Upgrade", "200 kept", option("Upgrade")),
)


def expecting(*fields, line=ASK):
    return request(line, *(f"Expect:{field}" for field in fields), SIZED, JSON)


EXPECT = section(
    "9110 10.1.1",
    row("the body is asked for", "100 200 kept", expecting(" 100-continue"), OBJECT),
    row("in any case", "100 200 kept", expecting(" 100-CONTINUE"), OBJECT),
    row("chunks are asked for", "100 200 kept", chunked(fields=["Expect: 100-continue"], end=b""),
        b"0\r\n\r\n"),
    row("with a list", "100 200 kept", expecting(" 100-continue, ,100-Continue"), OBJECT),
    row("with two fields", "100 200 kept", expecting(" 100-continue", " 100-continue"), OBJECT),
    row("a request later", "200 100 200 kept", request(LIST), expecting(" 100-continue"), OBJECT),
    row("a body that is there is not asked for", "200 kept", expecting(" 100-continue") + OBJECT),
    row("no body is not asked for", "200 kept", request(LIST, "Expect: 100-continue")),
    row("an empty body is not asked for", "200 kept",
        request(ASK, "Expect: 100-continue", "Content-Length: 0")),
    row("a body that is too large is not asked for", "413 closed",
        request(ASK, "Expect: 100-continue", "Content-Length: 65537")),
    row("a bad request is not asked to go on", "400 closed",
        request(ASK, "Expect: 100-continue", SIZED, host=None)),
    row("nothing is expected", "200 kept", expecting("") + OBJECT),
    row("something else", "417 closed", expecting(" the-unexpected"), choice="expectations"),
    row("something else as well", "417 closed", expecting(" 100-continue, more"),
        choice="expectations"),
    row("something else in another field", "417 closed", expecting(" more", " 100-continue"),
        choice="expectations"),
    row("a value", "417 closed", expecting(" 100-continue=1"), choice="expectations"),
    row("1.0 is not asked", "200 closed",
        expecting(" 100-continue", line="POST /api/check/auth/ HTTP/1.0") + OBJECT),
    row("1.0 expects something else", "200 closed",
        expecting(" the-unexpected", line="POST /api/check/auth/ HTTP/1.0") + OBJECT),
)

CASES = INCOMPLETE + PERSISTENCE + PIPELINING + TEAR_DOWN + UPGRADE + EXPECT
