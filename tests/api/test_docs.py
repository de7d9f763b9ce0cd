"""The API as a page, /docs/, beside what all pages have (test_pages.py). tests/browser/ uses it."""
import re

import pytest

from rollcall import Server

PAGE = "/docs/"


@pytest.fixture(scope="module")
def parts(server):
    return re.findall(r'(?:src|href)="(/docs/[^"]+)"', server.anonymous().get(PAGE).text)


def test_nothing_names_another_server(parts, anonymous):
    for target in (PAGE, *parts):
        names = set(re.findall(r"https?://([\w.-]+)", anonymous.get(target).text))
        assert names <= {"www.w3.org"}, "names of XML, which are no addresses"


def test_all_of_it_is_small(parts, server):
    sizes = [len(server.raw(f"GET {target} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n".encode()).body)
             for target in (PAGE, *parts)]
    assert 0 < sum(sizes) <= 20 * 1024


def test_a_listener_may_leave_it_out(tmp_path, parts):
    with Server(tmp_path, listens=["127.0.0.1:0=careers", "127.0.0.1:0=docs"]) as server:
        for target in (PAGE, *parts):
            assert server.anonymous().get(target).status_code == 404
            assert server.anonymous(listener=1).get(target).status_code == 200
