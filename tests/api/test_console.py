"""The console, /console/: how its page is served. What it shows is in tests/browser."""
import re

import pytest

from rollcall import PASSWORD, Server, assert_error, ok

PAGE = "/console/"
PARTS = re.compile(r'(?:src|href)="(/console/[^"]+)"')
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


# ---- The page -------------------------------------------------------------------------------------

def test_it_is_a_page_that_is_asked_for_every_time(page, anonymous):
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Cache-Control"] == "no-cache"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    again = anonymous.get(PAGE, headers={"If-None-Match": page.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Content-Security-Policy"] == page.headers["Content-Security-Policy"]


def test_it_may_load_from_here_alone(page):
    policy = dict(rule.strip().split(" ", 1) for rule in
                  page.headers["Content-Security-Policy"].split(";"))
    for kind in ("default-src", "script-src", "style-src", "img-src", "connect-src"):
        assert policy[kind] == "'self'"
    for kind in ("frame-ancestors", "base-uri", "form-action", "object-src", "trusted-types"):
        assert policy[kind] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"


def test_it_has_no_script_or_style_in_itself(page):
    assert re.findall(r"<script[^>]*>([^<]*)</script>", page.text) == [""]
    assert not re.search(r"<style|style=|\son\w+=", page.text)


@pytest.mark.parametrize("path", ["/console", "/console/users/", "/console/users", "/console/users/7/",
                                  "/console/users/7", "/console/stats/", "/console/audit/",
                                  "/console/system/", "/console/setup/", "/console/nowhere/"])
def test_its_own_addresses_are_answered_with_it(page, anonymous, path):
    answer = anonymous.get(path)
    assert answer.status_code == 200 and answer.content == page.content
    for name in ("Content-Security-Policy", "Cache-Control", "ETag", "Referrer-Policy"):
        assert answer.headers[name] == page.headers[name]


@pytest.mark.parametrize("name", ["console.js", "console.html", "docs.html", "home.html", "nothing.js", ".js",
                                  "openapi.json", "console-AAAAAAAAAAAAAAAA.js", "robots.txt"])
def test_files_that_are_not_there_are_no_pages(anonymous, name):
    assert_error(anonymous.get(f"/console/{name}"), 404, "not_found")


@pytest.mark.parametrize("path", ["/console/users/7/more/", "/consoles/"])
def test_there_is_nothing_beside_it(anonymous, path):
    assert_error(anonymous.get(path), 404, "not_found")


def test_it_is_read_and_nothing_else(anonymous):
    answer = anonymous.post(PAGE)
    assert_error(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert anonymous.request("HEAD", PAGE).status_code == 200


# ---- What it is made of ---------------------------------------------------------------------------

def test_parts_may_be_kept_for_ever(parts, anonymous):
    for part in parts:
        answer = anonymous.get(part)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].split(";")[0] == KINDS[part.rsplit(".", 1)[1]]
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        again = anonymous.get(part, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_parts_come_compressed(parts, server):
    for part in parts:
        answer = server.raw(f"GET {part} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: br\r\n\r\n".encode())
        assert answer.headers["Content-Encoding"] == "br"


# ---- Where it is ----------------------------------------------------------------------------------

def test_it_is_a_surface_of_its_own(tmp_path):
    listens = ["127.0.0.1:0=backend,console", "127.0.0.1:0=careers,app,backend,docs"]
    with Server(tmp_path, ["--rate-limit", "off"], listens=listens) as server:
        desk = server.anonymous()
        assert desk.get(PAGE).status_code == 200
        elsewhere = server.anonymous(listener=1)
        assert elsewhere.get(PAGE).status_code == 404
        assert elsewhere.post("/api/action/setup/", {}).status_code == 404
        assert "console" not in ok(elsewhere.get("/"))["links"]
        assert PAGE not in elsewhere.get("/", headers={"Accept": "text/html"}).text
        assert server.output.count("(backend, console)") == 1


def test_staff_sign_in_and_out_where_it_is_served(tmp_path):
    listens = ["127.0.0.1:0=careers", "127.0.0.1:0=backend,console"]
    with Server(tmp_path, ["--rate-limit", "off"], listens=listens) as server:
        staff = server.staff()
        desk = server.anonymous(listener=1)
        ok(desk.post("/api/action/login/", {"username": staff.username, "password": PASSWORD}))
        assert desk.cookie
        assert ok(desk.post("/api/check/login/"))["is_staff"]
        ok(desk.post("/api/users/"))
        ok(desk.post("/api/get/countries/"))
        ok(desk.post("/api/get/cities/", {"q": "lis"}))
        ok(desk.post("/api/action/logout/"))
        assert not desk.cookie
        assert not ok(desk.post("/api/check/login/"))["is_logged"]


def test_the_front_door_leads_to_it(anonymous):
    assert ok(anonymous.get("/"))["links"]["console"] == PAGE
    assert f'href="{PAGE}"' in anonymous.get("/", headers={"Accept": "text/html"}).text
