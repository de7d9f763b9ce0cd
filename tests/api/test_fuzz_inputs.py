"""Anything at all, sent to every endpoint by nobody, a user and staff: the answer is the
contract's, and the server is none the worse for it. Routes and fields come from src/api/*.def."""
import json
import re
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import tables
from crowd import message, read_answer
from generate import bounded
from rollcall import PASSWORD, POSTGRES, QUICK, ROOT, Client, Server, registration, unique

ERRORS = {(int(status), code) for status, code in re.findall(
    r'^ERR\(\w+, (\d+), "(\w+)"', (ROOT / "src" / "base" / "error.def").read_text(), re.MULTILINE)}
FIELDS = tables.inputs()
CALLERS = ["nobody", "user", "staff"]
SHARE = 3 if POSTGRES else 1  # most of it ends before any engine is asked


class House:
    """A server and people on it who can be thrown away."""

    def __init__(self, server):
        self.server = server
        self.people = {"nobody": server.anonymous(), "user": server.user(),
                       "staff": server.staff(superuser=True)}
        self.target = server.user()

    def revive(self):
        """After a request that may have ended somebody's session, or worse, or made staff of a user."""
        for name in CALLERS[1:]:
            if self.people[name].get("/careers/users/me/").status_code != 200:
                self.people[name] = self.log_in(name)
        if self.people["user"].post("/api/system/").status_code != 403:
            self.people["user"] = self.server.user()

    def log_in(self, name):
        username = self.people[name].username
        answer = self.people["nobody"].post("/careers/users/login/",
                                            {"username": username, "password": PASSWORD})
        if answer.status_code != 200:
            return self.server.staff(superuser=True) if name == "staff" else self.server.user()
        client = Client(self.server, answer.json()["access"])
        client.username, client.id = username, self.people[name].id
        client.refresh = answer.json()["refresh"]
        return client

    def ask(self, request, method="POST"):
        with self.server.connect(timeout=30) as connection:
            connection.sendall(request)
            return read_answer(connection.makefile("rb"), method)

    def right(self, route):
        """Who may use it, and input that is as good as right."""
        caller = {"USER": "user", "STAFF": "staff"}.get(route.auth, "nobody")
        fields = {field.name: fitting_values(self, field.type)[0]
                  for field in FIELDS[route.input] if field.rule != "OPTIONAL"}
        return self.people[caller], fields


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("fuzz"), QUICK) as running:
        yield House(running)
        assert running.cli("check", "--search").stdout.startswith("OK")


# ---- What is sent -------------------------------------------------------------------------------

WORDS = ["", " ", "0", "-1", "true", "null", "me", "admin", "*", "%", "_", "'", '"', "\\", "a\0b",
         "\r\n", "\u202e", "\ufeff", "\u0000", "e\u0301", "\ufdfa" * 40, "ß", "İ", "🦊" * 60,
         "x" * 151, "x" * 4097, "1" * 400, "9223372036854775807", "9223372036854775808", "1e5",
         "../..", "<script>", "a@b", "a@example.com", "+34600000000", "https://example.com/",
         "2000-02-30", "1990-01-01", "fashion", "instagram", "new_campaign", "male", "en", "UTC",
         "percent", "username", "-created_at", "banned", PASSWORD]
NUMBERS = [0, 1, -1, 2, 100, 101, 2 ** 31, 2 ** 53, 2 ** 63 - 1, 2 ** 63, -2 ** 63, 2 ** 64,
           10 ** 30, 0.5, -0.0, 1.005, 1e300, 5e-324, 1e15]

ODD = [None, True, False, [], {}, [[]], [{}], [None], {"a": None}, [1] * 1001, ["x"] * 300,
       {"a": {"b": [1, 2.5]}}, {str(i): i for i in range(300)}]

text = st.one_of(st.sampled_from(WORDS), st.text(max_size=40), st.text(alphabet="%_\"'*aä ",
                                                                         max_size=12))
scalar = st.one_of(text, st.sampled_from(NUMBERS), st.integers(), st.floats(), st.booleans(),
                   st.none())
value = st.recursive(scalar, lambda inner: st.lists(inner, max_size=4) |
                     st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=8)


FITTING = {
    "BATCH_NUMBER": [0, 1], "BATCH_SIZE": [1, 100], "BIRTH_DATE": ["1990-01-01", "2004-02-29"],
    "BOOL": [True, False], "CATEGORIES": [["fashion"], ["music", "food"], []], "CENTS": [1, 2.5],
    "CITY": [1], "COUNTRY": [1], "EMAIL": ["a@example.com"], "FOLLOW_LIMIT": [1, 2000],
    "IDS": [[1], [1, 2, 3], []], "INCREMENT": [1, 5, -1], "LANGUAGE": ["en", "pt-BR"],
    "LIMIT": [1, 100], "NETWORK": ["x"], "NETWORKS": [["x", "tiktok"], []],
    "OBJECT": [{}, {"a": [1, None, {"b": "c"}]}], "ORDERING": ["username", "-created_at"],
    "PAGE": [1, 2], "PASSWORD": [PASSWORD, "wrong password"], "PASSWORD_CONFIRM": [PASSWORD],
    "PASSWORD_NEW": [PASSWORD], "PHONE": ["+34 600 000 000"], "SEX": ["male", "other"],
    "STATUS": ["active", "banned"], "SWITCH": ["new_campaign"], "TIMEZONE": ["Europe/Madrid"],
    "UNIT": ["count", "percent"], "URL": ["https://example.com/ä?b#c"]}


def fitting_values(house, kind):
    """What could be right, so that not everything ends at the first check."""
    people = [house.people["user"], house.people["staff"], house.target]
    alive = {
        "ID": [person.id for person in people], "TOKEN": [person.refresh for person in people],
        "LOGIN": [person.username for person in people] + [house.target.email],
        "LOOKUP": [person.username for person in people], "USERNAME_NEW": [unique("fuzz")],
        "EMAIL_NEW": [f"{unique('fuzz')}@example.com"], "EVENT_ID": [unique("event")]}
    return alive.get(kind) or FITTING.get(kind) or WORDS[8:]


def fitting(house, kind):
    return st.sampled_from(fitting_values(house, kind))


@st.composite
def members(draw, house, route):
    """The endpoint's fields, as they should be but for one, or with others, right or wrong."""
    fields = FIELDS[route.input]
    chosen = {field.name: draw(fitting(house, field.type)) for field in fields}
    kind = draw(st.sampled_from(["right", "one", "one", "any"]))
    if kind == "one" and fields:
        chosen[draw(st.sampled_from(fields)).name] = draw(value)
    if kind == "any":
        for field in fields:
            if not draw(st.integers(0, 3)):
                del chosen[field.name]
            elif draw(st.booleans()):
                chosen[field.name] = draw(value)
        chosen[draw(st.text(max_size=8))] = draw(value)
    return chosen


def as_pairs(chosen, escape):
    """A form or a query; lists repeat their key."""
    pairs = []
    for name, item in chosen.items():
        for one in item if isinstance(item, list) else [item]:
            word = one if isinstance(one, str) else json.dumps(one)
            pairs.append(f"{escape(name)}={escape(word)}")
    return "&".join(pairs)


def escaped(word):
    return quote_plus(word, errors="surrogatepass")


@st.composite
def bodies(draw, house, route):
    """A type and bytes."""
    chosen = draw(members(house, route))
    kind = draw(st.sampled_from(["json", "json", "form", "spoiled", "noise"]))
    if kind == "form":
        return "application/x-www-form-urlencoded", as_pairs(chosen, escaped).encode()
    data = json.dumps(chosen, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    if kind == "spoiled":
        at = draw(st.integers(0, len(data)))
        middle = draw(st.sampled_from([b"", b"\0", b"\xff", b"{", b"[" * 40, b'"', b",", b"1e999",
                                       b"\\ud800", b"\\u0000", b"\xed\xa0\x80"]))
        data = data[:at] + middle + data[at + draw(st.integers(0, 3)):]
    if kind == "noise":
        data = draw(st.binary(max_size=200))
    types = ["application/json; charset=utf-8", "application/json;charset=x", "text/plain", "",
             "application/x-www-form-urlencoded", "multipart/form-data"]
    return draw(st.sampled_from(["application/json"] * 12 + types)), data


@st.composite
def paths(draw, house, route):
    def fill(_):
        known = [person.username for person in house.people.values()
                 if hasattr(person, "username")] + [house.target.username, "nobody", "1"]
        word = draw(st.one_of(st.sampled_from(known), text))
        return quote(word, safe="", errors="surrogatepass") or "x"
    return re.sub(r"\{\w+\}", fill, route.path)


@st.composite
def requests(draw, house, route, caller):
    method, path = route.method, draw(paths(house, route))
    lines, data = [], b""
    if method == "GET":
        query = as_pairs(draw(members(house, route)), escaped)
        query += draw(st.text(alphabet="abz019%&=+?/_", max_size=12))
        path += f"?{query}" if query else ""
    else:
        kind, data = draw(bodies(house, route))
        lines = [f"Content-Type: {kind}", f"Content-Length: {len(data)}"]
    person = house.people[caller]
    if person.access:
        lines.append(f"Authorization: Bearer {person.access}")
    assume(len(path) < 8000)
    head = "\r\n".join([f"{method} {path} HTTP/1.1", "Host: test", *lines]) + "\r\n\r\n"
    return head.encode("ascii") + data


# ---- What comes back ----------------------------------------------------------------------------


def assert_contract(answer, request):
    assert answer is not None, request
    if answer.headers["Content-Type"].startswith("text/html"):
        assert answer.status_code == 200 and request.startswith((b"GET /docs", b"GET /console")), request
        return
    body = json.loads(answer.text)
    assert isinstance(body, dict), request
    if answer.status_code < 300:
        return
    assert answer.status_code < 500, (answer.status_code, answer.text, request)
    assert (answer.status_code, body["error"]) in ERRORS, answer.text
    fields = {"field"} if body["error"] == "validation_error" else set()
    assert set(body) == {"error", "message"} | fields, answer.text
    assert isinstance(body["message"], str) and body["message"]
    assert not re.search(r"(?i)sqlite|select |insert |\.c:|/src/", body["message"])


def allowed(route, caller, answer):
    if route.auth in ("USER", "STAFF") and caller == "nobody":
        return answer.status_code in (400, 401)
    if route.auth == "STAFF" and caller == "user":
        return answer.status_code in (400, 403)
    return answer.status_code not in (401, 403) or route.auth in ("OPTIONAL", "CHECK") or \
        caller == "staff"


def changes_people(route):
    words = ("logout", "ban", "password", "sessions", "role")
    return route.method == "DELETE" or any(word in route.path for word in words)


CALLERS_OF = {"USER": ["nobody", "user", "user", "staff"], "STAFF": ["nobody", "user"] +
              4 * ["staff"], "OPTIONAL": CALLERS, "CHECK": CALLERS}


@pytest.mark.parametrize("route", tables.routes(), ids=lambda row: f"{row.method} {row.path}")
def test_every_endpoint_answers_anything(house, route):
    @bounded(60 // SHARE)
    @given(data=st.data(), caller=st.sampled_from(CALLERS_OF[route.auth]))
    def ask(data, caller):
        request = data.draw(requests(house, route, caller))
        answer = house.ask(request, route.method)
        assert_contract(answer, request)
        assert allowed(route, caller, answer), (caller, answer.status_code, request)
        if caller != "nobody" and changes_people(route):
            house.revive()
    ask()
    house.revive()
    assert house.server.process.poll() is None, house.server.output


def asked_with(route, wrong, person):
    """The request in both of its forms; a GET has one."""
    query = as_pairs(wrong, escaped)
    if route.method == "GET":
        path = re.sub(r"\{\w+\}", "nobody", route.path)
        return [message("GET", f"{path}?{query}", None, person.access)] if len(query) < 8000 else []
    path = re.sub(r"\{\w+\}", "1", route.path)
    form = message(route.method, path, None, person.access,
                   ["Content-Type: application/x-www-form-urlencoded",
                    f"Content-Length: {len(query)}"]) + query.encode()
    return [message(route.method, path, wrong, person.access), form]


@pytest.mark.parametrize("route", [row for row in tables.routes() if FIELDS[row.input]],
                         ids=lambda row: f"{row.method} {row.path}")
def test_every_field_takes_anything(house, route):
    """One field after the other holds everything that is odd, while all others are right."""
    for field in FIELDS[route.input]:
        for odd in WORDS + NUMBERS + ODD:
            person, fields = house.right(route)
            for request in asked_with(route, {**fields, field.name: odd}, person):
                answer = house.ask(request, route.method)
                assert_contract(answer, request)
                if answer.status_code < 300 and changes_people(route):
                    house.revive()
    assert house.server.process.poll() is None, house.server.output


# ---- Credentials --------------------------------------------------------------------------------

visible = st.characters(min_codepoint=0x20, max_codepoint=0xff, blacklist_categories=["Cc"])


def me(house, *lines):
    head = "\r\n".join(["GET /careers/users/me/ HTTP/1.1", "Host: test", *lines]) + "\r\n\r\n"
    return house.ask(head.encode("latin-1"), "GET")


@st.composite
def spoiled_tokens(draw, token):
    at = draw(st.integers(0, len(token) - 1))
    kind = draw(st.sampled_from(["change", "drop", "double", "cut", "swap"]))
    letter = draw(st.sampled_from("ABCdef019-_.=+/ "))
    changed = {"change": token[:at] + letter + token[at + 1:], "drop": token[:at] + token[at + 1:],
               "double": token[:at] + token[at] + token[at:], "cut": token[:at],
               "swap": ".".join(token.split(".")[::-1])}[kind]
    assume(changed.strip() != token)
    return changed


def test_no_other_token_is_as_good(house):
    token = house.people["user"].access

    @bounded(300 // SHARE)
    @given(changed=spoiled_tokens(token))
    def ask(changed):
        answer = me(house, f"Authorization: Bearer {changed}")
        assert answer.status_code == 401, changed
    ask()
    assert me(house, f"Authorization: Bearer {token}").status_code == 200


def test_no_other_cookie_is_as_good(house):
    client = house.server.anonymous()
    person = house.server.user()
    client.post("/api/action/login/", {"username": person.username, "password": PASSWORD})
    cookie = client.cookie
    assert me(house, f"Cookie: sessionid={cookie}").status_code == 200

    @bounded(200 // SHARE)
    @given(changed=spoiled_tokens(cookie))
    def ask(changed):
        assert me(house, f"Cookie: sessionid={changed}").status_code == 401, changed
    ask()


@bounded(200 // SHARE)
@given(name=st.sampled_from(["Authorization", "Cookie", "Origin", "Sec-Fetch-Site", "Accept",
                             "X-Forwarded-For", "X-Forwarded-Proto", "User-Agent", "Content-Type",
                             "X-Request-Id", "Range", "If-None-Match"]),
       value=st.one_of(st.text(visible, max_size=60),
                       st.text("Bearer sionid=;,. \x80\xff\"", max_size=60)))
def test_any_header_is_survived(house, name, value):
    answer = me(house, f"{name}: {value}")
    assert answer.status_code == 401
    assert_contract(answer, value)


@bounded(100 // SHARE)
@given(agent=st.text(visible, max_size=700))
def test_any_user_agent_opens_a_session(house, agent):
    body = json.dumps(registration()).encode()
    head = ["POST /careers/users/register/ HTTP/1.1", "Host: test", f"User-Agent: {agent}",
            "Content-Type: application/json", f"Content-Length: {len(body)}"]
    answer = house.ask("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body)
    assert answer.status_code == 201
    client = Client(house.server, json.loads(answer.text)["access"])
    listed = client.get("/careers/users/me/sessions/")
    assert listed.status_code == 200 and listed.json()
