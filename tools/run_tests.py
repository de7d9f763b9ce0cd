#!/usr/bin/python3
"""Runs the unit tests and the API tests of one build, on SQLite and on PostgreSQL, and sums them up.

Usage: run_tests.py BUILD_FOLDER [PYTEST_ARGUMENT...]

ROLLCALL_TEST_ENGINES=sqlite or =postgresql runs them on one engine alone. PostgreSQL is a cluster of
the tests' own (tests/cluster.py). The last line is `N passed, N failed`; the exit status is 0 when
nothing failed.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import cluster  # noqa: E402

CMOCKA_TOTAL = re.compile(r"\[  (PASSED|FAILED)  \].*?(\d+) test\(s\)")
GOOD = {"OK", "SKIP"}


def unit_tests(build, environment):
    """Passed and failed cases. A program that dies or leaks is a failed case of its own."""
    log = build / "meson-logs" / "testlog.json"
    log.unlink(missing_ok=True)
    run = subprocess.run(["meson", "test", "-C", build, "--no-rebuild", "--print-errorlogs"],
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
        passed += totals["PASSED"]
        failed += totals["FAILED"]
    return passed, failed


def api_tests(build, arguments, environment):
    report = build / "api-tests.xml"
    report.unlink(missing_ok=True)
    run = subprocess.run([sys.executable, "-m", "pytest", "-q", "-n", "auto",
                          f"--junitxml={report}", *arguments, "tests"],
                         cwd=ROOT, env=environment)
    if not report.exists():
        return 0, 1
    suites = list(xml.etree.ElementTree.parse(report).getroot().iter("testsuite"))
    total, skipped, failed = (sum(int(s.get(key, 0)) for s in suites for key in keys)
                              for keys in (["tests"], ["skipped"], ["failures", "errors"]))
    if run.returncode != 0 and failed == 0:
        failed = 1
    return max(total - skipped - failed, 0), failed


def suite(build, arguments, more):
    environment = {**os.environ, "ROLLCALL_BINARY": str(build / "src" / "rollcall"),
                   "PYTHONDONTWRITEBYTECODE": "1", **more}
    print(f"\n==== on {'PostgreSQL' if more else 'SQLite'}", flush=True)
    return [unit_tests(build, environment), api_tests(build, arguments, environment)]


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    engines = os.environ.get("ROLLCALL_TEST_ENGINES", "sqlite postgresql").split()
    results = []
    if "sqlite" in engines:
        results += suite(build, sys.argv[2:], {})
    if "postgresql" in engines:
        with cluster.Cluster(cluster.QUICK) as postgres:
            postgres.make_template(build / "src" / "rollcall")
            results += suite(build, sys.argv[2:],
                             {"ROLLCALL_TEST_DATABASE": postgres.pattern(),
                              "ROLLCALL_TEST_TEMPLATE": postgres.template})
    passed, failed = (sum(column) for column in zip(*results))
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(failed != 0)


main()
