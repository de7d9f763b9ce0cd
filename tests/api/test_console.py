"""The console, /console/, beside what all pages have (test_pages.py). What it shows is in tests/browser."""
import pytest

from rollcall import PASSWORD, Server, assert_error, ok

PAGE = "/console/"


@pytest.fixture(scope="module")
def page(server):
    return server.anonymous().get(PAGE)


def test_it_shows_pictures_of_its_own_and_sends_no_form(page):
    policy = page.headers["Content-Security-Policy"]
    for rule in ("default-src 'self'", "img-src 'self'", "form-action 'none'", "object-src 'none'"):
        assert rule in policy


@pytest.mark.parametrize("path", ["/console/users/", "/console/users", "/console/users/7/",
                                  "/console/users/7", "/console/stats/", "/console/audit/",
                                  "/console/system/", "/console/setup/", "/console/nowhere/"])
def test_its_own_addresses_are_answered_with_it(page, anonymous, path):
    answer = anonymous.get(path)
    assert answer.status_code == 200 and answer.content == page.content
    for name in ("Content-Security-Policy", "Cache-Control", "ETag", "Referrer-Policy"):
        assert answer.headers[name] == page.headers[name]


@pytest.mark.parametrize("path", ["/console/users/7/more/", "/consoles/"])
def test_there_is_nothing_beside_it(anonymous, path):
    assert_error(anonymous.get(path), 404, "not_found")


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
