"""Many clients at the same moment: bare HTTP over sockets that are connected before the first byte
is sent, so that the requests meet inside the server and not on their way there."""
import asyncio
import collections
import http.client
import io
import json
import resource
import socket

# A crowd takes more descriptors than many systems give; what is started from here inherits them.
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
if _soft < 8192:
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, _hard), _hard))


def message(method, path, body=None, access=None, headers=()):
    """The bytes of a request, with a JSON body."""
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: test", *headers]
    if access:
        lines.append(f"Authorization: Bearer {access}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


class Answer:
    """Like requests' answer, as far as rollcall.ok and rollcall.assert_error look at one."""

    def __init__(self, status, headers, body):
        self.status_code, self.headers, self.text = status, headers, body

    def json(self):
        return json.loads(self.text)


async def _read(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    line, _, fields = head.partition(b"\r\n")
    headers = http.client.parse_headers(io.BytesIO(fields))
    body = await reader.readexactly(int(headers.get("Content-Length", 0)))
    return Answer(int(line.split()[1]), headers, body.decode())


async def _together(addresses, requests, timeout):
    streams = [await asyncio.open_connection(*addresses[i % len(addresses)])
               for i in range(len(requests))]
    for (_, writer), request in zip(streams, requests):
        writer.write(request)
    answers = asyncio.gather(*(_read(reader) for reader, _ in streams))
    try:
        return await asyncio.wait_for(answers, timeout)
    finally:
        for _, writer in streams:
            writer.transport.abort()


def together(servers, requests, timeout=60):
    """Sends each of these messages on a connection of its own, all at once; answers in order.
    Several servers take them in turn."""
    servers = servers if isinstance(servers, list) else [servers]
    return asyncio.run(_together([one.address for one in servers], requests, timeout))


class Line:
    """A connection that stays open: what is asked goes out right behind the last answer."""

    def __init__(self, server):
        self.socket = server.connect(timeout=60)
        self.stream = self.socket.makefile("rb")

    def ask(self, request):
        self.send(request)
        return self.receive()

    def send(self, request):
        self.socket.sendall(request)

    def receive(self):
        return read_answer(self.stream)

    def close(self):
        self.stream.close()
        self.socket.close()


def statuses(answers):
    """How many answered what."""
    return collections.Counter(answer.status_code for answer in answers)


def read_answers(connection, count):
    """Reads `count` responses off a socket, in the order they come."""
    stream = connection.makefile("rb")
    return [read_answer(stream) for _ in range(count)]


def read_answer(stream, method="GET"):
    """One response from a buffered stream; None at its end."""
    line = stream.readline()
    if not line:
        return None
    version, status = line.split()[0], int(line.split()[1])
    assert version == b"HTTP/1.1"
    headers = http.client.parse_headers(stream)
    silent = method == "HEAD" or status in (100, 204, 304)
    body = b"" if silent else stream.read(int(headers.get("Content-Length", 0)))
    return Answer(status, headers, body.decode())


def at_end(connection):
    """Whether the other side has closed, and not just fallen silent. Reads what is left."""
    try:
        while connection.recv(65536):
            pass
        return True
    except ConnectionResetError:
        return True
    except socket.timeout:
        return False
