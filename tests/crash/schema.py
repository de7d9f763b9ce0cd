"""A database as the first release made it, with people in it: one of today from which everything is taken
away that migrations/0001 does not know of."""
import contextlib
import re
import shutil
import sqlite3

from rollcall import POSTGRES, ROOT, cluster, forget_checksums

MIGRATIONS = sorted((ROOT / "migrations").glob("*.sql"))
OTHER = "--sqlite:" if POSTGRES else "--postgres:"
FIRST = "\n".join(line for line in MIGRATIONS[0].read_text().split("\n") if not line.startswith(OTHER))
KNOWN = set(re.findall(r"\w+", FIRST)) | {"migrations"}
COLUMNS = {table: set(re.findall(r"^ +(\w+) ", body, re.M))
           for table, body in re.findall(r"^CREATE TABLE (\w+) \((.*?)^\)", FIRST, re.M | re.S)}

_SQLITE = """
    SELECT type, name FROM sqlite_schema WHERE sql IS NOT NULL AND sql NOT LIKE 'CREATE VIRTUAL%'
    AND name NOT LIKE 'directory\\_grams\\_%' ESCAPE '\\'
    AND name NOT LIKE 'directory\\_trigrams\\_%' ESCAPE '\\'"""
_POSTGRES = """
    SELECT CASE relkind WHEN 'r' THEN 'table' WHEN 'i' THEN 'index' ELSE 'sequence' END, relname
    FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i', 'S')
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = c.oid)
    UNION ALL SELECT 'function', proname FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
    UNION ALL SELECT 'statistics', stxname FROM pg_statistic_ext"""


class Tables:
    """One database, past the server."""

    def __init__(self, url):
        self.database = (cluster.connect(url) if POSTGRES else
                         sqlite3.connect(url.removeprefix("sqlite:"), isolation_level=None))
        if not POSTGRES:  # what is no UTF-8 any more is to be seen as well
            self.database.text_factory = lambda text: text.decode(errors="surrogateescape")

    def query(self, sql, parameters=()):
        if POSTGRES:
            return cluster.query(self.database, sql, parameters)
        return self.database.execute(sql, parameters).fetchall()

    def objects(self, of_type=None):
        """(type, name) of all that there is, tables first."""
        found = self.query(_POSTGRES if POSTGRES else _SQLITE)
        return sorted((one for one in found if of_type in (None, one[0])),
                      key=lambda one: (one[0] != "table", one))

    def columns(self, table):
        if POSTGRES:
            return [name for name, in self.query(
                "SELECT column_name FROM information_schema.columns WHERE table_name = ? "
                "ORDER BY ordinal_position", (table,))]
        return [row[1] for row in self.query(f"PRAGMA table_info({table})")]

    def rows(self, table, columns):
        return sorted(self.query(f"SELECT {', '.join(columns)} FROM {table}"), key=repr)

    def content(self):
        """{table: (columns, rows)} of the tables proper."""
        tables = [name for _, name in self.objects("table") if name != "migrations"]
        return {name: (self.columns(name), self.rows(name, self.columns(name))) for name in tables}

    def take_away(self):
        for kind, name in self.objects():
            if name not in KNOWN:
                self.query(f"DROP {kind} IF EXISTS {name}" + (" CASCADE" if POSTGRES else ""))
        for _, table in self.objects("table"):
            for column in self.columns(table) if table in COLUMNS else ():
                if column not in COLUMNS[table]:
                    self.drop(table, column)
        self.query("DELETE FROM migrations WHERE version > 1")
        self.query("DELETE FROM secrets WHERE name = 'setup'")  # the link of a first run

    def drop(self, table, column):
        """SQLite looks through all triggers, and some of ours need the server's own tokenizer."""
        triggers = () if POSTGRES else self.query(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        for name, _ in triggers:
            self.query(f"DROP TRIGGER {name}")
        self.query(f"ALTER TABLE {table} DROP COLUMN {column}")
        for _, sql in triggers:
            self.query(sql)

    def close(self):
        self.database.close()


def copy(source, folder):
    """The URL of a copy of a database that nobody has open."""
    if POSTGRES:
        return cluster.fresh_database(POSTGRES, source.split("?")[0].rsplit("/", 1)[1])
    shutil.copy(source.removeprefix("sqlite:"), folder / "rollcall.db")
    return f"sqlite:{folder / 'rollcall.db'}"


def make_first(source):
    """Makes a database one of the first release; its content."""
    with contextlib.closing(Tables(source)) as tables:
        tables.take_away()
        content = tables.content()
    if not POSTGRES:
        forget_checksums(source.removeprefix("sqlite:"))
    return content
