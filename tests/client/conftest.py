"""The client runs on Node.js, against the real server. What it sees does not hang on the database, so
this belongs to the run on SQLite."""
from npm import packages  # noqa: F401
from rollcall import POSTGRES

collect_ignore_glob = ["test_*.py"] if POSTGRES else []
