#!/usr/bin/python3
"""Measures the release build and writes the table in bench/README.md.

Usage: run.py [--seconds N] [--runs N] [--users N] [--dry]   (--dry prints and writes nothing)
"""
import datetime
import json
import pathlib
import statistics
import subprocess
import tempfile
import threading
import time

from load import (CONNECTIONS, HERE, Load, bearer, machine, read_options, warn_if_busy, write_lines,
                  write_report)
from servers import ROOT, Nginx, Rollcall, call, make_up, register_many

FOLLOWERS = 128      # accounts that follow; the made-up ones are followed
LOGIN_ACCOUNTS = 64  # hashed with the default settings
PAIRS_PER_RUN = 150000


class Row:
    def __init__(self, what, rate, reference=None, of="nginx", bar=None):
        self.what, self.rate, self.reference, self.of, self.bar = what, rate, reference, of, bar

    def markdown(self):
        reference = f"{self.reference:,.0f} ({self.of})" if self.reference else ""
        ratio = f"{self.rate / self.reference:.2f}" if self.reference else ""
        return f"| {self.what} | {self.rate:,.0f} | {reference} | {ratio} | {self.bar or ''} |"


def measure_reads(load, server, name, token, folder):
    """`name` is whose profile is read; `token` reads its owner's."""
    search = "/careers/users/?search=garcia&batch_size=10"
    connection = server.connection()
    found = json.loads(call(connection, "GET", search)[1])["batch_info"]["total_users"]
    paths = {
        "public": (f"/careers/users/{name}/", None, "Public profile", "≥ 0.55"),
        "own": ("/careers/users/me/", token, "Own profile, with a token", "≥ 0.45"),
        "list": ("/careers/users/?batch_size=10", None, "List of 10", None),
        "search": (search, None, f"Search, 10 of {found:,} answers", None),
    }
    answers = {key: call(connection, "GET", path, token=bearer_token)
               for key, (path, bearer_token, _, _) in paths.items()}
    rows = []
    with Nginx(folder, answers) as nginx:
        for key, (path, bearer_token, what, bar) in paths.items():
            options = bearer(bearer_token) if bearer_token else []
            ours, theirs = load.medians(lambda _: load.once(server.url + path, *options)[0],
                                        lambda _: load.once(f"{nginx.url}/{key}", *options)[0])
            rows.append(Row(what, ours, theirs, bar=bar))
            print(rows[-1].markdown(), flush=True)
    return rows


def measure_follow(load, server, people, followers, folder):
    tokens = write_lines(folder / "tokens", (token for _, token in followers.values()))
    followed = write_lines(folder / "followed", (user_id for user_id, _ in people))

    def follow(run):
        arguments = tokens, followed, run * PAIRS_PER_RUN
        rate, _ = load.once(f"{server.url}/careers/users/follow/", script="follow.lua",
                            arguments=arguments)
        if rate * load.seconds > PAIRS_PER_RUN:
            raise RuntimeError("a run has used pairs of the next one: raise PAIRS_PER_RUN")
        return rate

    [rate] = load.medians(follow)
    return Row("Follow, on disk before it is answered", rate, bar="≥ 8,000 /s")


def sodium_rate(seconds):
    done = subprocess.run([ROOT / "build" / "release" / "bench" / "argon2", str(seconds)],
                          check=True, capture_output=True, text=True)
    return float(done.stdout)


def measure_hashing(load, server, names):
    users = f"{server.url}/careers/users"
    alone, login, register = load.medians(
        lambda _: sodium_rate(load.seconds),
        lambda _: load.once(f"{users}/login/", script="login.lua",
                            arguments=(names, "password123"))[0],
        lambda run: load.once(f"{users}/register/", script="register.lua",
                              arguments=(f"new{run}",))[0])
    return [Row("Login", login, alone, "libsodium alone", "≥ 0.9"),
            Row("Register", register, alone, "libsodium alone")]


def measure_isolation(load, server, name, names):
    """p99 in ms of public profile reads, paced and as fast as they can, each without and with 64
    clients that log in all the time."""
    url = f"{server.url}/careers/users/{name}/"
    login = f"{server.url}/careers/users/login/"

    def p99(script):
        return load.once(url, script=script)[1]

    def p99_with_logins(script):
        clients = threading.Thread(target=load.once, args=[login], kwargs={
            "script": "login.lua", "arguments": (names, "password123"),
            "seconds": load.seconds + 2})
        clients.start()
        time.sleep(1)
        result = p99(script)
        clients.join()
        return result

    return [load.medians(lambda _: p99(script), lambda _: p99_with_logins(script))
            for script in ("paced.lua", None)]


def start_once(folder):
    """Milliseconds from exec to the first answer on an empty database, and MiB resident then."""
    begin = time.monotonic()
    with Rollcall(folder) as server:
        connection = server.connection()
        call(connection, "GET", "/careers/users/")
        elapsed = time.monotonic() - begin
        connection.close()
        time.sleep(1)
        return elapsed * 1000, server.resident_mib()


def measure_start(runs):
    samples = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            samples.append(start_once(folder))
    return [statistics.median(column) for column in zip(*samples)]


def measure(options):
    load = Load(options.seconds, options.runs)
    warn_if_busy()
    subprocess.run(["ninja", "-C", ROOT / "build" / "release", "bench/argon2"], check=True,
                   stdout=subprocess.DEVNULL)
    start, idle = measure_start(max(options.runs, 3))
    print(f"start {start:.0f} ms, idle {idle:.1f} MiB", flush=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        folder = pathlib.Path(folder)
        print(f"making up {options.users} accounts", flush=True)
        people = make_up(folder, options.users)
        name = people[0][1]
        with Rollcall(folder, "--hash-memory", "8", "--hash-passes", "1") as server:
            followers = register_many(server, [f"follower{i}" for i in range(FOLLOWERS)])
        token = next(iter(followers.values()))[1]
        with Rollcall(folder) as server:
            logins = register_many(server, [f"login{i}" for i in range(LOGIN_ACCOUNTS)])
            names = write_lines(folder / "names", logins)
            rows = measure_reads(load, server, name, token, folder)
            rows.append(measure_follow(load, server, people, followers, folder))
            print(rows[-1].markdown(), flush=True)
            rows += measure_hashing(load, server, names)
            paced, full = measure_isolation(load, server, name, names)
            loaded = server.resident_mib()
    return rows, {"start": start, "idle": idle, "paced": paced, "full": full, "loaded": loaded}


def isolation(what, quiet, busy):
    yield f"| {what} | {quiet:.2f} ms | |"
    yield (f"| … while {CONNECTIONS} clients log in without pause | {busy:.2f} ms, "
           f"{busy / quiet:.1f} times | ≤ 3 times |")


def report(options, rows, facts):
    lines = [
        f"Made by `make bench` on {datetime.date.today()}: {machine()}; wrk with {CONNECTIONS} "
        f"connections on the same machine, median of {options.runs} runs of {options.seconds} s, "
        f"{options.users:,} accounts, default settings but `--rate-limit off`.", "",
        "| | rollcall, per second | beside it | ratio | bar |", "|---|--:|--:|--:|---|",
        *(row.markdown() for row in rows), "",
        "| | measured | bar |", "|---|--:|---|",
        *isolation(f"p99 of public profile reads, {CONNECTIONS} connections, each 100 a second",
                   *facts["paced"]),
        *isolation("the same as fast as they can", *facts["full"]),
        f"| Start to first answer, empty database | {facts['start']:.0f} ms | ≤ 150 ms |",
        f"| Resident memory, idle, empty database | {facts['idle']:.1f} MiB | ≤ 25 MiB |",
        f"| Resident memory after all of the above | {facts['loaded']:.1f} MiB | |",
    ]
    return "\n".join(lines) + "\n"


def main():
    options = read_options(__doc__, seconds=5, runs=3, users=10000)
    text = report(options, *measure(options))
    print(text)
    if not options.dry:
        write_report(HERE / "README.md", text)


main()
