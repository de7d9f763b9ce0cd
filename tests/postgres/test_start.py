"""Starting on a database that is not ready for it: what is missing is named."""
import subprocess

import pytest

from rollcall import BINARY, Server, cluster


def run(*arguments):
    return subprocess.run([BINARY, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60)


@pytest.fixture
def empty(postgres):
    return cluster.fresh_database(postgres.pattern())


@pytest.mark.parametrize("command", [["check"], ["user", "list"], ["user", "show", "somebody"],
                                     ["key", "rotate"]])
def test_what_may_not_make_a_database_makes_none(empty, command):
    done = run(*command, "--database", empty)
    assert done.returncode == 1
    assert "there is no rollcall database yet" in done.stderr
    assert cluster.execute(empty, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


def role_with(postgres, empty, rights):
    """A URL of that database for a new role with these rights alone."""
    [(name,)] = cluster.execute(empty, "SELECT current_database()")
    cluster.execute(empty, f"CREATE ROLE {name}_role LOGIN")
    cluster.execute(empty, f"GRANT {rights.format(database=name)} TO {name}_role")
    return empty.replace("postgres@", f"{name}_role@")


@pytest.mark.parametrize("rights, missing, remedy", [
    ("CONNECT ON DATABASE {database}", "permission denied for schema public",
     "the role that the URL names must own the database"),
    ("ALL ON SCHEMA public", 'permission denied to create extension "pg_trgm"',
     "Must have CREATE privilege on current database"),
])
def test_a_right_that_is_missing_is_named(postgres, empty, rights, missing, remedy):
    done = run("serve", "--listen", "127.0.0.1:0", "--database", role_with(postgres, empty, rights))
    assert done.returncode == 1
    assert missing in done.stderr and remedy in done.stderr


def test_an_extension_that_is_there_need_not_be_made(postgres, empty, tmp_path):
    cluster.execute(empty, "CREATE EXTENSION pg_trgm")
    with Server(tmp_path, database=role_with(postgres, empty, "ALL ON SCHEMA public")) as node:
        node.user()


def test_a_database_of_a_later_program_is_left_alone(database):
    cluster.execute(database, "INSERT INTO migrations SELECT version + 1, 'later', 'x', 0 "
                              "FROM migrations ORDER BY version DESC LIMIT 1")
    done = run("serve", "--listen", "127.0.0.1:0", "--database", database)
    assert done.returncode == 1
    assert "the database is newer than this program" in done.stderr


def test_a_database_in_another_encoding_is_refused(postgres):
    cluster.execute(postgres.url(), "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    done = run("serve", "--listen", "127.0.0.1:0", "--database", postgres.url("latin"))
    assert done.returncode == 1
    assert "ENCODING 'UTF8', not LATIN1" in done.stderr
