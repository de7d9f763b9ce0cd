#!/usr/bin/python3
"""Measures one node and three on one PostgreSQL, beside one node on SQLite, and writes the tables
in docs/scaling.md.

Usage: scaling.py [--seconds N] [--runs N] [--users N] [--dry]   (--dry prints and writes nothing)

wrk drives each node for itself, with the same number of connections in all: a load balancer would
take its part of the same cores and measure itself. What nodes and database compute is read from
/proc, so that the cost of a request is known of each, whoever was the first to be busy here.
"""
import contextlib
import datetime
import pathlib
import tempfile
from concurrent.futures import ThreadPoolExecutor

from load import (CONNECTIONS, Load, bearer, computed, machine, read_options, warn_if_busy,
                  write_lines, write_report)
from postgres import SETTINGS, cluster, copy_to, database_computed
from servers import ROOT, Rollcall, make_up, register_many

NODES = 3
FOLLOWERS = 128      # accounts that follow; the made-up ones are followed
LOGIN_ACCOUNTS = 64  # hashed with the default settings
PAIRS_PER_RUN = 120000
CORES = 16           # of the database server in the arithmetic


# ---- What is measured ---------------------------------------------------------------------------


class Subject:
    """Some nodes on one database."""

    def __init__(self, nodes, postgres=None):
        self.nodes, self.postgres, self.pairs = nodes, postgres, 0

    def node_seconds(self):
        return sum(computed(node.process.pid) for node in self.nodes)

    def database_seconds(self):
        return database_computed(self.postgres) if self.postgres else 0


class Cost:
    """Requests per second, and the microseconds that node and database computed for each."""

    def __init__(self, rate, node, database):
        self.rate, self.node, self.database = rate, node, database

    @staticmethod
    def middle(costs):
        return sorted(costs, key=lambda cost: cost.rate)[len(costs) // 2]


def drive(load, subject, path, *options, script=None, arguments=lambda number: ()):
    """One run against all nodes of a subject at once; `arguments` are the script's for one node."""
    count = len(subject.nodes)

    def one(number):
        return load.once(subject.nodes[number].url + path, *options, script=script,
                         arguments=arguments(number), threads=2 if count == 1 else 1,
                         connections=CONNECTIONS // count)[0]

    node, database = subject.node_seconds(), subject.database_seconds()
    with ThreadPoolExecutor(count) as together:
        rate = sum(together.map(one, range(count)))
    per_request = 1e6 / (rate * load.seconds)
    return Cost(rate, (subject.node_seconds() - node) * per_request,
                (subject.database_seconds() - database) * per_request)


def follow(load, subject, files):
    """Every node has pairs of its own, and every run."""
    share = PAIRS_PER_RUN // len(subject.nodes)
    first, subject.pairs = subject.pairs, subject.pairs + PAIRS_PER_RUN
    cost = drive(load, subject, "/careers/users/follow/", script="follow.lua",
                 arguments=lambda number: (files["tokens"], files["followed"],
                                           first + number * share))
    if cost.rate * load.seconds > PAIRS_PER_RUN * 0.9:
        raise RuntimeError("a run has used pairs of the next one: raise PAIRS_PER_RUN")
    return cost


def kinds(files, name, token):
    """{what: a function of load and subject that makes one run}."""
    return {
        "Public profile": lambda load, subject: drive(load, subject, f"/careers/users/{name}/"),
        "Own profile, with a token": lambda load, subject: drive(
            load, subject, "/careers/users/me/", *bearer(token)),
        "Follow, on disk before it is answered": lambda load, subject: follow(load, subject, files),
        "Login": lambda load, subject: drive(
            load, subject, "/careers/users/login/", script="login.lua",
            arguments=lambda number: (files["names"], "password123")),
    }


def measure(load, subjects, files, name, token):
    """{what: the cost for each subject}; the subjects take turns."""
    results = {}
    for what, run in kinds(files, name, token).items():
        turns = [[run(load, subject) for subject in subjects] for _ in range(load.runs)]
        results[what] = [Cost.middle(column) for column in zip(*turns)]
        print(what, *(f"{cost.rate:,.0f}" for cost in results[what]), flush=True)
    return results


# ---- The stage ----------------------------------------------------------------------------------


def prepare(folder, users):
    """A SQLite database and what the scripts of wrk read: the same accounts, and tokens that are
    good on every copy of it."""
    people = make_up(folder, users)
    with Rollcall(folder, "--hash-memory", "8", "--hash-passes", "1") as server:
        followers = register_many(server, [f"follower{i}" for i in range(FOLLOWERS)])
    with Rollcall(folder) as server:
        logins = register_many(server, [f"login{i}" for i in range(LOGIN_ACCOUNTS)])
    files = {"tokens": write_lines(folder / "tokens", (token for _, token in followers.values())),
             "followed": write_lines(folder / "followed", (user_id for user_id, _ in people)),
             "names": write_lines(folder / "names", logins)}
    return files, people[0][1], next(iter(followers.values()))[1]


# What a row takes, with its indexes.
SIZES = {
    "an account": (["users", "directory", "credentials", "user_counts"], "users"),
    "an edge": (["follows"], "follows"),
    "a notification": (["notifications"], "notifications"),
}


def bytes_of(url):
    sizes = {}
    for what, (tables, counted) in SIZES.items():
        total = " + ".join(f"pg_total_relation_size('{table}')" for table in tables)
        [(size,)] = cluster.execute(url, f"SELECT ({total}) / GREATEST(COUNT(*), 1) FROM {counted}")
        sizes[what] = int(size)
    return sizes


def run(options):
    load = Load(options.seconds, options.runs)
    warn_if_busy()
    tempfile.tempdir = options.folder
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        print(f"making up {options.users} accounts", flush=True)
        files, name, token = prepare(folder, options.users)
        postgres = stack.enter_context(cluster.Cluster(SETTINGS))
        url = copy_to(postgres, folder)
        sizes = bytes_of(url)
        reference = stack.enter_context(Rollcall(folder))
        nodes = [stack.enter_context(Rollcall(folder, database=url)) for _ in range(NODES)]
        subjects = [Subject([reference]), Subject(nodes[:1], postgres), Subject(nodes, postgres)]
        subjects[2].pairs = options.runs * PAIRS_PER_RUN  # on the database that the one has used
        return measure(load, subjects, files, name, token), sizes


# ---- The report ---------------------------------------------------------------------------------


def rates(results):
    yield ("| requests per second | SQLite, one node | PostgreSQL, one node | "
           "PostgreSQL, three nodes |")
    yield "|---|--:|--:|--:|"
    for what, costs in results.items():
        yield f"| {what} | " + " | ".join(f"{cost.rate:,.0f}" for cost in costs) + " |"


def bars(results):
    yield "| PostgreSQL beside SQLite, one node each | measured | bar |"
    yield "|---|--:|---|"
    for what, bar in (("Public profile", 0.35), ("Follow, on disk before it is answered", 0.5)):
        sqlite, one, _ = results[what]
        yield f"| {what} | {one.rate / sqlite.rate:.2f} | ≥ {bar} |"


def processors(results):
    yield ("| processor time of a request, µs | SQLite: all of it | PostgreSQL: node | database | "
           "with three nodes: node | database |")
    yield "|---|--:|--:|--:|--:|--:|"
    for what, (sqlite, one, three) in results.items():
        yield (f"| {what} | {sqlite.node:,.0f} | {one.node:,.0f} | {one.database:,.0f} | "
               f"{three.node:,.0f} | {three.database:,.0f} |")


def arithmetic(results):
    """Nobody has measured these: processor time divided, as if nothing else came to be short."""
    yield (f"| reckoned from it, not measured | a database of {CORES} cores, per second | "
           "cores of nodes that take |")
    yield "|---|--:|--:|"
    for what, (_, _, three) in results.items():
        rate = CORES * 1e6 / max(three.database, 1)
        yield f"| {what} | {rate:,.0f} | {rate * three.node / 1e6:,.0f} |"


def storage(sizes):
    yield "| bytes on PostgreSQL, with indexes, after a copy | |"
    yield "|---|--:|"
    for what, size in sizes.items():
        yield f"| {what} | {size:,} |"
    total = 10_000_000 * (sizes["an account"] + 100 * sizes["an edge"])
    yield f"| ten million accounts with a hundred edges each, reckoned | {total / 1e9:,.0f} GB |"


def report(options, results, sizes):
    head = (f"Made by `make bench` on {datetime.date.today()}: {machine()}; wrk, nodes and "
            f"database share them. {CONNECTIONS} connections in all, median of {options.runs} runs "
            f"of {options.seconds} s that take turns, {options.users:,} accounts, default settings "
            "but `--rate-limit off`; PostgreSQL over a unix socket, durable, with `shared_buffers` "
            f"{SETTINGS['shared_buffers']}.")
    parts = [[head], rates(results), bars(results), processors(results), arithmetic(results),
             storage(sizes)]
    return "\n".join("\n".join(part) + "\n" for part in parts)


def main():
    options = read_options(__doc__, seconds=5, runs=3, users=10000)
    text = report(options, *run(options))
    print(text)
    if not options.dry:
        write_report(ROOT / "docs" / "scaling.md", text)


main()
