#!/usr/bin/python3
"""Measures what lists cost with very many accounts, on either engine, and writes the table in
docs/scaling.md.

Usage: lists.py [--accounts N] [--times N] [--folder FOLDER] [--dry]   (--dry writes nothing)

One request at a time, so that its processor time is known: of the node and, with PostgreSQL, of all
processes of the cluster.
"""
import contextlib
import datetime
import json
import pathlib
import sqlite3
import tempfile
import urllib.parse

from load import computed, machine, read_options, warn_if_busy, write_report
from postgres import SETTINGS, cluster, copy_to, database_computed
from servers import ROOT, Rollcall, call, make_up

ADMINISTRATOR = {"username": "olivia", "password": "password123"}
MANY, FEW = 0, 7  # the first and the eighth of countries and languages, by accounts


class Asked:
    """One list: how it is called in the table, and how many match as its answer says."""

    def __init__(self, what, method, path, body, total):
        self.what, self.method, self.path, self.body, self.total = what, method, path, body, total

    def request(self, connection, token):
        """How many match."""
        answer = json.loads(call(connection, self.method, self.path, self.body, token)[1])
        for key in self.total:
            answer = answer[key]
        return answer


def staff(what, **body):
    return Asked(what, "POST", "/api/users/", body, ["total"])


def public(what, **query):
    return Asked(what, "GET", f"/careers/users/?{urllib.parse.urlencode(query)}", None,
                 ["batch_info", "total_users"])


def by_accounts(database, column):
    """Its values, those of most accounts first."""
    rows = database.execute(f"SELECT {column} FROM users WHERE {column} IS NOT NULL "
                            f"GROUP BY 1 ORDER BY COUNT(*) DESC")
    return [value for value, in rows]


def lists(folder):
    with contextlib.closing(sqlite3.connect(f"{folder}/rollcall.db")) as database:
        countries, languages = (by_accounts(database, column)
                                for column in ("country", "language"))
    return [
        public("everybody's list"),
        public("search, six letters", search="garcia"),
        public("search, three letters", search="mar"),
        public("search, one letter", search="a"),
        staff("staff's list, newest first"),
        staff("… by user name", sort="username"),
        staff("… who is banned", status="banned"),
        staff("… staff", role="staff"),
        staff("… a country of many", country=countries[MANY]),
        staff("… a country of few", country=countries[FEW]),
        staff("… a language of many", language=languages[MANY]),
        staff("… an interest of many", category="fashion"),
        staff("… joined in one month", joined_from="2025-12-01"),
        staff("… joined in three years", joined_from="2021-01-01", joined_to="2023-12-31"),
        staff("… search, six letters", q="garcia"),
        staff("… search, three letters", q="mar"),
        staff("… search, one letter", q="a"),
        staff("… a country of many, by user name", country=countries[MANY], sort="username"),
        staff("… the same by last name, backwards", country=countries[MANY], sort="-last_name"),
        staff("… two filters: a country of many, active", country=countries[MANY],
              status="active"),
    ]


class Subject:
    def __init__(self, server, postgres=None):
        self.server, self.postgres, self.connection = server, postgres, server.connection()
        answer = call(self.connection, "POST", "/careers/users/login/", ADMINISTRATOR)
        self.token = json.loads(answer[1])["access"]

    def computed(self):
        database = database_computed(self.postgres) if self.postgres else 0
        return computed(self.server.process.pid) + database

    def measure(self, asked, times):
        """How many match, and the milliseconds that each of `times` requests took after one."""
        total = asked.request(self.connection, self.token)
        before = self.computed()
        for _ in range(times):
            asked.request(self.connection, self.token)
        return total, (self.computed() - before) * 1000 / times


def measure(options):
    warn_if_busy()
    tempfile.tempdir = options.folder
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        print(f"making up {options.accounts} accounts", flush=True)
        make_up(folder, options.accounts, "--superuser", ADMINISTRATOR["username"])
        postgres = stack.enter_context(cluster.Cluster(SETTINGS))
        url = copy_to(postgres, folder)
        ours = Subject(stack.enter_context(Rollcall(folder)))
        theirs = Subject(stack.enter_context(Rollcall(folder, database=url)), postgres)
        for asked in lists(folder):
            total, here = ours.measure(asked, options.times)
            same, there = theirs.measure(asked, options.times)
            if same != total:
                raise RuntimeError(f"{asked.what}: {total} on SQLite, {same} on PostgreSQL")
            row = f"| {asked.what} | {total:,} | {here:.1f} | {there:.1f} | {there / here:.1f} |"
            print(row, flush=True)
            yield row


def main():
    options = read_options(__doc__, accounts=1_000_000, times=10)
    head = (f"Made by `bench/lists.py` on {datetime.date.today()}: {machine()}; "
            f"{options.accounts:,} accounts of `rollcall dev-data`, processor time of a request "
            f"in ms, database included, mean of {options.times}.")
    rows = ["| asked for | match | SQLite | PostgreSQL | ratio |", "|---|--:|--:|--:|--:|",
            *measure(options)]
    if not options.dry:
        write_report(ROOT / "docs" / "scaling.md", "\n".join([head, "", *rows, ""]), "lists")


main()
