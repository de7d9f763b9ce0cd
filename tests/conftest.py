"""What all tests here have: the words of the API tests, and one server for each process of them. A test
that needs other settings, a restart or an empty database starts its own `Server`."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent / "api"))
from rollcall import QUICK, Server  # noqa: E402


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("server"), QUICK) as running:
        yield running
