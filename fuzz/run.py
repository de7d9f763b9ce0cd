#!/usr/bin/python3
"""Runs the fuzz targets of one build one after the other and says what each did.

Usage: run.py [--record] BUILD_FOLDER [TARGET...]

FUZZ_SECONDS is how long each runs (60); FUZZ_RUNS, if set, how often instead. What is new grows in
BUILD_FOLDER/corpus. What crashes, hangs or leaks is left there as `found-TARGET-...`, for its cause to
be mended and the file to be moved to fuzz/regression/TARGET. The exit status is 0 when nothing was
found. --record writes what each did into the table of README.md.
"""
import datetime
import os
import pathlib
import re
import subprocess
import sys
import tempfile

FUZZ = pathlib.Path(__file__).resolve().parent
LONGEST = {"http": 4096, "data": 4096}  # bytes of an input that libFuzzer makes; of the others 512
# A leak is looked for after every input; a single input may take seconds on a busy machine.
OPTIONS = ["-print_final_stats=1", "-timeout=30", "-rss_limit_mb=2048", "-entropic=0"]
# Small quarantine and short stacks: an input takes microseconds, and what it allocates is soon freed.
ASAN = "allocator_may_return_null=1:quarantine_size_mb=16:malloc_context_size=6"
EXECUTIONS = r"number_of_executed_units: (\d+)"
RATE = r"average_exec_per_sec: +(\d+)"
COVERED = r"cov: (\d+)"
KEPT = r"corp: (\d+)"
HEADING = "| target | executions | a second | edges | inputs kept | date |"


def targets(build):
    return sorted(path.name.removeprefix("fuzz_") for path in (build / "fuzz").iterdir()
                  if path.is_file() and re.fullmatch(r"fuzz_[a-z]+", path.name))


def command(build, target):
    grown = build / "corpus" / target
    grown.mkdir(parents=True, exist_ok=True)
    limit = (f"-runs={os.environ['FUZZ_RUNS']}" if "FUZZ_RUNS" in os.environ
             else f"-max_total_time={os.environ.get('FUZZ_SECONDS', '60')}")
    words = FUZZ / f"{target}.dict"
    return [build / "fuzz" / f"fuzz_{target}", *OPTIONS, limit,
            f"-max_len={LONGEST.get(target, 512)}",
            *([f"-dict={words}"] if words.exists() else []),
            f"-artifact_prefix={build}/corpus/found-{target}-",
            grown, *(folder for folder in (FUZZ / "corpus" / target, FUZZ / "regression" / target)
                     if folder.is_dir())]


def number(pattern, text):
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def write_down(target, cells):
    """Puts the row of the target in place of its last one."""
    readme = FUZZ / "README.md"
    row = " | ".join(map(str, [f"| `{target}`", *cells])) + " |"
    lines = readme.read_text().splitlines()
    begin = lines.index(HEADING) + 2
    end = next(i for i in range(begin, len(lines) + 1) if i == len(lines) or not lines[i])
    rows = {line.split("`")[1]: line for line in lines[begin:end]} | {target: row}
    lines[begin:end] = [rows[name] for name in sorted(rows)]
    readme.write_text("\n".join(lines) + "\n")


def run(build, target, record):
    """Whether nothing was found."""
    environment = {**os.environ, "ASAN_OPTIONS": ASAN}
    environment.pop("ROLLCALL_TEST_DATABASE", None)
    with tempfile.TemporaryDirectory(prefix="rollcall-fuzz-") as scratch:
        environment["TMPDIR"] = scratch
        done = subprocess.run(command(build, target), env=environment, capture_output=True,
                              text=True, errors="replace")
    said = done.stderr
    executions, rate, edges, kept = (number(pattern, said)
                                     for pattern in (EXECUTIONS, RATE, COVERED, KEPT))
    print(f"{target}: {executions} executions, {rate} a second, {edges} edges, {kept} inputs kept"
          + ("" if done.returncode == 0 else f": FAILED ({done.returncode})"), flush=True)
    if record and done.returncode == 0:
        write_down(target, [f"{executions:,}", f"{rate:,}", edges, kept, datetime.date.today()])
    if done.returncode != 0:
        print(said[-6000:])
    return done.returncode == 0


def main():
    arguments = sys.argv[1:]
    record = "--record" in arguments[:1]
    arguments = arguments[record:]
    if not arguments or arguments[0].startswith("-"):
        sys.exit(__doc__.strip())
    build = pathlib.Path(arguments[0]).resolve()
    results = [run(build, target, record) for target in arguments[1:] or targets(build)]
    sys.exit(not all(results))


main()
