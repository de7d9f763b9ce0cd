"""The API as a page, /docs/: how it is served. tests/browser/ uses it."""
import gzip
import re

import brotli
import pytest

from rollcall import Server, assert_error, ok

PAGE = "/docs/"
PARTS = re.compile(r'(?:src|href)="(/docs/[^"]+)"')
KINDS = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


@pytest.fixture(scope="module")
def page(server):
    answer = server.anonymous().get(PAGE)
    assert answer.status_code == 200
    return answer


@pytest.fixture(scope="module")
def parts(page):
    found = PARTS.findall(page.text)
    assert {name.rsplit(".", 1)[1] for name in found} == set(KINDS)
    return found


def raw(server, target, *headers):
    lines = [f"GET {target} HTTP/1.1", "Host: x", *headers, "", ""]
    return server.raw("\r\n".join(lines).encode())


# ---- The page -------------------------------------------------------------------------------------

def test_it_is_a_page_that_is_asked_for_every_time(page, anonymous):
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Cache-Control"] == "no-cache"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    again = anonymous.get(PAGE, headers={"If-None-Match": page.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Content-Security-Policy"] == page.headers["Content-Security-Policy"]


def test_it_may_load_from_here_alone(page):
    policy = dict(rule.strip().split(" ", 1) for rule in
                  page.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'" and policy["trusted-types"] == "'none'"
    assert "unsafe" not in page.headers["Content-Security-Policy"]


def test_it_has_no_script_or_style_in_itself(page):
    assert re.findall(r"<script[^>]*>([^<]*)</script>", page.text) == [""]
    assert not re.search(r"<style|style=|\son\w+=", page.text)


def test_nothing_names_another_server(page, parts, anonymous):
    for text in (page.text, *(anonymous.get(part).text for part in parts)):
        names = set(re.findall(r"https?://([\w.-]+)", text))
        assert names <= {"www.w3.org"}, "names of XML, which are no addresses"


def test_without_the_slash_it_is_the_same(page, anonymous):
    assert anonymous.get("/docs").content == page.content


# ---- What it is made of ---------------------------------------------------------------------------

def test_parts_may_be_kept_for_ever(parts, anonymous):
    for part in parts:
        answer = anonymous.get(part)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].split(";")[0] == KINDS[part.rsplit(".", 1)[1]]
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        again = anonymous.get(part, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_a_name_changes_with_the_content(parts, anonymous):
    for part in parts:
        tag = anonymous.get(part, headers={"Accept-Encoding": "identity"}).headers["ETag"].strip('"')
        assert len(tag) == 16 and f"-{tag}." in part


def test_forms_are_one_file(page, parts, server):
    decoders = {"br": brotli.decompress, "gzip": gzip.decompress}
    for target in (PAGE, *parts):
        plain = raw(server, target, "Accept-Encoding: identity")
        assert plain.headers["Content-Encoding"] is None
        for coding, decode in decoders.items():
            answer = raw(server, target, f"Accept-Encoding: {coding}")
            assert answer.headers["Content-Encoding"] == coding
            assert "Accept-Encoding" in answer.headers["Vary"]
            assert len(answer.body) < len(plain.body)
            assert decode(answer.body) == plain.body


def test_all_of_it_is_small(parts, server):
    sizes = [len(raw(server, target, "Accept-Encoding: gzip").body) for target in (PAGE, *parts)]
    assert sum(sizes) <= 20 * 1024


@pytest.mark.parametrize("name", ["docs.js", "docs.html", "home.html", "openapi.json", "nothing.js", ".js",
                                  "docs-AAAAAAAAAAAAAAAA.js"])
def test_there_is_nothing_else(anonymous, name):
    assert_error(anonymous.get(f"/docs/{name}"), 404, "not_found")


def test_other_forms_have_no_names_of_their_own(parts, anonymous):
    for part in parts:
        for suffix in (".br", ".gz", ".tag"):
            assert_error(anonymous.get(part + suffix), 404, "not_found")


def test_only_reading(parts, anonymous):
    for target in (PAGE, *parts):
        assert_error(anonymous.post(target), 405, "method_not_allowed")
        assert anonymous.request("HEAD", target).status_code == 200


# ---- Where ----------------------------------------------------------------------------------------

def test_the_front_door_leads_to_it(anonymous):
    assert ok(anonymous.get("/"))["links"]["docs"] == PAGE
    assert f'href="{PAGE}"' in anonymous.get("/", headers={"Accept": "text/html"}).text


def test_a_listener_may_leave_it_out(tmp_path, parts):
    with Server(tmp_path, listens=["127.0.0.1:0=careers", "127.0.0.1:0=docs"]) as server:
        for target in (PAGE, *parts):
            assert server.anonymous().get(target).status_code == 404
            assert server.anonymous(listener=1).get(target).status_code == 200
