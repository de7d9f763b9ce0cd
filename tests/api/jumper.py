"""A server whose wall clock jumps while its monotonic clock runs on."""
import os
from pathlib import Path

from rollcall import Server

LIBFAKETIME = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)


class Jumper(Server):
    """jump() moves the wall clock, also of what is yet to start."""

    def __init__(self, directory, options):
        self.moves = Path(directory) / "moves"
        self.jump("+0")
        super().__init__(directory, options, environment={
            "LD_PRELOAD": str(LIBFAKETIME), "FAKETIME_TIMESTAMP_FILE": str(self.moves),
            "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"})

    def _environment(self):
        environment = super()._environment()
        environment["ASAN_OPTIONS"] += ":verify_asan_link_order=0"
        return environment

    def jump(self, by):
        """By how much it differs from the true time from now on: "+2d"."""
        replacement = self.moves.with_suffix(".new")
        replacement.write_text(by + "\n")
        os.replace(replacement, self.moves)

    def today(self):
        return self.anonymous().get("/careers/users/").headers["Date"]
