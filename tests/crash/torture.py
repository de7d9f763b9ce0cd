"""How much of it: `make test` does the short form of each test, `make torture` the full one, and says
what that was."""
import atexit
import os
import shutil
import tempfile
from pathlib import Path

from rollcall import BINARY


def preloadable(name):
    """What the build has made of tests/crash/NAME.c, under a name without spaces: LD_PRELOAD takes what
    it is given apart at those."""
    folder = Path(tempfile.mkdtemp(prefix="rollcall-preload-"))
    atexit.register(shutil.rmtree, folder)
    link = folder / f"{name}.so"
    link.symlink_to(Path(BINARY).resolve().parents[1] / "tests" / "crash" / link.name)
    return link


FAULTY = preloadable("faulty")
FULL = bool(os.environ.get("ROLLCALL_TORTURE"))


def count(short, full):
    return full if FULL else short


def report(**figures):
    """In `make torture`, a line of figures under the name of the test."""
    if FULL:
        print("   ", ", ".join(f"{value:,} {name.replace('_', ' ')}"
                               for name, value in figures.items()), flush=True)
