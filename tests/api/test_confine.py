"""What the server gives up at its start: root's rights, most system calls, and core dumps."""
import os
import pathlib
import pwd
import resource
import shutil
import socket
import subprocess
import tempfile

import pytest

import certificates
from rollcall import BINARY, POSTGRES, QUICK, Server, ok

USER = "nobody"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def tmp_path():
    """Not pytest's: it takes the right to enter its own from others whenever it is started again."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="rollcall-"))
    yield folder
    shutil.rmtree(folder)


def status(server):
    """/proc/PID/status as a dictionary."""
    lines = pathlib.Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def threads(server):
    for task in pathlib.Path(f"/proc/{server.process.pid}/task").iterdir():
        yield (task / "status").read_text()


def room_for(user, folder):
    """Whoever is to have the database must be able to get there, and to write."""
    account = pwd.getpwnam(user)
    os.chown(folder, account.pw_uid, account.pw_gid)
    for parent in folder.parents:
        if parent.stat().st_mode & 0o001 == 0:
            parent.chmod(parent.stat().st_mode | 0o011)
    return account


def test_every_thread_has_the_filter(tmp_path):
    with Server(tmp_path, QUICK) as server:
        found = list(threads(server))
        assert len(found) > 3
        for text in found:
            assert "Seccomp:\t2\n" in text and "NoNewPrivs:\t1\n" in text


def test_keys_are_in_locked_memory(tmp_path):
    with Server(tmp_path, QUICK) as server:
        assert int(status(server)["VmLck"].split()[0]) > 0


def test_there_is_no_core_dump(tmp_path):
    with Server(tmp_path, QUICK) as server:
        limits = pathlib.Path(f"/proc/{server.process.pid}/limits").read_text()
        assert next(line for line in limits.splitlines() if "core file" in line).split()[4] == "0"
        if os.geteuid() != 0:
            with pytest.raises(PermissionError):
                os.listdir(f"/proc/{server.process.pid}/fd")


def test_it_serves_where_nothing_may_be_locked(tmp_path):
    """A container without the right to lock memory: a warning, once, and everything else works."""
    before = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    launcher = tmp_path / "launcher"
    drop = "setpriv --bounding-set -ipc_lock --inh-caps -ipc_lock " if os.geteuid() == 0 else ""
    launcher.write_text(f"#!/bin/sh\nulimit -l 0\nexec {drop}'{BINARY}' \"$@\"\n")
    launcher.chmod(0o755)
    with Launched(tmp_path, launcher) as server:
        assert ok(server.user().get("/careers/users/me/"))
        assert server.output.count("kept from being swapped out: ") == 1
    assert resource.getrlimit(resource.RLIMIT_MEMLOCK) == before


class Launched(Server):
    """A server that is started by a program of the test's own."""

    def __init__(self, folder, launcher):
        super().__init__(folder, QUICK)
        self.launcher = launcher

    def start(self, timeout=120):
        import rollcall
        binary, rollcall.BINARY = rollcall.BINARY, str(self.launcher)
        try:
            return super().start(timeout)
        finally:
            rollcall.BINARY = binary


# ---- Another user -------------------------------------------------------------------------------


@as_root
def test_it_becomes_the_user_and_nothing_of_root_is_left(tmp_path):
    account = room_for(USER, tmp_path)
    with Server(tmp_path, QUICK + ["--user", USER]) as server:
        ids = status(server)
        assert ids["Uid"].split() == [str(account.pw_uid)] * 4
        assert ids["Gid"].split() == [str(account.pw_gid)] * 4
        assert set(ids["Groups"].split()) == {
            str(group) for group in os.getgrouplist(USER, account.pw_gid)}
        for kind in ("CapInh", "CapPrm", "CapEff"):
            assert int(ids[kind], 16) == 0
        for text in threads(server):
            assert f"Uid:\t{account.pw_uid}\t" in text
        user = server.user()
        assert ok(user.get("/careers/users/me/"))


@as_root
@pytest.mark.skipif(bool(POSTGRES), reason="about files")
def test_the_database_is_the_users(tmp_path):
    account = room_for(USER, tmp_path)
    with Server(tmp_path, QUICK + ["--user", USER]) as server:
        server.user()
        for file in tmp_path.glob("rollcall.db*"):
            assert file.stat().st_uid == account.pw_uid


@as_root
def test_a_port_that_root_alone_may_open_is_open_first(tmp_path):
    room_for(USER, tmp_path)
    floor = int(pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    for port in range(1, floor):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        break
    listens = [f"127.0.0.1:{port}"] if floor > 1 else ["127.0.0.1:0"]
    with Server(tmp_path, QUICK + ["--user", USER], listens=listens) as server:
        assert server.user()


def refused(folder, *options):
    done = subprocess.run([BINARY, "serve", "--listen", "127.0.0.1:0", "--database",
                           f"sqlite:{folder / 'rollcall.db'}", *options],
                          capture_output=True, text=True, timeout=60, cwd=folder)
    assert done.returncode == 1, done
    assert not (folder / "rollcall.db").exists()
    return done.stderr


def test_a_user_that_is_none_is_refused(tmp_path):
    assert "cannot become the user no-such-user: there is none" in refused(
        tmp_path, "--user", "no-such-user")


def test_root_is_refused(tmp_path):
    assert "that gives nothing up" in refused(tmp_path, "--user", "root")


@as_root
def test_a_folder_that_is_not_the_users_is_refused(tmp_path):
    tmp_path.chmod(0o700)
    assert "cannot" in refused(tmp_path, "--user", USER)


def test_somebody_else_is_for_root_alone(tmp_path):
    binary = tmp_path / "rollcall"
    shutil.copy(BINARY, binary)
    command = [binary, "serve", "--listen", "127.0.0.1:0", "--user", "daemon"]
    if os.geteuid() == 0:
        room_for(USER, tmp_path)
        command = ["setpriv", f"--reuid={USER}", "--clear-groups", *command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.returncode == 1 and "cannot become the user daemon: only root can" in done.stderr


@as_root
def test_who_cannot_read_the_key_again_is_told_at_the_start(tmp_path):
    room_for(USER, tmp_path)
    options = QUICK + ["--user", USER, *certificates.Certificate(tmp_path, "server").options]
    with Server(tmp_path, options, listens=["tls:127.0.0.1:0"]) as server:
        assert "is not readable to nobody: SIGHUP will not renew it" in server.output
