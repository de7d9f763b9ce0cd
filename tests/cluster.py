"""A PostgreSQL cluster of one's own: made in a temporary folder, reachable through a unix socket there
and nowhere else, gone afterwards. It owes nothing to a cluster that the system may run.

PostgreSQL does not run as root; as root, it is run by the user `postgres` that its package makes.
"""
import contextlib
import itertools
import os
import pathlib
import select
import shutil
import signal
import subprocess
import tempfile

import psycopg2

VERSION = "15"
PROGRAMS = pathlib.Path(f"/usr/lib/postgresql/{VERSION}/bin")
# Several hundred small databases that live for minutes: nothing in them is worth a vacuum.
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
# What is killed loses nothing that the system has been given: no test cuts the power.
CRASH_SAFE = {"fsync": "off", "full_page_writes": "off"}
_numbers = itertools.count(1)


def as_postgres(command):
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]


class Cluster:
    """start() or `with`. `settings` go into postgresql.conf; QUICK ones forget all about crashes."""

    def __init__(self, settings=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rollcall-pg-"))
        self.data = self.folder / "data"
        self.settings = {"listen_addresses": "''", "unix_socket_directories": f"'{self.folder}'",
                         "max_connections": "600", "shared_buffers": "64MB",
                         "log_min_messages": "fatal", "timezone": "'UTC'",
                         "jit": "off",  # no statement here is long enough to be worth it
                         **(settings or {})}
        self.template = None

    def run(self, program, *arguments, check=True):
        """Runs one of PostgreSQL's programs as somebody whom the server accepts."""
        command = as_postgres([str(PROGRAMS / program), *map(str, arguments)])
        done = subprocess.run(command, cwd=self.folder, text=True, timeout=120,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if check and done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stdout}")
        return done.stdout

    def start(self):
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        os.chmod(self.folder, 0o755)
        self.make()
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as conf:
            conf.writelines(f"{name} = {value}\n" for name, value in self.settings.items())
        self.up()
        return self

    def make(self):
        self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                 "--locale=C.UTF-8", "--no-sync")

    def up(self):
        log = self.folder / "log"
        try:
            self.run("pg_ctl", "-D", self.data, "-l", log, "-w", "start")
        except RuntimeError as error:
            raise RuntimeError(f"{error}{log.read_text()}") from error

    def down(self, mode="fast"):
        self.run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")

    def stop(self):
        """Its folder may have several hundred databases, which take minutes to remove: nobody waits."""
        with contextlib.suppress(RuntimeError):
            self.down("immediate")
        subprocess.Popen(["rm", "-rf", self.folder], start_new_session=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def url(self, database="postgres"):
        port = self.settings.get("port")
        return f"postgresql://postgres@/{database}?host={self.folder}" + (f"&port={port}" if port else "")

    def pause(self):
        """Freezes every process of the server; resume() lets them go on."""
        self._signal(signal.SIGSTOP)

    def resume(self):
        self._signal(signal.SIGCONT)

    def postmaster(self):
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def _signal(self, number):
        postmaster = self.postmaster()
        children = pathlib.Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text()
        for process in [postmaster, *map(int, children.split())]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)

    def kill(self):
        """What the power supply does. It is not started again."""
        self._signal(signal.SIGKILL)

    def set(self, name, value):
        """Changes a setting of the running server; `value` as in postgresql.conf."""
        execute(self.url(), f"ALTER SYSTEM SET {name} = {value}")
        execute(self.url(), "SELECT pg_reload_conf()")

    # ---- Databases ------------------------------------------------------------------------------

    def make_template(self, binary):
        """A database with an empty schema in it, to make others from at the price of a copy."""
        name = "rollcall_template"
        execute(self.url(), f"CREATE DATABASE {name}")
        with subprocess.Popen([binary, "serve", "--database", self.url(name), "--listen",
                               "127.0.0.1:0", "--log-level", "error"],
                              stdout=subprocess.PIPE) as server:
            serving = server.stdout.readline()
            server.terminate()
        if not serving or server.returncode != 0:
            raise RuntimeError(f"no template: exit status {server.returncode}")
        execute(self.url(name), "DELETE FROM signing_keys")
        execute(self.url(name), "DELETE FROM secrets")
        self.template = name

    def pattern(self):
        """What the unit tests make URLs from: %s is the name of a database."""
        return self.url("%s")


class Standby(Cluster):
    """A copy that follows a running cluster, until promote(), and answers queries meanwhile."""

    def __init__(self, primary, settings=None):
        super().__init__({**primary.settings, **(settings or {})})
        self.settings["unix_socket_directories"] = f"'{self.folder}'"
        self.primary = primary

    def make(self):
        self.run("pg_basebackup", "-D", self.data, "-h", self.primary.folder, "-U", "postgres",
                 "--write-recovery-conf", "--checkpoint=fast", "--no-sync")

    def promote(self):
        self.run("pg_ctl", "-D", self.data, "-w", "promote")


def connect(url):
    connection = psycopg2.connect(url)
    connection.autocommit = True
    return connection


def query(connection, sql, parameters=()):
    """Runs one statement, with ? for each parameter as SQLite has it; its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("%", "%%").replace("?", "%s"), parameters)
        return cursor.fetchall() if cursor.description else []


def execute(url, sql, *parameters):
    with contextlib.closing(connect(url)) as connection:
        return query(connection, sql, parameters)


class Session:
    """Executes on one connection, for what is asked again and again; on another one when the server has
    ended it meanwhile."""

    def __init__(self, url):
        self.url, self.connection = url, None

    def execute(self, sql, *parameters):
        if self.connection is None or self._has_ended():
            self.close()
            self.connection = connect(self.url)
        return query(self.connection, sql, parameters)

    def _has_ended(self):
        """An idle connection has nothing to say but that."""
        return self.connection.closed or select.select([self.connection], [], [], 0)[0]

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None


# A function of ours stands before the server's own in every session to come.
STOPPED_CLOCK = """
CREATE SCHEMA stopped; CREATE TABLE stopped.clock (at timestamptz);
INSERT INTO stopped.clock VALUES (now());
CREATE FUNCTION stopped.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS 'SELECT at FROM stopped.clock';
DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() ||
    ' SET search_path = stopped, pg_catalog, public'; END $$"""


def stop_clock(url):
    """clock_timestamp() stands still in this database from now on, until it is moved."""
    execute(url, STOPPED_CLOCK)


def move_clock(url, seconds):
    execute(url, f"UPDATE stopped.clock SET at = at + interval '{seconds} seconds'")


def dump(url, *options):
    return subprocess.run([PROGRAMS / "pg_dump", *options, url], check=True, capture_output=True,
                          timeout=120).stdout


def fresh_database(pattern, template=None):
    """A database that nobody else uses, by the URL pattern of a cluster; its URL."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    like = f" TEMPLATE {template}" if template else ""
    execute(pattern % "postgres", f"CREATE DATABASE {name}{like}")
    return pattern % name
