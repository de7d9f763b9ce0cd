#!/usr/bin/python3
"""Measures what HTTPS costs, beside nginx, and writes the table in docs/https.md.

Usage: https.py [--seconds N] [--runs N] [--connections N] [--folder FOLDER] [--dry]
(--dry writes nothing)
"""
import contextlib
import datetime
import pathlib
import re
import socket
import ssl
import statistics
import subprocess
import tempfile
import urllib.parse

from load import CONNECTIONS, Load, computed, machine, read_options, warn_if_busy, write_report
from servers import ROOT, Nginx, Rollcall, call, make_up

KEYS = {"ECDSA P-256": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "RSA 2048": ["rsa:2048"]}
REQUEST = "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Client:
    """Connections to one URL, each of which asks once."""

    def __init__(self, url, certificate):
        self.url, parts = url, urllib.parse.urlsplit(url)
        self.address = parts.hostname, parts.port
        self.request = REQUEST.format(path=parts.path).encode()
        self.tls = None
        if parts.scheme == "https":
            self.tls = ssl.create_default_context(cafile=certificate)
            self.tls.minimum_version = ssl.TLSVersion.TLSv1_3

    def connect(self):
        connection = socket.create_connection(self.address)
        if self.tls:
            connection = self.tls.wrap_socket(connection, server_hostname="localhost")
        connection.sendall(self.request)
        if not connection.recv(65536).startswith(b"HTTP/1.1 200"):
            raise RuntimeError("an answer that is none")
        return connection


class Subject:
    """A server: the processes it is, and who asks it without and with TLS."""

    def __init__(self, processes, urls, path, certificate):
        self.processes = processes
        self.plain, self.secure = (Client(url + path, certificate) for url in urls)

    def computed(self):
        return sum(map(computed, self.processes))

    def memory(self):
        """Bytes of memory that are its own."""
        text = "".join(pathlib.Path(f"/proc/{process}/smaps_rollup").read_text()
                       for process in self.processes)
        return sum(map(int, re.findall(r"^Private_\w+: +(\d+) kB", text, re.M))) * 1024


def certify(folder, kind):
    """(certificate, key) that localhost gives itself."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-nodes", "-newkey", *KEYS[kind], "-keyout", key,
                    "-out", certificate, "-days", "2", "-subj", "/CN=localhost"],
                   check=True, capture_output=True)
    return certificate, key


@contextlib.contextmanager
def subjects(kind):
    """rollcall with a public profile, and nginx with an answer of the same size and headers."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        certificate, key = certify(folder, kind)
        path = f"/careers/users/{make_up(folder, 100)[0][1]}/"
        secure = ["--listen", "tls:127.0.0.1:0", "--tls-cert", certificate, "--tls-key", key]
        with Rollcall(folder, *secure) as server:
            answer = call(server.connection(), "GET", path)
            with Nginx(folder, {"profile": answer}, certificate, key) as nginx:
                yield (Subject([server.process.pid], server.urls, path, certificate),
                       Subject(nginx.workers(), nginx.urls, "/profile", certificate))


def per_request(subject, client, load):
    """Microseconds that the server computes for a request on one of wrk's connections, which stay
    open."""
    before = subject.computed()
    rate, _ = load.once(client.url)
    return (subject.computed() - before) * 1e6 / (rate * load.seconds)


def per_connection(subject, client, count):
    """… of one with a connection of its own. Each handshake is a whole one."""
    before = subject.computed()
    for _ in range(count):
        client.connect().close()
    return (subject.computed() - before) * 1e6 / count


def idle_bytes(subject, client, count):
    """Memory of each connection that has asked and waits, beyond the first few."""
    with contextlib.ExitStack() as held:
        for _ in range(count // 5):
            held.enter_context(client.connect())
        before = subject.memory()
        for _ in range(count):
            held.enter_context(client.connect())
        return (subject.memory() - before) / count


def measurements(load, count):
    """(what, function of a subject, how often) of all that no kind of key matters for. Memory is
    measured once, and first: later connections would live in what earlier ones have let go."""
    return [
        ("Bytes of an idle connection, plain", lambda s: idle_bytes(s, s.plain, count), 1),
        ("… TLS 1.3", lambda s: idle_bytes(s, s.secure, count), 1),
        ("µs of a request on an open connection, plain",
         lambda s: per_request(s, s.plain, load), load.runs),
        ("… TLS 1.3", lambda s: per_request(s, s.secure, load), load.runs),
        ("µs of a request with a connection of its own, plain",
         lambda s: per_connection(s, s.plain, count), load.runs),
    ]


def row(both, what, measurement, runs):
    """The servers take turns; the median of each."""
    turns = [[measurement(subject) for subject in both] for _ in range(runs)]
    ours, theirs = (statistics.median(column) for column in zip(*turns))
    line = f"| {what} | {ours:,.0f} | {theirs:,.0f} | {ours / theirs:.2f} |"
    print(line, flush=True)
    return line


def measure(options):
    tempfile.tempdir = options.folder
    load, count = Load(options.seconds, options.runs), options.connections
    warn_if_busy()
    once = measurements(load, count)
    for kind in KEYS:
        handshake = f"… TLS 1.3, {kind}", lambda s: per_connection(s, s.secure, count), load.runs
        with subjects(kind) as both:
            for measurement in [*once, handshake]:
                yield row(both, *measurement)
        once = []


def main():
    options = read_options(__doc__, seconds=5, runs=3, connections=1000)
    rows = list(measure(options))
    head = (f"Made by `bench/https.py` on {datetime.date.today()}: {machine()}. Processor time and "
            "memory of the server, for a public profile; beside it nginx with an answer of the "
            f"same size. wrk's {CONNECTIONS} connections stay open, {options.connections:,} ask "
            f"once. Medians of {options.runs} runs, memory of one.")
    text = "\n".join([head, "", "| | rollcall | nginx | ratio |", "|---|--:|--:|--:|", *rows, ""])
    if not options.dry:
        write_report(ROOT / "docs" / "https.md", text)


main()
