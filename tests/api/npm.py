"""What package-lock.json names, for tests that need it: a fixture to import."""
import fcntl
import subprocess

import pytest

from rollcall import ROOT


@pytest.fixture(scope="session")
def packages():
    """The folder with the packages, put there once however many workers ask for it."""
    with open(ROOT / "package-lock.json") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([ROOT / "tools" / "npm.sh", "--version"], check=True, capture_output=True,
                       timeout=300)
    return ROOT / "node_modules"
