"""A copy that does not come to its end leaves nothing, and the next one finds the place free."""
import contextlib
import resource
import signal
import subprocess

import pytest

from copying import (EDGES, ENGINES, POSTGRES, PostgresPlace, copy, empty_schema,
                     make_long_source, make_short_source, new_place, report, start_copy)
from rollcall import PASSWORD, QUICK, Server, cluster, wait_until

BUSY = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE ?"


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    return make_long_source(tmp_path_factory.mktemp("long"))


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    return make_short_source(tmp_path_factory.mktemp("short"))


@pytest.fixture(scope="module")
def long_from(long, tmp_path_factory):
    """The same in every engine of this run."""
    urls = {"sqlite": long}
    if POSTGRES:
        urls["postgresql"] = new_place("postgresql", tmp_path_factory.mktemp("long")).url
        copy(long, urls["postgresql"])
    return urls


def backends(place, query):
    return [pid for pid, in cluster.execute(place.url, BUSY, query + "%")]


def is_under_way(place):
    if isinstance(place, PostgresPlace):
        return bool(backends(place, "COPY follows "))
    partial = place.folder / "rollcall.db.partial"
    return partial.exists() and partial.stat().st_size > 0


def has_come_to(process, words):
    for line in process.stdout:
        if words in line:
            return
    raise AssertionError("it has ended")


@contextlib.contextmanager
def copying(source, place, **more):
    process = start_copy(source, place.url, **more)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def interrupt(process, place, moment, number):
    if moment == "rows":
        wait_until(lambda: is_under_way(place))
    else:
        has_come_to(process, "Indexing follows_followers")
    assert process.poll() is None
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == -number, output
    return output


def assert_free(place, short):
    wait_until(place.has_nothing)
    assert_copied(copy(short, place.url))


def assert_copied(done):
    assert report(done)["users"][1][0] == 1


@pytest.mark.parametrize("number, moment", [
    (signal.SIGINT, "rows"), (signal.SIGTERM, "indexes"), (signal.SIGHUP, "rows"),
    (signal.SIGKILL, "rows"), (signal.SIGKILL, "indexes")])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_signal(long, short, tmp_path, engine, number, moment):
    place = new_place(engine, tmp_path)
    with copying(long, place) as process:
        output = interrupt(process, place, moment, number)
    if number != signal.SIGKILL:
        assert "interrupted; nothing has been made" in output
        wait_until(place.is_empty)
    assert_free(place, short)


@pytest.mark.skipif(not POSTGRES, reason="SQLite's schema is in the file")
def test_a_schema_that_was_there_stays(long, short, tmp_path):
    place = empty_schema(new_place("postgresql", tmp_path), short)
    before = place.query("SELECT pg_get_indexdef(indexrelid) FROM pg_index ORDER BY 1")
    with copying(long, place) as process:
        interrupt(process, place, "rows", signal.SIGKILL)
    assert place.query("SELECT count(*), pg_relation_size('follows') FROM follows") == [(0, 0)]
    assert place.query("SELECT pg_get_indexdef(indexrelid) FROM pg_index ORDER BY 1") == before
    assert_copied(copy(short, place.url))
    assert place.query("SELECT pg_get_indexdef(indexrelid) FROM pg_index ORDER BY 1") == before


@pytest.mark.parametrize("engine, refusal", [
    ("sqlite", "another process is making"), ("postgresql", "rollcall copy: ")][:len(ENGINES)])
def test_two_at_once_do_not_meet(long, tmp_path, engine, refusal):
    place = new_place(engine, tmp_path)
    with copying(long, place) as first:
        wait_until(lambda: is_under_way(place))
        assert refusal in copy(long, place.url, status=1).stderr
        output, _ = first.communicate(timeout=120)
        assert first.returncode == 0, output
    assert place.query("SELECT count(*) FROM follows") == [(EDGES,)]


# ---- No room -------------------------------------------------------------------------------------


ABOVE_WAL = 16 * 1024 * 1024 + 8192  # a server that cannot write its log is another matter


def limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, 4_000_000))


@pytest.mark.parametrize("source", ENGINES)
def test_a_full_disk_under_a_file(long_from, short, tmp_path, source):
    place = new_place("sqlite", tmp_path)
    done = copy(long_from[source], place.url, status=1, preexec_fn=limit_files)
    assert "nothing has been kept in" in done.stderr
    assert place.is_empty()
    assert_free(place, short)


@pytest.mark.skipif(not POSTGRES, reason="a server's disk")
def test_a_full_disk_under_the_server(long, short, tmp_path):
    place = new_place("postgresql", tmp_path)
    with copying(long, place) as process:
        wait_until(lambda: is_under_way(place))
        backend, = backends(place, "COPY follows ")
        subprocess.run(cluster.as_postgres(["prlimit", f"--pid={backend}", f"--fsize={ABOVE_WAL}"]),
                       check=True)
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 1, output
    assert "nothing has been kept in" in output
    assert_free(place, short)


# ---- A connection that is lost -------------------------------------------------------------------


def terminate(place, query):
    wait_until(lambda: backends(place, query))
    for backend in backends(place, query):
        place.query(f"SELECT pg_terminate_backend({backend})")


@pytest.mark.skipif(not POSTGRES, reason="there is no connection")
@pytest.mark.parametrize("moment", ["COPY follows ", "CREATE INDEX follows_followers "])
def test_the_connection_to_the_target(long, short, tmp_path, moment):
    place = new_place("postgresql", tmp_path)
    with copying(long, place) as process:
        terminate(place, moment)
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 1, output
    assert "nothing has been kept in" in output
    assert place.is_empty()
    assert_free(place, short)


@pytest.mark.skipif(not POSTGRES, reason="there is no connection")
def test_the_connection_to_the_source(long_from, tmp_path):
    place = new_place("sqlite", tmp_path)
    source = PostgresPlace(long_from["postgresql"])
    with copying(source.url, place) as process:
        terminate(source, "COPY (SELECT follower_id")
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 1, output
    assert "nothing has been kept in" in output
    assert place.is_empty()


# ---- A server that starts meanwhile --------------------------------------------------------------


@pytest.mark.skipif(not POSTGRES, reason="SQLite's file has another name until it is whole")
def test_a_server_that_starts_meanwhile_sees_all_or_nothing(long, tmp_path):
    place = new_place("postgresql", tmp_path)
    with copying(long, place) as process:
        wait_until(lambda: is_under_way(place))
        with Server(tmp_path, QUICK, database=place.url) as server:
            assert process.wait(60) == 0
            assert server.login("alice", PASSWORD).id == 1
            assert place.query("SELECT count(*) FROM signing_keys") == [(1,)]
