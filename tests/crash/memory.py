"""A server whose memory runs out when a test says so (memory.c)."""
import mmap
import struct

from rollcall import Server
from torture import preloadable

SHIM = preloadable("memory")
FIELDS = ["armed", "spared", "failing", "seen", "failed"]  # of struct orders in memory.c


class Memory:
    def __init__(self, path):
        path.write_bytes(bytes(4 * len(FIELDS)))
        with path.open("r+b") as file:
            self.orders = mmap.mmap(file.fileno(), 0)

    def get(self, name):
        return struct.unpack_from("=i", self.orders, 4 * FIELDS.index(name))[0]

    def _set(self, name, value):
        struct.pack_into("=i", self.orders, 4 * FIELDS.index(name), value)

    def fail(self, spared, failing=1):
        """From now on so many allocations pass, and so many fail then."""
        self.enough()
        for name, value in [("seen", 0), ("failed", 0), ("spared", spared), ("failing", failing),
                            ("armed", 1)]:  # last: what sets it off
            self._set(name, value)

    def enough(self):
        self._set("armed", 0)


class ForgetfulServer(Server):
    """`memory` is its memory."""

    def __init__(self, directory, options=()):
        super().__init__(directory, options)
        self.memory = Memory(self.directory / "memory")
        self.environment = {"LD_PRELOAD": str(SHIM), "SHIM_MEMORY": str(self.directory / "memory")}

    def _environment(self):
        environment = super()._environment()
        environment["ASAN_OPTIONS"] += ":verify_asan_link_order=0:allocator_may_return_null=1"
        return environment
