"""The network between a node and its server falls silent, or leads to where nobody answers."""
import contextlib
import time

import pytest

from crowd import message, together
from proxy import Proxy
from rollcall import QUICK, Server, cluster, ok, wait_until

ME = "/careers/users/me/"


@pytest.fixture
def proxies(postgres):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Proxy(postgres)) for _ in range(3)]


def everything(node, person):
    """All that a client may ask for, many times at once; the answers, and how long they took."""
    requests = [message("GET", ME, access=person.access),
                message("GET", "/careers/users/"),
                message("PATCH", ME + "update/", {"bio": "x"}, person.access),
                message("POST", "/careers/users/login/",
                        {"username": person.username, "password": person.password})] * 25
    start = time.monotonic()
    answers = together(node, requests)
    return [answer.status_code for answer in answers], time.monotonic() - start


def test_silence_costs_seconds_not_threads(database, proxies, tmp_path):
    proxy = proxies[0]
    with Server(tmp_path, QUICK, database=proxy.url(database)) as node:
        person = node.user()
        assert set(everything(node, person)[0]) == {200}
        proxy.block()
        statuses, took = everything(node, person)
        assert set(statuses) == {503} and took < 15
        statuses, took = everything(node, person)  # it is known by now
        assert set(statuses) == {503} and took < 8
        proxy.unblock()
        wait_until(lambda: person.get(ME).status_code == 200, timeout=5)
        wait_until(lambda: set(everything(node, person)[0]) == {200}, timeout=10)
        assert node.cli("check").stdout.startswith("OK")


def test_hosts_that_do_not_answer_are_passed_over(database, proxies, tmp_path):
    """Two take longer than anybody waits for a connection: it is there for whoever asks next."""
    hosts = ",".join(f"127.0.0.1:{proxy.port}" for proxy in proxies)
    name = database.split("/")[3].split("?")[0]
    url = f"postgresql://postgres@{hosts}/{name}?target_session_attrs=read-write"
    with Server(tmp_path, QUICK, database=url) as node:
        person = node.user()
        for proxy in proxies[:2]:
            proxy.block()
        proxies[0].drop()
        assert person.get(ME).status_code == 503
        wait_until(lambda: person.get(ME).status_code == 200, timeout=10)
        for proxy in proxies[:2]:
            proxy.unblock()


def test_a_network_that_is_there_again_is_found_by_itself(postgres, database, proxies, tmp_path):
    proxy = proxies[0]
    with Server(tmp_path, QUICK, database=proxy.url(database)) as node:
        person = node.user()
        sessions = "SELECT pid FROM pg_stat_activity WHERE application_name = 'rollcall'"
        for _ in range(3):
            before = set(cluster.execute(postgres.url(), sessions))
            proxy.drop()
            wait_until(lambda: before.isdisjoint(cluster.execute(postgres.url(), sessions)))
            ok(person.get(ME))
