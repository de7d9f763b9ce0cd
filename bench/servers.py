"""The two servers that are measured: rollcall, and nginx with answers of the same size from memory."""
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = ROOT / "build" / "rollcall"


def sqlite_url(folder):
    return f"sqlite:{folder}/rollcall.db"


class Rollcall:
    """One `rollcall serve` on the SQLite database in `folder`, or on another one. `urls` are those
    of its own plain listener and of the listeners that the options add."""

    def __init__(self, folder, *options, database=None):
        self.database = database or sqlite_url(folder)
        self.options = options

    def __enter__(self):
        self.process = subprocess.Popen(
            [BINARY, "serve", "--database", self.database, "--listen", "127.0.0.1:0",
             "--rate-limit", "off", "--log-level", "error", *self.options],
            stdout=subprocess.PIPE, text=True)
        self.urls = [re.search(r"serving (https?://\S+)", self.process.stdout.readline()).group(1)
                     for _ in range(1 + self.options.count("--listen"))]
        self.url = self.urls[0]
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate()

    def connection(self):
        return http.client.HTTPConnection(urllib.parse.urlsplit(self.url).netloc)

    def resident_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) / 1024


def make_up(folder, accounts, *options):
    """Fills a new database in `folder` with made-up people; [(id, name)] of those anybody may see."""
    subprocess.run([BINARY, "dev-data", "--database", sqlite_url(folder), "--accounts",
                    str(accounts), "--log-level", "error", *options],
                   check=True, stdout=subprocess.DEVNULL)
    database = sqlite3.connect(f"{folder}/rollcall.db")
    people = database.execute("SELECT d.user_id, u.username FROM directory d JOIN users u "
                              "ON u.id = d.user_id WHERE d.listed = 1 ORDER BY d.user_id").fetchall()
    database.close()
    return people


def call(connection, method, path, body=None, token=None):
    """Status, headers and bytes of one request; raises when it is refused."""
    headers = {"Content-Type": "application/json"} if body is not None else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    response = connection.getresponse()
    data = response.read()
    if response.status >= 300:
        raise RuntimeError(f"{method} {path}: {response.status} {data[:200]!r}")
    return response, data


def register_many(server, names):
    """Registers all names over a few connections; {name: (id, access token)}."""
    accounts, lock, todo = {}, threading.Lock(), iter(names)

    def work():
        connection = server.connection()
        while True:
            with lock:
                name = next(todo, None)
            if name is None:
                return
            _, data = call(connection, "POST", "/careers/users/register/", {
                "username": name, "email": f"{name}@example.com", "password": "password123",
                "password_confirm": "password123", "first_name": "Alice", "last_name": "Smith",
                "bio": "Software developer passionate about APIs"})
            answer = json.loads(data)
            accounts[name] = answer["user"]["id"], answer["access"]

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if any(name not in accounts for name in names):
        raise RuntimeError("not all accounts could be registered")
    return accounts


NGINX = """
daemon off;
worker_processes {workers};
pid {folder}/nginx.pid;
error_log {folder}/nginx.log error;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    default_type "application/json; charset=utf-8";
    server_tokens off;
    server {{
        listen 127.0.0.1:{port} reuseport;
{tls}{locations}
    }}
}}
"""
TLS = """        listen 127.0.0.1:{port} ssl reuseport;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
"""
LOCATION = """        location = /{name} {{
{headers}
            return 200 '{body}';
        }}
"""
# What nginx sends of its own accord.
OWN_HEADERS = {"content-type", "content-length", "date", "server", "connection"}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Nginx:
    """nginx with as many workers as cores. `answers` are responses of rollcall by name: each is
    answered at /NAME with a body of the same size and the same headers, as constants. With a
    certificate the second of its `urls` is an HTTPS one."""

    def __init__(self, folder, answers, certificate=None, key=None):
        self.folder = folder
        self.port, secure_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.urls = [self.url, f"https://127.0.0.1:{secure_port}"]
        tls = TLS.format(port=secure_port, certificate=certificate, key=key) if certificate else ""
        locations = "".join(
            LOCATION.format(name=name, body="x" * len(data), headers="\n".join(
                f'            add_header {header} "{value}";' for header, value in response.getheaders()
                if header.lower() not in OWN_HEADERS))
            for name, (response, data) in answers.items())
        (folder / "nginx.conf").write_text(NGINX.format(
            folder=folder, port=self.port, workers=os.cpu_count(), tls=tls, locations=locations))

    def __enter__(self):
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-p", self.folder, "-c",
                                         self.folder / "nginx.conf"], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except ConnectionRefusedError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.01)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def workers(self):
        """Their process ids."""
        pid = self.process.pid
        return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
