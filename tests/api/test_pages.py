"""The pages, /docs/ and /console/: how both are served. What they show is in tests/browser."""
import gzip
import re

import brotli
import pytest

from rollcall import assert_error, ok

KINDS = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


@pytest.fixture(scope="module", params=["docs", "console"])
def name(request):
    return request.param


@pytest.fixture(scope="module")
def page(server, name):
    answer = server.anonymous().get(f"/{name}/")
    assert answer.status_code == 200
    return answer


@pytest.fixture(scope="module")
def parts(page, name):
    found = re.findall(rf'(?:src|href)="(/{name}/[^"]+)"', page.text)
    assert {part.rsplit(".", 1)[1] for part in found} == set(KINDS)
    return found


def raw(server, target, *headers):
    lines = [f"GET {target} HTTP/1.1", "Host: x", *headers, "", ""]
    return server.raw("\r\n".join(lines).encode())


# ---- The page -------------------------------------------------------------------------------------

def test_it_is_a_page_that_is_asked_for_every_time(page, name, anonymous):
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Cache-Control"] == "no-cache"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    again = anonymous.get(f"/{name}/", headers={"If-None-Match": page.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Content-Security-Policy"] == page.headers["Content-Security-Policy"]


def test_it_may_load_from_here_alone(page):
    policy = dict(rule.strip().split(" ", 1) for rule in
                  page.headers["Content-Security-Policy"].split(";"))
    for kind in ("script-src", "style-src", "connect-src"):
        assert policy[kind] == "'self'"
    for kind in ("frame-ancestors", "base-uri", "trusted-types"):
        assert policy[kind] == "'none'"
    assert policy["default-src"] in ("'self'", "'none'")
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in page.headers["Content-Security-Policy"]


def test_it_has_no_script_or_style_in_itself(page):
    assert re.findall(r"<script[^>]*>([^<]*)</script>", page.text) == [""]
    assert not re.search(r"<style|style=|\son\w+=", page.text)


def test_without_the_slash_it_is_the_same(page, name, anonymous):
    assert anonymous.get(f"/{name}").content == page.content


def test_the_front_door_leads_to_it(name, anonymous):
    assert ok(anonymous.get("/"))["links"][name] == f"/{name}/"
    assert f'href="/{name}/"' in anonymous.get("/", headers={"Accept": "text/html"}).text


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


def test_forms_are_one_file(name, parts, server):
    decoders = {"br": brotli.decompress, "gzip": gzip.decompress}
    for target in (f"/{name}/", *parts):
        plain = raw(server, target, "Accept-Encoding: identity")
        assert plain.headers["Content-Encoding"] is None
        for coding, decode in decoders.items():
            answer = raw(server, target, f"Accept-Encoding: {coding}")
            assert answer.headers["Content-Encoding"] == coding
            assert "Accept-Encoding" in answer.headers["Vary"]
            assert len(answer.body) < len(plain.body)
            assert decode(answer.body) == plain.body


@pytest.mark.parametrize("file", ["{}.js", "docs.html", "console.html", "home.html", "openapi.json", "nothing.js",
                                  ".js", "{}-AAAAAAAAAAAAAAAA.js", "robots.txt"])
def test_files_that_are_not_there_are_no_pages(anonymous, name, file):
    assert_error(anonymous.get(f"/{name}/{file.format(name)}"), 404, "not_found")


def test_other_forms_have_no_names_of_their_own(parts, anonymous):
    for part in parts:
        for suffix in (".br", ".gz", ".tag"):
            assert_error(anonymous.get(part + suffix), 404, "not_found")


def test_only_reading(name, parts, anonymous):
    for target in (f"/{name}/", *parts):
        answer = anonymous.post(target)
        assert_error(answer, 405, "method_not_allowed")
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
        assert anonymous.request("HEAD", target).status_code == 200
