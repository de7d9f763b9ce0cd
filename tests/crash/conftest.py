"""These tests talk to the server in the words of the API tests. Those about what becomes of a file on a
bad disk belong to the run on SQLite; so does the one about memory, as AddressSanitizer itself ends where a
thread starts without any, which they do there as connections are made."""
import os

import pytest

from rollcall import QUICK, Server

collect_ignore = (["test_bits.py", "test_disk_errors.py", "test_memory.py", "test_power_loss.py"]
                  if os.environ.get("ROLLCALL_TEST_DATABASE") else [])


@pytest.fixture
def server(tmp_path):
    """It may be killed and started again by the test, and ends well."""
    running = Server(tmp_path, QUICK)
    running.start()
    yield running
    assert running.stop() == 0, running.output
