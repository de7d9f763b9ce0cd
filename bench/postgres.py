"""A PostgreSQL of a measurement's own, and what it computes."""
import contextlib
import os
import pathlib
import subprocess
import sys

from load import computed
from servers import BINARY, ROOT, sqlite_url

sys.path.insert(0, str(ROOT / "tests"))
import cluster  # noqa: E402

# Everything is durable; but for the first two, PostgreSQL's defaults (tests have `jit` off).
SETTINGS = {"shared_buffers": "256MB", "max_wal_size": "4GB", "jit": "on"}
TICK = os.sysconf("SC_CLK_TCK")


def copy_to(postgres, folder):
    """Copies the SQLite database in `folder` to a new one in `postgres`; its URL."""
    cluster.execute(postgres.url(), "CREATE DATABASE rollcall")
    url = postgres.url("rollcall")
    subprocess.run([BINARY, "copy", "--quiet", "--from", sqlite_url(folder), "--to", url],
                   check=True, stdout=subprocess.DEVNULL)
    cluster.execute(url, "VACUUM ANALYZE")
    return url


def outlived(process):
    """Seconds that the children computed that a process has outlived, in whole ticks."""
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(") ", 1)[1].split()
    return sum(map(int, fields[13:15])) / TICK


def database_computed(postgres):
    """Seconds that all processes of a cluster have computed."""
    postmaster = postgres.postmaster()
    children = pathlib.Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text()
    total = computed(postmaster) + outlived(postmaster)
    for child in children.split():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            total += computed(child)
    return total
