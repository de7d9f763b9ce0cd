#!/usr/bin/python3
"""Runs the unit tests and the API tests of one build in three rounds, and sums them up: on SQLite, on
PostgreSQL, and on PostgreSQL with what grows with activity partitioned by its owner
(tests/partitions.py).

Usage: run_tests.py BUILD_FOLDER [PYTEST_ARGUMENT...]

With ROLLCALL_TORTURE set it is tests/crash alone, on SQLite and on PostgreSQL, each test in its full
form, and a line for each.

ROLLCALL_TEST_ENGINES names the rounds, if not all: "sqlite postgresql partitioned". PostgreSQL is a
cluster of the tests' own (tests/cluster.py). More programs and files of tests run at once than there are
cores: they wait a lot. The last line is `N passed, N failed`; the exit status is 0 when nothing failed.

The second round leaves out tests/browser and tests/client, which see no database, and adds what is about
PostgreSQL alone (tests/nodes, tests/postgres).

The third round takes what reads and writes the tables that are partitioned: follows, sessions and
their tokens, notifications, idempotency keys, and what ends or counts them (accounts, moderation, the command line's
check, the model, races, the seeds' examples, `is_following` in the directory). Left out is what never
comes to a row of theirs but by the session check, which the others have tried: the wire, limits, the
decoding of input, the catalogue, preferences, walls, statistics, profiles.
"""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import cluster  # noqa: E402
import partitions  # noqa: E402

CMOCKA_TOTAL = re.compile(r"\[  (PASSED|FAILED)  \].*?(\d+) test\(s\)")
GOOD = {"OK", "SKIP"}
TORTURE = bool(os.environ.get("ROLLCALL_TORTURE"))
PROCESSES = str(5 * os.cpu_count() // 2)
# Files are given out in this order, each to one process, which starts its servers and browsers once:
# what takes long comes first.
AT_ONCE = ["-q", "-n", PROCESSES, "--dist", "loadfile"]
FOLDERS = ["tests/browser", "tests/client", "tests/crash", "tests/nodes", "tests/postgres", "tests/api"]
PARTITIONED_UNITS = ["account", "check", "credential", "follow", "moderation", "notification", "session"]
PARTITIONED_API = ["accounts", "authorisation", "cli", "directory", "dossier", "follows", "idempotency", "model",
                   "moderation", "notifications", "races", "seeds", "sessions", "tokens"]


def unit_tests(build, environment, units):
    """Passed and failed cases. A program that dies or leaks is a failed case of its own, and one that
    is a single case (fuzz/replay.c) a passed one when it ends well."""
    log = build / "meson-logs" / "testlog.json"
    log.unlink(missing_ok=True)
    run = subprocess.run(["meson", "test", "-C", build, "--no-rebuild", "--print-errorlogs",
                          "--num-processes", PROCESSES, *units],
                         env=environment)
    if not log.exists():
        return 0, int(run.returncode != 0)
    passed = failed = 0
    for line in log.read_text().splitlines():
        program = json.loads(line)
        totals = {"PASSED": 0, "FAILED": 0}
        for word, count in CMOCKA_TOTAL.findall(program["stdout"] + program.get("stderr", "")):
            totals[word] += int(count)
        if program["result"] not in GOOD and totals["FAILED"] == 0:
            totals["FAILED"] = 1
        if program["result"] == "OK" and not any(totals.values()):
            totals["PASSED"] = 1
        passed += totals["PASSED"]
        failed += totals["FAILED"]
    return passed, failed


def api_tests(build, environment, arguments, how=AT_ONCE):
    report = build / "api-tests.xml"
    report.unlink(missing_ok=True)
    run = subprocess.run([sys.executable, "-m", "pytest", *how,
                          f"--junitxml={report}", *arguments],
                         cwd=ROOT, env=environment)
    if not report.exists():
        return 0, 1
    suites = list(xml.etree.ElementTree.parse(report).getroot().iter("testsuite"))
    total, skipped, failed = (sum(int(s.get(key, 0)) for s in suites for key in keys)
                              for keys in (["tests"], ["skipped"], ["failures", "errors"]))
    if run.returncode != 0 and failed == 0:
        failed = 1
    return max(total - skipped - failed, 0), failed


class Tests:
    """What runs the rounds; `results` has a pair of passed and failed for each part."""

    def __init__(self, build, arguments):
        self.build, self.arguments, self.results = build, arguments, []

    def round(self, name, units=(), files=FOLDERS, database=None, template=None):
        """`units` is empty for all of them."""
        environment = {**os.environ, "ROLLCALL_BINARY": str(self.build / "src" / "rollcall"),
                       "PYTHONPYCACHEPREFIX": str(self.build / "pycache")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # each process would read all files anew
        if database:
            environment.update(ROLLCALL_TEST_DATABASE=database, ROLLCALL_TEST_TEMPLATE=template)
        print(f"\n==== on {name}", flush=True)
        if TORTURE:
            self.results.append(api_tests(self.build, environment,
                                          [*self.arguments, "tests/crash"], ["-v", "-s"]))
            return
        self.results += [unit_tests(self.build, environment, units),
                         api_tests(self.build, environment, [*self.arguments, *files])]

    def on_sqlite(self):
        self.round("SQLite")

    def on_postgresql(self, postgres):
        self.round("PostgreSQL", database=postgres.pattern(), template=postgres.template)

    def on_partitioned(self, postgres):
        """That it really was so is a test of its own: the databases that were used say where their
        rows are."""
        self.round("PostgreSQL, partitioned", PARTITIONED_UNITS,
                   [f"tests/api/test_{name}.py" for name in PARTITIONED_API],
                   postgres.pattern(), partitions.make_template(postgres))
        used = partitions.used(postgres)
        print("partitions with rows:", used)
        spread = all(len(names) > 1 for names in used.values())
        if not self.arguments:  # these may have left out the tests that write
            self.results.append((int(spread), int(not spread)))


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__.strip())
    # Run in the background of a shell, SIGINT is ignored, and so it would be by all that is started
    # here; some tests press Ctrl-C.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    tests = Tests(pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:])
    usual = "sqlite postgresql" if TORTURE else "sqlite postgresql partitioned"
    rounds = os.environ.get("ROLLCALL_TEST_ENGINES", usual).split()
    if "sqlite" in rounds:
        tests.on_sqlite()
    if {"postgresql", "partitioned"} & set(rounds):
        with cluster.Cluster(cluster.QUICK) as postgres:
            postgres.make_template(tests.build / "src" / "rollcall")
            if "postgresql" in rounds:
                tests.on_postgresql(postgres)
            if "partitioned" in rounds:
                tests.on_partitioned(postgres)
    passed, failed = (sum(column) for column in zip(*tests.results))
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(failed != 0)


main()
