"""PgBouncer in transaction mode, before a cluster."""
import contextlib
import subprocess

from rollcall import cluster, wait_until

PORT = "&port=6432"  # what makes a URL of the cluster's go through it
CONFIGURATION = """
[databases]
* = host={folder} user=postgres
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = {folder}
auth_type = any
pool_mode = transaction
default_pool_size = {size}
logfile = {folder}/pgbouncer.log
pidfile = {folder}/pgbouncer.pid
{more}
"""


@contextlib.contextmanager
def before(server, more="", size=3):
    file = server.folder / "pgbouncer.ini"
    file.write_text(CONFIGURATION.format(folder=server.folder, more=more, size=size))
    file.chmod(0o644)
    process = subprocess.Popen(cluster.as_postgres(["/usr/sbin/pgbouncer", "-q", str(file)]))
    wait_until((server.folder / ".s.PGSQL.6432").exists)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)
