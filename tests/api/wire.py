"""Messages on the wire, as bytes, and how to send them whole and in pieces."""
import fcntl
import socket
import struct
import termios
import time

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


OBJECT = b'{"a": 1}'
SIZED = f"Content-Length: {len(OBJECT)}"
JSON = "Content-Type: application/json"


def unread(connection):
    """Bytes that the server has not taken from a unix socket yet."""
    return struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, b"\0" * 4))[0]


def send_taken(connection, data):
    connection.sendall(data)
    deadline = time.monotonic() + 30
    while unread(connection):
        assert time.monotonic() < deadline
        time.sleep(0.0002)


def connect_local(server):
    """A unix socket, of a second listener: there, one sees when the server has read what was sent."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(10)
    connection.connect(server.urls[1].removeprefix("unix:"))
    return connection


def assert_refused(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["Connection"] == "close"
    assert {"error", "message"} == set(answer.json())
