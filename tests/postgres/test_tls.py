"""A server across a network: TLS as the URL asks for it, passwords that nobody gets to see."""
import os
import shutil
import socket
import subprocess

import pytest

from rollcall import BINARY, QUICK, Server, cluster, ok

PASSWORD = "Tr0ub4dor-and-3"


def certify(folder, name, signer=None):
    """Makes `name`.crt and `name`.key, signed by another of them or by itself."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
               "-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
               "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.crt"]
    if signer:
        command += ["-CA", folder / f"{signer}.crt", "-CAkey", folder / f"{signer}.key"]
    subprocess.run(command, check=True, capture_output=True)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Remote(cluster.Cluster):
    """Reached from elsewhere with TLS and a password alone."""

    def __init__(self):
        super().__init__({**cluster.CRASH_SAFE, "listen_addresses": "'127.0.0.1'", "port": str(free_port()),
                          "ssl": "on"})

    def make(self):
        super().make()
        certify(self.folder, "authority")
        certify(self.folder, "stranger")
        certify(self.folder, "localhost", signer="authority")
        for ours, theirs in (("localhost.crt", "server.crt"), ("localhost.key", "server.key")):
            shutil.copy(self.folder / ours, self.data / theirs)
            os.chmod(self.data / theirs, 0o600)
            if os.geteuid() == 0:
                shutil.chown(self.data / theirs, "postgres", "postgres")
        (self.data / "pg_hba.conf").write_text("local all all trust\n"
                                               "hostssl all all all scram-sha-256\n")

    def remote_url(self, more, host="localhost", password=PASSWORD):
        more = more.format(folder=self.folder)
        return f"postgresql://app:{password}@{host}:{self.settings['port']}/app?{more}"


@pytest.fixture(scope="module")
def remote():
    with Remote() as running:
        cluster.execute(running.url(), f"CREATE ROLE app LOGIN PASSWORD '{PASSWORD}'")
        cluster.execute(running.url(), "CREATE DATABASE app OWNER app")
        yield running


@pytest.mark.parametrize("more", ["sslmode=require",
                                  "sslmode=verify-full&sslrootcert={folder}/authority.crt"])
def test_the_url_says_how_the_line_is_secured(remote, tmp_path, more):
    with Server(tmp_path, [*QUICK, "--log-level", "debug"], database=remote.remote_url(more)) as node:
        ok(node.user().get("/careers/users/me/"))
        assert cluster.execute(remote.url(), "SELECT DISTINCT ssl FROM pg_stat_ssl "
                                             "JOIN pg_stat_activity USING (pid) "
                                             "WHERE usename = 'app'") == [(True,)]
    assert PASSWORD not in node.output


@pytest.mark.parametrize("more, host, password, reason", [
    ("sslmode=verify-full&sslrootcert={folder}/stranger.crt", "localhost", PASSWORD,
     "certificate verify failed"),
    ("sslmode=verify-full&sslrootcert={folder}/authority.crt", "127.0.0.1", PASSWORD,
     'does not match host name "127.0.0.1"'),
    ("sslmode=verify-full&sslrootcert={folder}/nowhere.crt", "localhost", PASSWORD,
     'nowhere.crt" does not exist'),
    ("sslmode=disable", "localhost", PASSWORD, "no encryption"),
    ("sslmode=require", "localhost", "gue55ed", 'password authentication failed for user "app"'),
])
def test_a_line_that_is_not_good_enough_is_refused(remote, more, host, password, reason):
    done = subprocess.run([BINARY, "serve", "--listen", "127.0.0.1:0", "--log-level", "debug",
                           "--database", remote.remote_url(more, host, password)],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert reason in done.stderr
    assert password not in done.stdout + done.stderr
