"""A server whose disk fails at a test's command (faulty.c)."""
import errno
import mmap
import struct

from rollcall import Server
from torture import FAULTY

WRITE, SYNC, TRUNCATE, SEND = 1, 2, 4, 8
DATABASE, LOG = 1, 2
EIO, ENOSPC, DEATH = errno.EIO, errno.ENOSPC, 0
FOR_EVER = 1 << 30
FIELDS = ["calls", "files", "spared", "failing", "error", "halves", "seen", "failed"]


class Disk:
    """What both sides look at while the server runs."""

    def __init__(self, path):
        path.write_bytes(bytes(4 * len(FIELDS)))
        with open(path, "r+b") as file:
            self.shared = mmap.mmap(file.fileno(), 4 * len(FIELDS))

    def _set(self, name, value):
        struct.pack_into("=i", self.shared, 4 * FIELDS.index(name), value)

    def get(self, name):
        return struct.unpack_from("=i", self.shared, 4 * FIELDS.index(name))[0]

    def fail(self, calls, error, files=DATABASE | LOG, spared=0, failing=FOR_EVER, halves=False):
        """From now on. `spared` calls of these kinds pass first, then so many fail. With DEATH for an
        error, the process ends there."""
        self.heal()
        for name, value in [("seen", 0), ("failed", 0), ("files", files), ("error", error),
                            ("halves", halves), ("spared", spared), ("failing", failing),
                            ("calls", calls)]:  # last: what sets it off
            self._set(name, value)

    def heal(self):
        self._set("calls", 0)

    def count(self, calls, files=DATABASE | LOG):
        """Lets all pass from now on, and counts them: get("seen")."""
        self.fail(calls, 0, files, failing=0)


class FaultyServer(Server):
    """`disk` is its disk."""

    def __init__(self, directory, options=(), **more):
        super().__init__(directory, options, **more)
        self.disk = Disk(self.directory / "faulty")

    def start(self, timeout=120):
        self.environment = {
            **self.environment, "LD_PRELOAD": str(FAULTY), "FAULTY": str(self.directory / "faulty"),
            "ASAN_OPTIONS": "detect_leaks=1:exitcode=99:verify_asan_link_order=0"}
        return super().start(timeout)
