#!/usr/bin/python3
"""Runs the unit tests and the API tests of one build and sums them up.

Usage: run_tests.py BUILD_FOLDER [PYTEST_ARGUMENT...]

The last line is `N passed, N failed`; the exit status is 0 when nothing failed.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
CMOCKA_TOTAL = re.compile(r"\[  (PASSED|FAILED)  \].*?(\d+) test\(s\)")


def unit_tests(build):
    """Passed and failed cases. A program that dies or leaks is a failed case of its own."""
    log = build / "meson-logs" / "testlog.json"
    log.unlink(missing_ok=True)
    run = subprocess.run(["meson", "test", "-C", build, "--no-rebuild", "--print-errorlogs"])
    if not log.exists():
        return 0, int(run.returncode != 0)
    passed = failed = 0
    for line in log.read_text().splitlines():
        program = json.loads(line)
        totals = {"PASSED": 0, "FAILED": 0}
        for word, count in CMOCKA_TOTAL.findall(program["stdout"] + program.get("stderr", "")):
            totals[word] += int(count)
        if program["result"] != "OK" and totals["FAILED"] == 0:
            totals["FAILED"] = 1
        passed += totals["PASSED"]
        failed += totals["FAILED"]
    return passed, failed


def api_tests(build, arguments):
    report = build / "api-tests.xml"
    report.unlink(missing_ok=True)
    environment = {**os.environ, "ROLLCALL_BINARY": str(build / "src" / "rollcall"),
                   "PYTHONDONTWRITEBYTECODE": "1"}
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


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    results = [unit_tests(build), api_tests(build, sys.argv[2:])]
    passed, failed = (sum(column) for column in zip(*results))
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(failed != 0)


main()
