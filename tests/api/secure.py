"""A TLS client that shows what HTTP libraries hide: where each byte of the wire goes, the end that
is said and the end that is not."""
import io
import socket
import ssl


def context(authority, lowest=ssl.TLSVersion.TLSv1_2, highest=ssl.TLSVersion.TLSv1_3):
    trusting = ssl.create_default_context(cafile=str(authority))
    trusting.minimum_version, trusting.maximum_version = lowest, highest
    trusting.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)  # an end must have been said
    return trusting


class Secure:
    """TLS on a connected socket, whose bytes are sent by `send`."""

    def __init__(self, connection, trusting, name="localhost", send=None, session=None):
        self.socket = connection
        self.family = connection.family
        self._send = send or socket.socket.sendall
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = trusting.wrap_bio(self._in, self._out, server_hostname=name, session=session)

    def hello(self):
        """The first bytes of a handshake, which are not sent."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            return self._out.read()

    def handshake(self):
        self._until_done(self.tls.do_handshake)
        return self

    def _until_done(self, step, *arguments):
        while True:
            try:
                return step(*arguments)
            except ssl.SSLWantReadError:
                self._flush()
                data = self.socket.recv(65536)
                self._in.write(data) if data else self._in.write_eof()
            finally:
                self._flush()

    def _flush(self):
        if self._out.pending:
            self._send(self.socket, self._out.read())

    def encrypt(self, data):
        """The bytes of the wire, which are not sent."""
        self.tls.write(data)
        return self._out.read()

    def sendall(self, data):
        for start in range(0, len(data), 16384):
            self._until_done(self.tls.write, data[start:start + 16384])

    def recv(self, size):
        """Nothing when the server has said that there is no more; an end that it has not said is an
        ssl.SSLEOFError."""
        try:
            return self._until_done(self.tls.read, size)
        except ssl.SSLZeroReturnError:
            return b""

    def shutdown(self, _=socket.SHUT_WR):
        """Says the end of what is sent, and goes on reading."""
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        self._flush()

    def makefile(self, _="rb"):
        return io.BufferedReader(_Raw(self))

    def settimeout(self, seconds):
        self.socket.settimeout(seconds)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class _Raw(io.RawIOBase):
    def __init__(self, connection):
        self.connection = connection

    def readable(self):
        return True

    def readinto(self, room):
        data = self.connection.recv(len(room))
        room[:len(data)] = data
        return len(data)
