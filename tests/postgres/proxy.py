"""What may stand between a node and its server: forwards TCP to the server's socket, falls silent when
told to, and ends a connection at the moment that matters."""
import contextlib
import socket
import threading

BEGIN, SNAPSHOT, COMMIT, FLUSH = (b"postgres_" + word + b"\0"
                                  for word in (b"begin", b"snapshot", b"commit", b"flush"))


class Proxy:
    """Use as `with Proxy(cluster) as proxy:`; nodes take proxy.url(cluster.url(…))."""

    def __init__(self, cluster):
        self.target = str(cluster.folder / ".s.PGSQL.5432")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.flowing = threading.Event()
        self.flowing.set()
        self.pairs = []
        self.cut_at = self.cut_word = None
        self.was_cut = threading.Event()
        self.before_the_cut = lambda: None

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()
        self.flowing.set()
        self.drop()

    def url(self, url):
        return url.partition("@")[0] + f"@127.0.0.1:{self.port}/" + url.split("/")[3].split("?")[0]

    def block(self):
        """From now on nothing passes, and nobody is told."""
        self.flowing.clear()

    def unblock(self):
        self.flowing.set()

    def drop(self):
        """Ends the connections there are."""
        while self.pairs:
            for side in self.pairs.pop():
                with contextlib.suppress(OSError):
                    side.shutdown(socket.SHUT_RDWR)

    def cut(self, at, before=lambda: None, word=COMMIT):
        """Ends a connection at the next COMMIT of a write, or at another statement (`word`):
        "request" keeps that from the server, "answer" waits until the server has answered it.
        `before` runs just then."""
        self.was_cut.clear()
        self.before_the_cut = before
        self.cut_word = word
        self.cut_at = at

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                self._connect(self.listener.accept()[0])

    def _connect(self, client):
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(self.target)
        except OSError:  # it is down just now, and so is the way to it
            client.close()
            return
        self.pairs.append((client, server))
        line = _Line(self, client, server)
        for forward in (line.forth, line.back):
            threading.Thread(target=forward, daemon=True).start()


class _Line:
    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        self.writing = self.doomed = False

    def _forward(self, source, target, passes):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 20):
                self.proxy.flowing.wait()
                if not passes(data):
                    break
                target.sendall(data)
        for side in (source, target):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    def forth(self):
        self._forward(self.client, self.server, self._request_passes)

    def back(self):
        self._forward(self.server, self.client, self._answer_passes)

    def _request_passes(self, data):
        if data.rfind(BEGIN) > data.rfind(SNAPSHOT):
            self.writing = True
        elif SNAPSHOT in data:
            self.writing = False
        word = self.proxy.cut_word
        if not self.proxy.cut_at or word not in data or (word == COMMIT and not self.writing):
            return True
        at, self.proxy.cut_at = self.proxy.cut_at, None
        self.doomed = True
        return at == "answer" or self._end()

    def _answer_passes(self, data):
        return not self.doomed or self._end()

    def _end(self):
        self.proxy.before_the_cut()
        self.proxy.was_cut.set()
        return False
