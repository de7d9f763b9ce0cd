"""What is refused, and in which words. The fields come from src/api/inputs.def, so that a new one
is held to the table below without a line of its own."""
import datetime

import pytest

import tables
from rollcall import PASSWORD, assert_error, ok, registration, unique

TOMORROW = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)).date()

NO_TEXT = [1, 1.5, True, [], {}]
NO_NUMBER = ["x", "1", "", 1.5, True, [], {}]
NO_ID = NO_NUMBER + [0, -1]
LINE = ["a\nb", "a\rb", "a\u0007b", "a\u007fb", "a\u0085b"]
BLOCK = ["a\u0007b", "a\u001bb", "a\u007fb", "a\u0085b"]

# For each type of types.def: values that are no good.
BAD = {
    "AUDIT_CURSOR": NO_TEXT + ["x", "1", "AAAA", "x" * 500],
    "AUDIT_LIMIT": NO_NUMBER + [0, -1, 101],
    "BATCH_NUMBER": ["-1", "x", "1.5", "+1", " 1", "9223372036854775808"],
    "BATCH_SIZE": ["0", "-1", "x", "1.5", "9223372036854775808"],
    "BIO": NO_TEXT + BLOCK + ["x" * 2001, "🦊" * 2001],
    "BIRTH_DATE": NO_TEXT + ["2000-13-01", "2001-02-29", "2000-02-30", "2000-1-1", "01-01-2000",
                             "2000/01/01", "20000101", "1899-12-31", "2000-01-01T00:00:00Z",
                             " 2000-01-01", "0000-00-00", TOMORROW.isoformat()],
    "BOOL": ["true", "yes", "", 1, 0, 1.5, [], {}],
    "CATEGORIES": ["fashion", 1, True, {}, ["x"], [1], [None], [["fashion"]], ["fashion", ""]],
    "CATEGORY": NO_TEXT + ["", "Fashion", "cars"],
    "CENTS": ["x", "1", True, [], {}, 0.001, 1e300, 1e15],
    "CITY": NO_ID + [1000000],
    "COUNTRY": NO_ID + [1000000],
    "CURSOR": ["x", "1", "AAAA", "x" * 500],
    "DATE": NO_TEXT + ["2000-13-01", "2001-02-29", "2000-1-1", "01-01-2000", "2000/01/01", "20000101",
                       "2000-01-01T00:00:00Z", " 2000-01-01", "0000-00-00"],
    "DAYS": NO_NUMBER + [0, -1, 367],
    "DESCRIPTION": NO_TEXT + BLOCK + ["x" * 2001],
    "EMAIL": NO_TEXT,
    "EMAIL_NEW": NO_TEXT,
    "EVENT": NO_TEXT + ["", "Login", "log in"],
    "EVENTS": ["login", 1, True, {}, ["x"], [1], [None], [["login"]], ["login", ""]],
    "EVENT_ID": NO_TEXT + LINE + ["", " ", "x" * 129],
    "FOLLOW_LIMIT": ["0", "-1", "x", "1.5", "9223372036854775808"],
    "FUTURE": NO_TEXT + ["", "tomorrow", "2999-01-01", "2999-01-01T00:00:00", "2999-02-29T00:00:00Z",
                         "2999-01-01T24:00:00Z", "2000-01-01T00:00:00Z"],
    "ID": NO_ID,
    "IDS": ["x", 1, True, {}, [0], [-1], ["1"], [1.5], [True], [None], [[1]],
            list(range(1, 1002))],
    "INCREMENT": NO_NUMBER + [1000000000001, -1000000000001],
    "LABEL": NO_TEXT + LINE + ["", " ", "x" * 51],
    "LANGUAGE": NO_TEXT + ["", "xx", "english", "en_US", "en-", "e", "en US"],
    "LIMIT": NO_NUMBER + [0, -1, 101],
    "LOGIN": NO_TEXT,
    "LOOKUP": NO_TEXT,
    "MESSAGE": NO_TEXT + BLOCK + ["", "x" * 4001],
    "NAME": NO_TEXT + LINE + ["x" * 151, "🦊" * 151],
    "NETWORK": NO_TEXT + ["", "myspace", "Instagram"],
    "NETWORKS": ["x", 1, True, {}, ["myspace"], [1], [None], [["x"]]],
    "OBJECT": ["x", "", "[]", 1, 1.5, True, [], [{}], {"x": "y" * 4096}],
    "ORDERING": ["x", "email", "-", "Username"],
    "OUTCOME": NO_TEXT + ["", "OK", "success"],
    "PAGE": NO_NUMBER + [0, -1],
    "PASSWORD": NO_TEXT + ["x" * 1025],
    "PASSWORD_CONFIRM": NO_TEXT + ["", "password124"],
    "PASSWORD_NEW": NO_TEXT + ["x" * 1025, "é" * 513],
    "PHONE": NO_TEXT + ["1234567890", "+1234567", "+1234567890123456", "+12345x7890",
                        "++1234567890", "0034123456789", "+", "+١٢٣٤٥٦٧٨٩"],
    "REASON": NO_TEXT + BLOCK + ["x" * 1001],
    "ROLE": NO_TEXT + ["", "Staff", "admin"],
    "ROSTER_SORT": NO_TEXT + ["", "-", "email", "Username", "--joined"],
    "SEARCH": NO_TEXT + ["x" * 201],
    "SESSION_NAME": NO_TEXT + LINE + ["x" * 65],
    "SETUP_TOKEN": NO_TEXT + ["", "x" * 4097],
    "SEX": NO_TEXT + ["Male", "m", "unknown"],
    "STATUS": NO_TEXT + ["", "deleted", "Active"],
    "SWITCH": NO_TEXT + ["", "spam", "New campaign"],
    "TIMEZONE": NO_TEXT + ["", "Mars/Olympus", "UTC+1", "europe", "../UTC"],
    "TITLE": NO_TEXT + LINE + ["", " ", "x" * 201],
    "TOKEN": NO_TEXT + ["", "x" * 4097],
    "UNIT": NO_TEXT + ["", "percentage"],
    "URL": NO_TEXT + ["example.com", "//example.com", "ftp://example.com", "http://", "https:///x",
                      "http:/example.com", "javascript:alert(1)", "http://a b.example", "http://?x",
                      "data:text/html,x", "https://example.com/a\nb", " http://example.com",
                      "https://example.com/" + "x" * 2030],
    "USERNAME_NEW": NO_TEXT + ["", " ", "a b", "a\nb", ".a", "-a", "+a", "ä", "a/b", "a@b", "a%b",
                               "x" * 151, "me", "ADMIN"],
}

GOOD = {
    "BATCH_NUMBER": "0", "BATCH_SIZE": "10", "BIO": "Line\nline", "BIRTH_DATE": "1990-01-01",
    "BOOL": True, "CATEGORIES": ["fashion"], "CATEGORY": "art", "CENTS": 1.5, "CITY": 1, "COUNTRY": 1,
    "AUDIT_LIMIT": 10, "DAYS": 7, "DATE": "2024-02-29", "DESCRIPTION": "Text", "EMAIL": "a@example.com", "EVENT": "login",
    "EVENTS": ["login", "logout"], "EVENT_ID": "e", "FOLLOW_LIMIT": 10,
    "FUTURE": "2999-01-01T00:00:00+02:00",
    "ID": 9223372036854775807, "IDS": [1], "INCREMENT": 1, "LABEL": "campaign", "LANGUAGE": "en",
    "LIMIT": 10, "LOGIN": "nobody", "LOOKUP": "nobody", "MESSAGE": "Text", "NAME": "Ana",
    "NETWORK": "x", "NETWORKS": ["x"], "OBJECT": {"a": 1}, "OUTCOME": "ok", "ORDERING": "username", "PAGE": 1,
    "PASSWORD": PASSWORD, "PASSWORD_CONFIRM": PASSWORD, "PASSWORD_NEW": PASSWORD,
    "PHONE": "+1234567890", "REASON": "Text", "ROLE": "staff", "ROSTER_SORT": "-joined", "SEARCH": "text", "SESSION_NAME": "phone", "SEX": "other",
    "STATUS": "active", "SWITCH": "new_campaign", "TIMEZONE": "UTC", "TITLE": "Title", "TOKEN": "token",
    "UNIT": "count", "URL": "https://example.com/a",
}

INPUTS = tables.inputs()
# What the setup takes is looked at once its token is good (test_setup.py).
ROUTES = {route.input: route for route in tables.routes()
          if INPUTS[route.input] and route.input != "setup"}
FIELDS = [(name, field) for name in ROUTES for field in INPUTS[name]]
NAMES = [f"{name}-{field.name}" for name, field in FIELDS]


def good(field):
    if field.type == "USERNAME_NEW":
        return unique()
    if field.type == "EMAIL_NEW":
        return f"{unique()}@example.com"
    return GOOD.get(field.type)


def fill(fields):
    return {field.name: good(field) for field in fields if good(field) is not None}


@pytest.fixture
def ask(anonymous, staff):
    """Sends fields to the route of an input, as somebody who may ask it."""

    def send(name, body, form=False):
        route = ROUTES[name]
        client = anonymous if route.auth in ("OPTIONAL", "CHECK") else staff
        path = route.path.replace("{username}", staff.username)
        if route.method == "GET":
            return client.get(path, params=body)
        return client.request(route.method, path, **{"form" if form else "json": body})

    return send


def bad_values(name, field):
    """What is no good here: a query has nothing but text, and "" clears what can be cleared."""
    return [value for value in BAD[field.type]
            if (isinstance(value, str) or ROUTES[name].method != "GET")
            and not (value == "" and field.rule == "NULLABLE")]


def test_every_type_has_its_row():
    assert set(BAD) == set(tables.types())


@pytest.mark.parametrize("name, field", FIELDS, ids=NAMES)
def test_a_bad_value_is_refused_by_the_name_of_its_field(ask, name, field):
    others = [other for other in INPUTS[name] if other != field]
    for value in bad_values(name, field):
        assert_error(ask(name, {**fill(others), field.name: value}), 400, "validation_error",
                     field.name)


@pytest.mark.parametrize("name, field", [row for row in FIELDS if row[1].rule == "REQUIRED"],
                         ids=str)
def test_a_required_field_must_be_there_and_be_something(ask, name, field):
    others = fill(other for other in INPUTS[name] if other != field)
    for body in (others, {**others, field.name: None}, {**others, field.name: ""}):
        assert_error(ask(name, body), 400, "validation_error", field.name)


@pytest.mark.parametrize("name, field", FIELDS, ids=NAMES)
def test_the_first_failing_field_is_the_one_that_is_named(ask, name, field):
    at = INPUTS[name].index(field)
    body = fill(INPUTS[name][:at])
    for other in INPUTS[name][at:]:
        body[other.name] = bad_values(name, other)[-1]
    assert_error(ask(name, body), 400, "validation_error", field.name)


NUMBERS = {"ID", "COUNTRY", "CITY", "PAGE", "LIMIT", "INCREMENT"}


@pytest.mark.parametrize("name, field", [
    row for row in FIELDS if row[1].type in NUMBERS and ROUTES[row[0]].method != "GET"], ids=str)
def test_in_a_form_a_number_is_decimal_digits(ask, name, field):
    before = {key: value for key, value in fill(INPUTS[name]).items()
              if not isinstance(value, (bool, dict))}
    for value in ("x", "1.5", "+1", " 1", "1 ", "0x1", "1e3", "١", "9223372036854775808"):
        answer = ask(name, {**before, field.name: value}, form=True)
        assert answer.status_code == 400, value


# ---- Texts fixed by the seeds -------------------------------------------------------------------

NO_EMAIL = ["a", "@example.com", "a@", "a b@example.com", "a@@example.com", "a@b@example.com",
            "a@example..com", ".a@example.com", "a.@example.com", "a..b@example.com",
            '"a b"@example.com', "a@-example.com", "a@example-.com", "a@exa mple.com",
            "a@example.com\n", " a@example.com", "a@example.com, b@example.com",
            "Ana <a@example.com>", "a@" + "b" * 250 + ".com", "a@" + "bb." * 100 + "com",
            "a\u0007@example.com", "a@exam_ple.com", "a@.com", "a@example.com."]


@pytest.mark.parametrize("name, field", [row for row in FIELDS
                                         if row[1].type in ("EMAIL", "EMAIL_NEW")], ids=str)
def test_an_email_that_is_none(ask, name, field):
    others = fill(other for other in INPUTS[name] if other != field)
    for email in NO_EMAIL:
        assert_error(ask(name, {**others, field.name: email}), 400, "validation_error", field.name,
                     "Invalid email format")


@pytest.mark.parametrize("name, field", [row for row in FIELDS if row[1].type == "PASSWORD_NEW"],
                         ids=str)
@pytest.mark.parametrize("password", ["x", "1234567", "é" * 7, "e\u0301" * 7, "🦊" * 7, " " * 7])
def test_a_password_that_is_too_short(ask, name, field, password):
    others = fill(other for other in INPUTS[name] if other != field)
    assert_error(ask(name, {**others, field.name: password}), 400, "validation_error", field.name,
                 "Password must be at least 8 characters long")


@pytest.mark.parametrize("password", ["12345678", "é" * 8, "🦊" * 8, " " * 8, "\t" * 8 + "\u0007",
                                      "x" * 1024, "é" * 512], ids=range(7))
def test_a_password_of_any_characters(anonymous, password):
    body = registration(password=password, password_confirm=password)
    ok(anonymous.post("/careers/users/register/", body), 201)


# ---- As long as may be --------------------------------------------------------------------------


@pytest.mark.parametrize("field, value", [
    ("first_name", "x" * 150), ("last_name", "🦊" * 150), ("first_name", "e\u0301" * 150),
    ("bio", "é" * 2000), ("bio", "a\r\nb\nc"), ("avatar", "https://example.com/" + "x" * 2028),
    ("email", "a" * 60 + "@" + ".".join(["b" * 60, "c" * 60, "d" * 60]) + ".example"),
    ("first_name", "O'Brien-Łuk, Jr. <b>&amp; \"x\" \\"), ("bio", "")], ids=str)
def test_what_is_just_within_the_limits_is_kept(user, field, value):
    value = value.replace("a" * 60, unique("a").ljust(60, "a"))
    ok(user.patch("/careers/users/me/update/", {field: value}))
    kept = ok(user.get("/careers/users/me/"))[field]
    assert kept == value.replace("e\u0301", "é")


@pytest.mark.parametrize("field, size", [("title", 200), ("message", 4000), ("type", 50)])
@pytest.mark.parametrize("character", ["x", "🦊"])
def test_so_is_a_notification(staff, user, field, size, character):
    body = {"user_id": user.id, "title": "T", "message": "M", "type": "t"}
    ok(staff.post("/api/user/notification/", {**body, field: character * size}))
    history = ok(user.post("/api/get/notifications/history/"))
    assert history["notifications"][0][field] == character * size


def test_so_is_a_reason(staff, user):
    ok(staff.post("/api/user/status/ban/", {"user_id": user.id, "banned": True,
                                            "reason": "é" * 1000}))
    assert ok(staff.post("/api/user/status/", {"user_id": user.id}))["ban_reason"] == "é" * 1000


def test_so_is_a_username(server):
    name = unique("u").ljust(150, "x")
    assert server.user(name, email=f"{unique()}@example.com").username == name


def test_so_is_an_email_of_254_characters(server):
    local, domain = unique("a"), ".".join(["b" * 60, "c" * 60, "d" * 60, "example"])
    local = local.ljust(254 - 1 - len(domain), "a")
    email = f"{local}@{domain}"
    assert len(email) == 254 and server.user(email=email).email == email


# ---- Unicode ------------------------------------------------------------------------------------


@pytest.mark.parametrize("given, kept", [
    ("Zoe\u0308", "Zoë"), ("A\u030angstro\u0308m", "Ångström"), ("\u212b", "Å"),
    ("ｆｕｌｌ", "ｆｕｌｌ"), ("\u1112\u1161\u11ab", "한"), ("o\u0323\u0302", "ộ"),
    ("o\u0302\u0323", "ộ")])
def test_text_is_kept_in_nfc(user, given, kept):
    answer = user.patch("/careers/users/me/update/", {"first_name": given})
    assert ok(answer)["first_name"] == kept


@pytest.mark.parametrize("text", ["🦊👩‍👩‍👧", "東京", "Ελλάδα", "العربية", "\u200f\u200d", "ﷺ", "İı"])
def test_responses_are_utf8_unescaped(user, text):
    answer = user.patch("/careers/users/me/update/", {"first_name": text})
    assert f'"first_name":"{text}"'.encode() in answer.content


# ---- JSON ---------------------------------------------------------------------------------------


def nested(levels):
    """An object with so many levels of nesting, itself the first."""
    return b'{"unknown":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


def send_raw(client, body, media="application/json"):
    return client.request("POST", "/api/update/profile/", form=body,
                          headers={"Content-Type": media})


@pytest.mark.parametrize("body", [
    b"{", b"}", b"[]", b"null", b"1", b'"text"', b"{}{}", b"{} x", b"{'a':1}", b"{a:1}",
    b'{"a":1,}', b'{"a":}', b'{"a"}', b'{"a":01}', b'{"a":+1}', b'{"a":.5}', b'{"a":1.}',
    b'{"a":NaN}', b'{"a":Infinity}', b'{"a":-Infinity}', b'{"a":0x1}', b'{"a":tru}',
    b'{"a":1,"a":2}', b'{"first_name":"a","first_name":"a"}', b'{"a":{"b":1,"b":2}}',
    b'{"a":[{"b":1,"b":1}]}', b'{"a":1,"\\u0061":2}', b'{"a":"\xff"}', b'{"a":"\xc0\x80"}',
    b'{"a":"\xed\xa0\x80"}', b'{"a":"\xf4\x90\x80\x80"}', b'{"\xff":1}', b'{"a":"\\ud800"}',
    b'{"a":"\\udc00"}', b'{"a":"\\udc00\\ud800"}', b'{"a":"\\ud800\\u0041"}', b'{"a":"\\u0000"}',
    b'{"a\\u0000b":1}', b'{"a":"\x00"}', b'{"a":"\n"}', b'{"a":"\\x41"}', b'{"a":"\\u12"}',
    b'{"a":"x}', b'{"a":/*c*/1}', b'{"a":1}//c', b"{}\x00",
    nested(33), nested(34), nested(10000), b'{"a":' * 33 + b"1" + b"}" * 33,
    b'{"a":' * 9000, b"[" * 60000,
], ids=range(52))
def test_json_that_is_not_strict_is_not_understood(user, body):
    assert_error(send_raw(user, body), 400, "malformed_request")


@pytest.mark.parametrize("body", [
    b"{}", b" { } ", b"\r\n\t{}\n", nested(2), nested(32), b'{"a":' * 32 + b"1" + b"}" * 32,
    b'{"a":9223372036854775807,"b":-9223372036854775808,"c":1.5e3,"d":null,"e":[1,"x",{}]}',
    b'{"a":9223372036854775808,"b":-99999999999999999999999999}',
    b'{"a":"\\ud83e\\udd8a \\" \\\\ \\/ \\b\\f\\n\\r\\t"}', b'{"":1}', b'{"A":1,"a":2}',
    b'{"' + b"a" * 60000 + b'":1}'], ids=range(12))
def test_json_that_is_strict_is(user, body):
    ok(send_raw(user, body))


@pytest.mark.parametrize("body", [b"", None])
@pytest.mark.parametrize("media", ["application/json", "application/x-www-form-urlencoded"])
def test_an_empty_body_is_an_empty_object(user, body, media):
    ok(send_raw(user, body, media))


@pytest.mark.parametrize("number", ["9223372036854775808", "18446744073709551617", "1e30",
                                    "-9223372036854775809", "1e999", "9" * 400])
def test_an_id_that_does_not_fit_is_nobodys(staff, number):
    answer = staff.request("POST", "/api/user/status/", form=f'{{"user_id":{number}}}',
                           headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("escaped, kept", [("\\u0041\\u00e9", "Aé"), ("\\ud83e\\udd8a", "🦊"),
                                           ("a\\/b", "a/b"), ('\\"q\\"', '"q"')])
def test_escapes_are_read(user, escaped, kept):
    ok(send_raw(user, f'{{"first_name":"{escaped}"}}'.encode()))
    assert ok(user.post("/api/get/profile/"))["first_name"] == kept


# ---- Forms --------------------------------------------------------------------------------------

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("body", [b"first_name=%", b"first_name=%4", b"first_name=%zz",
                                  b"first_name=%ff", b"first_name=%c0%80", b"first_name=\xff",
                                  b"first_name=%00", b"a%00b=1", b"first_name=%ed%a0%80",
                                  b"first_name=a&first_name=b"])
def test_a_form_that_cannot_be_decoded_is_not_understood(user, body):
    assert_error(send_raw(user, body, FORM), 400, "malformed_request")


@pytest.mark.parametrize("query", ["search=%", "search=%zz", "search=%ff", "search=%00",
                                   "search=a&search=b", "%ff=1"])
def test_a_query_that_cannot_be_decoded_is_not_understood(server, query):
    answer = server.raw(f"GET /careers/users/?{query} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert answer.status == 400 and b'"malformed_request"' in answer.body


@pytest.mark.parametrize("body, kept", [
    (b"first_name=a+b%2Bc", "a b+c"), (b"first_name=%C3%A9", "é"), (b"first_name=\xc3\xa9", "é"),
    (b"first_name=%F0%9F%A6%8A", "🦊"), (b"first_name=a%26b%3Dc", "a&b=c"),
    (b"first_name=a=b", "a=b"), (b"&&first_name=x&", "x"), (b"first%5Fname=x", "x"),
    (b"first_name=%2525", "%25"), (b"first_name=Zoe%CC%88", "Zoë"), (b"unknown=1", ""),
    (b"first_name=", ""), (b"first_name", "")])
def test_forms_are_decoded_once(user, body, kept):
    ok(send_raw(user, body, FORM))
    assert ok(user.post("/api/get/profile/"))["first_name"] == kept


@pytest.mark.parametrize("body, kept", [
    ({"json": {"phone": "+1 234-567.890"}}, "+1234567890"),
    ({"form": {"phone": "+1234567890"}}, "+1234567890")])
def test_a_phone_number_is_stripped(user, body, kept):
    ok(user.post("/api/update/profile/", **body))
    assert ok(user.post("/api/get/profile/"))["phone"] == kept


@pytest.mark.parametrize("field, word, kept", [
    ("country", "1", {"id": 1, "name": "United States"}),
    ("birth_date", "1990-01-01", "1990-01-01")])
def test_forms_and_json_say_the_same(user, field, word, kept):
    ok(user.post("/api/update/profile/", form={field: word}))
    assert ok(user.post("/api/get/profile/"))[field] == kept


@pytest.mark.parametrize("path, body", [
    ("/careers/users/follow/", lambda person: {"following": str(person.id)}),
    ("/api/get/profile/", lambda person: {"user_id": str(person.id)})])
def test_every_surface_reads_forms(user, other, path, body):
    assert user.post(path, form=body(other)).status_code in (200, 201)
