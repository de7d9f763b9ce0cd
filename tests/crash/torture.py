"""How much of it: `make test` does the short form of each test, `make torture` the full one, and says
what that was."""
import os
from pathlib import Path

from rollcall import BINARY

FAULTY = Path(BINARY).resolve().parents[1] / "tests" / "crash" / "faulty.so"
FULL = bool(os.environ.get("ROLLCALL_TORTURE"))


def count(short, full):
    return full if FULL else short


def report(**figures):
    """In `make torture`, a line of figures under the name of the test."""
    if FULL:
        print("   ", ", ".join(f"{value:,} {name.replace('_', ' ')}"
                               for name, value in figures.items()), flush=True)
