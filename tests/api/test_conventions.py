"""What every endpoint has in common (contract, section 2): methods, paths, headers, bodies."""
import json

import pytest

import tables
from rollcall import QUICK, Server, assert_error, ok, registration

ME = "/careers/users/me/"
REGISTER = "/careers/users/register/"
ROUTES = tables.routes()
PATHS = sorted({route.path for route in ROUTES})
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
ORIGIN = "https://app.example.com"


def concrete(path):
    return path.replace("{username}", "somebody").replace("{id}", "1")


def allowed(path):
    """What Allow must say of a path: its rows, HEAD where GET is, OPTIONS always."""
    methods = {route.method for route in ROUTES if route.path == path}
    return methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())


def allow(answer):
    return set(answer.headers["Allow"].replace(" ", "").split(","))


def post(target, body=b"", media="application/json", more=""):
    head = f"POST {target} HTTP/1.1\r\nHost: test\r\nContent-Length: {len(body)}\r\n{more}"
    if media:
        head += f"Content-Type: {media}\r\n"
    return head.encode() + b"\r\n" + body


def get(target, more=""):
    return f"GET {target} HTTP/1.1\r\nHost: test\r\n{more}\r\n".encode()


def assert_refused(answer, status, code):
    assert (answer.status, json.loads(answer.body)["error"]) == (status, code)


# ---- Methods ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", METHODS + ["PROPFIND", "TRACE"])
def test_a_wrong_method_is_told_the_right_ones(anonymous, path, method):
    if method in allowed(path):
        assert anonymous.request(method, concrete(path)).status_code != 405
        return
    answer = anonymous.request(method, concrete(path))
    assert answer.status_code == 405 and allow(answer) == allowed(path)
    if method != "HEAD":
        assert_error(answer, 405, "method_not_allowed")


@pytest.mark.parametrize("path", PATHS)
def test_options_names_the_methods(anonymous, path):
    answer = anonymous.request("OPTIONS", concrete(path))
    assert (answer.status_code, answer.content) == (204, b"") and allow(answer) == allowed(path)


@pytest.mark.parametrize("method", METHODS + ["OPTIONS"])
def test_an_unknown_path_is_unknown_to_every_method(anonymous, method):
    answer = anonymous.request(method, "/careers/nothing/here/")
    assert answer.status_code == 404
    if method != "HEAD":
        assert_error(answer, 404, "not_found")


@pytest.mark.parametrize("path", ["/careers/users/", "/careers/users/{name}/", ME,
                                  "/careers/users/{name}/followers/", "/careers/users/following/",
                                  "/careers/users/me/sessions/", "/careers/users/me/stats/"])
def test_head_is_get_without_a_body(user, path):
    path = path.format(name=user.username)
    head, whole = user.request("HEAD", path), user.get(path)
    assert head.status_code == whole.status_code == 200 and head.content == b""
    for name in ("Content-Length", "Content-Type", "X-Content-Type-Options"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize("path", ["/careers/users/", ME, "/nothing/"])
def test_after_the_headers_of_head_comes_nothing(server, path):
    with server.connect() as connection:
        connection.sendall(f"HEAD {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        answer = connection.makefile("rb").read()
    assert b"Content-Length: 0\r\n" not in answer and answer.index(b"\r\n\r\n") == len(answer) - 4


def test_head_fails_as_get_does(anonymous):
    answer = anonymous.request("HEAD", ME)
    assert (answer.status_code, answer.content) == (401, b"")


# ---- Paths --------------------------------------------------------------------------------------


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_the_slash_at_the_end_may_be_left_out(anonymous, route):
    path = concrete(route.path)
    answers = [anonymous.request(route.method, form) for form in (path, path.rstrip("/"))]
    assert answers[0].status_code == answers[1].status_code != 301
    assert answers[1].text == answers[0].text


def test_a_query_does_not_disturb_the_path(anonymous):
    for path in ("/careers/users/?batch_size=1", "/careers/users?batch_size=1"):
        assert ok(anonymous.get(path))["batch_info"]["batch_size"] == 1


@pytest.mark.parametrize("path", [
    "/careers", "/careers/", "/careers/user/", "/careers/users/a/b/", "/api/", "/api/get/",
    "/CAREERS/users/", "/careers/Users/", "/careers/users/me/update/x/", "/favicon.ico",
    "/api/user/status/x/", "/careers/users/me/sessions/1/2/", "/%2e%2e%2e/", "/careers/users;x/"])
def test_an_unknown_path_is_not_found(anonymous, path):
    assert_error(anonymous.get(path), 404, "not_found")


def test_percent_encoding_is_decoded_once(server, anonymous):
    name = server.user().username
    escaped = "".join(f"%{ord(c):02x}" for c in name)
    assert json.loads(server.raw(get(f"/careers/users/{escaped}/")).body)["username"] == name
    twice = escaped.replace("%", "%25")
    assert_refused(server.raw(get(f"/careers/users/{twice}/")), 404, "user_not_found")
    assert json.loads(server.raw(get(f"/%63areers/users/{name}/")).body)["username"] == name


@pytest.mark.parametrize("path", [
    "/careers/users/a%2Fb/", "/careers%2Fusers/", "/careers/users/a%00/", "/careers/users/%00/",
    "/careers/users/../users/", "/careers/./users/", "/careers/users/%2e%2e/users/",
    "/careers/users/%2E/", "/careers//users/", "//careers/users/", "/careers/users//",
    "/careers/users/%/", "/careers/users/%4/", "/careers/users/%zz/", "/careers/users/%ff/",
    "/careers/users/%c0%af/", "/careers/users/a%0d%0ab/", "/careers/users/.%2e/"])
def test_a_path_that_is_a_trick_reaches_nobody(server, path):
    answer = server.raw(get(path))
    assert answer.status in (400, 404)
    assert json.loads(answer.body)["error"] in ("malformed_request", "not_found")


# ---- Bodies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("media", [
    "application/json", "Application/JSON", "application/json; charset=utf-8",
    "application/json;charset=UTF-8", 'application/json; charset="utf-8"',
    "application/json ; charset=utf-8"])
def test_json_is_understood_however_it_is_called(server, media):
    answer = server.raw(post(REGISTER, json.dumps(registration()).encode(), media))
    assert answer.status == 201


@pytest.mark.parametrize("media", [
    "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=UTF-8",
    "APPLICATION/X-WWW-FORM-URLENCODED"])
def test_so_is_a_form(server, media):
    body = "&".join(f"{name}={value}" for name, value in registration().items())
    assert server.raw(post(REGISTER, body.encode(), media)).status == 201


@pytest.mark.parametrize("media", [
    None, "text/plain", "application/xml", "multipart/form-data; boundary=x", "text/json",
    "application/jsonx", "application", "json", "*/*", "application/json, text/plain",
    "application/ld+json", "/", ""])
def test_any_other_body_is_refused(server, media):
    assert_refused(server.raw(post(REGISTER, b'{"username":"x"}', media)), 415,
                   "unsupported_media_type")


@pytest.mark.parametrize("media", ["text/plain", None, "multipart/form-data", "image/png"])
def test_without_a_body_its_type_does_not_matter(server, media):
    assert server.raw(post("/api/check/auth/", b"", media)).status == 200


def test_a_chunked_body_is_a_body(server):
    request = (b"POST /api/check/email/ HTTP/1.1\r\nHost: test\r\n"
               b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
               b'8\r\n{"email"\r\n10;x=y\r\n:"a@example.com"\r\n1\r\n}\r\n0\r\n\r\n')
    assert json.loads(server.raw(request).body) == {"exists": False, "available": True}


@pytest.mark.parametrize("size, status", [(65536, 200), (65537, 413), (1000000, 413)])
def test_a_body_has_64_kib(server, size, status):
    body = b'{"x":"' + b"a" * (size - 8) + b'"}'
    answer = server.raw(post("/api/check/auth/", body))
    assert len(body) == size and answer.status == status
    if status == 413:
        assert_refused(answer, 413, "payload_too_large")


def test_a_body_that_says_it_is_too_large_is_not_waited_for(server):
    request = b"POST /api/check/auth/ HTTP/1.1\r\nHost: test\r\nContent-Length: 9999999999\r\n\r\n"
    assert_refused(server.raw(request), 413, "payload_too_large")


def test_a_chunked_body_has_64_kib_too(server):
    chunks = b"".join(b"4000\r\n" + b"a" * 0x4000 + b"\r\n" for _ in range(5))
    request = (b"POST /api/check/auth/ HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
               + chunks + b"0\r\n\r\n")
    assert_refused(server.raw(request), 413, "payload_too_large")


@pytest.mark.parametrize("size, status", [(8190, 400), (8200, 414), (20000, 414)])
def test_a_request_line_has_8_kib(server, size, status):
    start, end = "/careers/users/?search=", " HTTP/1.1"
    answer = server.raw(get(start + "x" * (size - len("GET " + start + end))))
    assert answer.status == status
    if status == 414:
        assert_refused(answer, 414, "request_too_large")


@pytest.mark.parametrize("size, status", [(16380, 200), (16390, 431), (60000, 431)])
def test_a_header_block_has_16_kib(server, size, status):
    others = "Host: test\r\nX-Filler: \r\n"
    answer = server.raw(get("/careers/users/", f"X-Filler: {'x' * (size - len(others))}\r\n"))
    assert answer.status == status
    if status == 431:
        assert_refused(answer, 431, "request_too_large")


# ---- Responses ----------------------------------------------------------------------------------

ANSWERS = {
    "success": lambda client: client.post("/api/check/auth/"),
    "list": lambda client: client.get("/careers/users/"),
    "not_found": lambda client: client.get("/nothing/"),
    "user_not_found": lambda client: client.get("/careers/users/nobody_is_called_this/"),
    "no_credential": lambda client: client.get(ME),
    "bad_token": lambda client: client.get(ME, headers={"Authorization": "Bearer x"}),
    "validation": lambda client: client.post(REGISTER, {}),
    "malformed": lambda client: client.request("POST", REGISTER, form="{", headers={
        "Content-Type": "application/json"}),
    "media": lambda client: client.request("POST", REGISTER, form="x", headers={
        "Content-Type": "text/plain"}),
    "method": lambda client: client.delete(REGISTER),
    "too_large": lambda client: client.request("POST", REGISTER, form="x" * 70000),
    "dots": lambda client: client.get("/%2e%2e/"),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_answer_carries_the_headers_of_the_contract(anonymous, kind):
    answer = ANSWERS[kind](anonymous)
    headers = answer.headers
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["Content-Length"] == str(len(answer.content))
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Request-Id"]
    assert "Transfer-Encoding" not in headers


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_answer_is_compact_json(anonymous, kind):
    text = ANSWERS[kind](anonymous).text
    assert text == json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)


@pytest.mark.parametrize("kind", [kind for kind in ANSWERS if kind not in ("success", "list")])
def test_every_error_has_a_code_and_a_message(anonymous, kind):
    answer = ANSWERS[kind](anonymous)
    assert 400 <= answer.status_code < 500
    assert set(answer.json()) - {"field"} == {"error", "message"}


@pytest.mark.parametrize("kind", [kind for kind in ANSWERS if kind != "list"])
def test_nothing_is_stored_by_caches(anonymous, kind):
    assert "no-store" in ANSWERS[kind](anonymous).headers["Cache-Control"]


@pytest.mark.parametrize("path", [ME, "/careers/users/following/", "/careers/users/me/stats/",
                                  "/careers/users/me/sessions/"])
def test_nor_is_what_is_private(user, path):
    assert "no-store" in user.get(path).headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/careers/users/", "/careers/users/{name}/",
                                  "/careers/users/{name}/followers/",
                                  "/careers/users/{name}/following/"])
def test_what_is_public_may_be(user, anonymous, path):
    answer = anonymous.get(path.format(name=user.username))
    assert "no-store" not in answer.headers.get("Cache-Control", "")


@pytest.mark.parametrize("path", ["/careers/users/", "/careers/users/{name}/followers/"])
def test_what_one_caller_sees_is_not(user, path):
    answer = user.get(path.format(name=user.username))
    assert "no-store" in answer.headers["Cache-Control"]


def test_without_a_credential_the_scheme_is_named(anonymous):
    assert anonymous.get(ME).headers["WWW-Authenticate"] == "Bearer"


def test_a_bad_token_is_called_one(anonymous):
    answer = anonymous.get(ME, headers={"Authorization": "Bearer x"})
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize("sent", ["a", "abc-123_DEF.4:5", "0" * 64,
                                  "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"])
def test_a_sane_request_id_is_echoed(anonymous, sent):
    answer = anonymous.post("/api/check/auth/", headers={"X-Request-Id": sent})
    assert answer.headers["X-Request-Id"] == sent


@pytest.mark.parametrize("sent", ["", "a b", "x" * 1000, "<script>", "a,b", 'a"b', "é"])
def test_any_other_is_replaced(server, sent):
    answer = server.raw(f"GET /careers/users/ HTTP/1.1\r\nHost: a\r\nX-Request-Id: {sent}\r\n\r\n"
                        .encode())
    assert answer.headers["X-Request-Id"] not in ("", sent)


def test_without_one_each_request_gets_its_own(anonymous):
    ids = {anonymous.post("/api/check/auth/").headers["X-Request-Id"] for _ in range(20)}
    assert len(ids) == 20


def test_times_are_utc_in_whole_seconds(user):
    body = ok(user.get(ME))
    for moment in (body["created_at"], body["updated_at"]):
        assert len(moment) == 20 and moment[10] == "T" and moment.endswith("Z")


# ---- CORS ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def open_house(tmp_path_factory):
    options = QUICK + ["--origin", ORIGIN, "--origin", "http://localhost:3000"]
    with Server(tmp_path_factory.mktemp("cors"), options) as running:
        yield running


def preflight(client, origin, method="PATCH", path="/careers/users/me/update/"):
    return client.request("OPTIONS", path, headers={
        "Origin": origin, "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization, content-type"})


@pytest.mark.parametrize("origin", [ORIGIN, "http://localhost:3000"])
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_configured_origin_may_ask_every_route(open_house, origin, route):
    answer = preflight(open_house.anonymous(), origin, route.method, concrete(route.path))
    headers = answer.headers
    assert answer.status_code == 204
    assert headers["Access-Control-Allow-Origin"] == origin
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert route.method in headers["Access-Control-Allow-Methods"].replace(" ", "").split(",")
    named = headers["Access-Control-Allow-Headers"].lower().replace(" ", "").split(",")
    assert {"authorization", "content-type"} <= set(named)


@pytest.mark.parametrize("origin", [
    "https://evil.example", "null", "", "https://app.example.com.evil.example",
    "http://app.example.com", "https://app.example.com:8443", "https://APP.example.com",
    "https://app.example.com/"])
def test_no_other_origin_may(open_house, origin):
    for answer in (preflight(open_house.anonymous(), origin),
                   open_house.anonymous().get("/careers/users/", headers={"Origin": origin})):
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("kind", [kind for kind in ANSWERS if kind not in ("dots", "too_large")])
def test_a_configured_origin_may_read_every_answer(open_house, kind):
    client = open_house.anonymous()
    client.http.headers["Origin"] = ORIGIN
    answer = ANSWERS[kind](client)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("length", [b"Content-Length: 9999999", b"Transfer-Encoding: chunked"])
def test_nor_is_it_kept_from_what_was_refused_half_way(open_house, length):
    """A body that is too large is not waited for; the page learns that it was."""
    answer = open_house.raw(b"POST /api/check/auth/ HTTP/1.1\r\nHost: test\r\nOrigin: " +
                            ORIGIN.encode() + b"\r\n" + length + b"\r\n\r\n" +
                            b"4000\r\n" + b"a" * 0x4000 + b"\r\n" + b"ffffff\r\n")
    assert answer.status == 413
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_by_default_no_origin_may(anonymous):
    answer = anonymous.get("/careers/users/", headers={"Origin": ORIGIN})
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
