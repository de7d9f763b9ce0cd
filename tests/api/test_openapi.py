"""The API's own document, and the page that points at it. That answers are as it says is seen to by
all tests (contract.py); here is what it must have in it."""
import gzip
import json
import re
import subprocess

import pytest

import tables
from rollcall import BINARY, Server, contract, ok

ADDRESS = "/openapi.json"


@pytest.fixture(scope="module")
def document():
    return contract().document


def operations(document):
    return {f"{method.upper()} {path}": operation
            for path, methods in document["paths"].items() for method, operation in methods.items()}


# ---- What is in it --------------------------------------------------------------------------------

def test_every_route_is_there_and_no_other(document):
    rows = {f"{route.method} {route.path}" for route in tables.routes()}
    assert set(operations(document)) == rows


def test_every_operation_reads_like_documentation(document):
    tags = {tag["name"] for tag in document["tags"]}
    names = [operation["operationId"] for operation in operations(document).values()]
    assert len(set(names)) == len(names)
    for name, operation in operations(document).items():
        assert set(operation["tags"]) <= tags, name
        assert operation["summary"] and operation["description"].endswith("."), name


def described(schema):
    """Every property below a schema, with whether it says what it is."""
    for name, inner in schema.get("properties", {}).items():
        yield name, "description" in inner or "const" in inner


def test_every_key_and_field_is_described(document):
    for name, schema in document["components"]["schemas"].items():
        assert all(said for _, said in described(schema)), name


def test_inputs_are_those_the_server_decodes(document):
    inputs = tables.inputs()
    for route in tables.routes():
        operation = operations(document)[f"{route.method} {route.path}"]
        fields = {field.name: field.rule == "REQUIRED" for field in inputs[route.input]}
        if route.method == "GET":
            found = {row["name"]: row["required"] for row in operation.get("parameters", [])
                     if row["in"] == "query"}
        else:
            body = operation.get("requestBody", {"content": {"application/json": {"schema": {}}}})
            schema = contract().resolve(body["content"]["application/json"]["schema"])
            found = {name: name in schema.get("required", [])
                     for name in schema.get("properties", {})}
        assert found == fields, route


def test_who_may_call_is_said(document):
    optional = [{}, {"bearer": []}, {"cookie": []}]
    for route in tables.routes():
        operation = operations(document)[f"{route.method} {route.path}"]
        expected = optional[1:] if route.auth in ("USER", "STAFF") else optional
        assert operation["security"] == expected, route


def test_what_is_done_once_says_so(document):
    key = {"$ref": "#/components/parameters/IdempotencyKey"}
    for route in tables.routes():
        operation = operations(document)[f"{route.method} {route.path}"]
        assert (key in operation.get("parameters", [])) == ("ONCE" in route.lane), route


def answers(document):
    for operation in operations(document).values():
        for response in operation["responses"].values():
            for content in contract().resolve(response).get("content", {}).values():
                examples = [row["value"] for row in content.get("examples", {}).values()]
                yield content["schema"], examples + [content[key] for key in content
                                                     if key == "example"]


def test_examples_are_what_their_schemas_say(document):
    seen = 0
    for schema, examples in answers(document):
        for example in examples:
            contract().validator(json.dumps(schema))(example)
            seen += 1
    assert seen > 300


def test_limits_are_the_servers_own(document, user):
    """A text as long as its schema lets it be is taken, one character more is not."""
    schema = document["components"]["schemas"]["MeUpdateInput"]["properties"]
    for name in ("first_name", "last_name", "bio"):
        most = schema[name]["maxLength"]
        ok(user.patch("/careers/users/me/update/", {name: "x" * most}))
        assert user.patch("/careers/users/me/update/", {name: "x" * (most + 1)}).status_code == 400


# ---- That the check of all answers would notice ---------------------------------------------------

OWN = json.dumps({"posts_count": 1, "followers_count": 2, "following_count": 3,
                  "likes_received": 4, "comments_received": 5})
JSON = {"Content-Type": "application/json; charset=utf-8"}


@pytest.mark.parametrize("target, status, headers, body", [
    ("/careers/users/me/stats/", 200, JSON, OWN.replace("}", ', "more": 1}')),
    ("/careers/users/me/stats/", 200, JSON, OWN.replace('"posts_count": 1, ', "")),
    ("/careers/users/me/stats/", 200, JSON, OWN.replace("5}", '"5"}')),
    ("/careers/users/me/stats/", 200, JSON, OWN.replace("5}", "null}")),
    ("/careers/users/me/stats/", 200, {"Content-Type": "text/plain"}, OWN),
    ("/careers/users/me/stats/", 202, JSON, OWN),
    ("/careers/users/me/statistics/", 200, JSON, OWN),
    ("/careers/users/me/stats/", 401, JSON, '{"error": "user_not_found", "message": "M"}'),
    ("/careers/users/me/stats/", 401, JSON, '{"error": "token_invalid"}'),
])
def test_an_answer_that_is_not_documented_fails(target, status, headers, body):
    with pytest.raises(AssertionError):
        contract().check("GET", target, status, headers, body)


def test_an_answer_that_is_documented_passes():
    contract().check("GET", "/careers/users/me/stats/?x=1", 200, JSON, OWN)
    contract().check("GET", "/careers/users/me/stats", 401, JSON,
                     '{"error": "token_invalid", "message": "M"}')


# ---- How it is served -----------------------------------------------------------------------------

def test_the_command_prints_what_is_served(anonymous):
    printed = subprocess.check_output([BINARY, "openapi"])
    assert anonymous.get(ADDRESS).content == printed


def test_it_is_kept_by_its_tag(anonymous):
    answer = anonymous.get(ADDRESS, headers={"Accept-Encoding": "identity"})
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Content-Encoding" not in answer.headers
    tag = answer.headers["ETag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = anonymous.get(ADDRESS, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"].startswith(tag[:-1])
    for other in ('"other"', '""', "", '"', "W/"):
        assert anonymous.get(ADDRESS, headers={"If-None-Match": other}).status_code == 200


@pytest.mark.parametrize("accepted, coding", [
    ("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip"), ("br ; q=1", "br"),
    ("BR", "br"), ("", None), ("identity", None), ("br;q=0.0, gzip;q=0", None), ("*", None),
    ("brotli, xgzip", None)])
def test_it_comes_compressed_for_who_can_read_that(server, anonymous, accepted, coding):
    request = f"GET {ADDRESS} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: {accepted}\r\n\r\n"
    answer = server.raw(request.encode())
    assert answer.headers.get("Content-Encoding") == coding
    assert "Accept-Encoding" in answer.headers["Vary"]
    if coding == "gzip":
        assert json.loads(gzip.decompress(answer.body)) == anonymous.get(ADDRESS).json()
    if coding:
        assert len(answer.body) < 32 * 1024


def test_it_needs_no_credential_and_minds_none(anonymous):
    ok(anonymous.get(ADDRESS, headers={"Authorization": "Bearer nonsense"}))
    anonymous.cookie = "nonsense"
    ok(anonymous.get(ADDRESS))


def test_a_listener_may_leave_it_out(tmp_path):
    listens = ["127.0.0.1:0=careers,app,backend", "127.0.0.1:0=docs"]
    with Server(tmp_path, listens=listens) as server:
        assert server.anonymous().get(ADDRESS).status_code == 404
        assert server.anonymous().get("/").status_code == 404
        ok(server.anonymous(listener=1).get(ADDRESS))
        assert server.anonymous(listener=1).get("/careers/users/").status_code == 404


# ---- The front door -------------------------------------------------------------------------------

def test_the_front_door_says_what_this_is(anonymous):
    body = ok(anonymous.get("/"))
    assert body["name"] == "rollcall"
    assert body["version"] == contract().document["info"]["version"]


def test_all_its_links_lead_somewhere(anonymous):
    for target in ok(anonymous.get("/"))["links"].values():
        assert anonymous.get(target).status_code == 200
    page = anonymous.get("/", headers={"Accept": "text/html"}).text
    links = re.findall(r'(?:href|src)="([^"]+)"', page)
    assert ADDRESS in links
    for target in links:
        assert anonymous.get(target).status_code == 200


@pytest.mark.parametrize("accept, kind", [
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
    ("*/*", "application/json"), ("application/json", "application/json"),
    ("application/json, text/html", "application/json"), ("text/html;q=0", "application/json"),
    ("text/plain", "application/json")])
def test_browsers_get_a_page_and_machines_an_object(anonymous, accept, kind):
    answer = anonymous.get("/", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].split(";")[0] == kind
    assert "Accept" in answer.headers["Vary"]


def test_the_page_may_load_and_run_nothing(anonymous):
    answer = anonymous.get("/", headers={"Accept": "text/html"})
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "<script" not in answer.text and "style=" not in answer.text
