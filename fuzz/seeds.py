#!/usr/bin/python3
"""Writes fuzz/corpus anew: what the fuzzers begin with, made from the tables of the tests and of
src/api. What they find on their own stays in the build folder.

Usage: seeds.py
"""
import json
import pathlib
import re
import shutil
import sys
from urllib.parse import quote_plus

FUZZ = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FUZZ.parent / "tests" / "api"))
import rfc9112  # noqa: E402
import tables  # noqa: E402

VALUES = {
    "BATCH_NUMBER": 1, "BATCH_SIZE": 100, "BIRTH_DATE": "2004-02-29", "BOOL": True,
    "CATEGORIES": ["fashion", "food"], "CENTS": 2.5, "CITY": 1, "COUNTRY": 1, "CURSOR": "AAAA",
    "EMAIL": "a@example.com", "EMAIL_NEW": "ñ@exämple.com", "FOLLOW_LIMIT": 2000, "ID": 1,
    "IDS": [1, 2, 3], "INCREMENT": -5, "LANGUAGE": "zh-hant-TW", "LIMIT": 20, "NETWORK": "x",
    "NETWORKS": ["x", "tiktok"], "OBJECT": {"a": [1, None, {"b": 1.5}]}, "ORDERING": "-created_at",
    "PAGE": 2, "PASSWORD": "password123", "PASSWORD_CONFIRM": "Tr0ub4dor&3",
    "PASSWORD_NEW": "Tr0ub4dor&3", "PHONE": "+34 600 000-000", "SEX": "male", "STATUS": "banned",
    "SWITCH": "new_campaign", "TIMEZONE": "Europe/Madrid", "UNIT": "percent",
    "URL": "https://example.com/ä?b#c", "USERNAME_NEW": "zoe.b-1",
}
ODD = ["", "null", "[]", "{}", '{"a":1,"a":2}', '{"a":"\\ud800"}', '{"a":"\\u0000"}',
       '{"a":9223372036854775808}', '{"a":-9223372036854775808}', '{"a":1e400}', '{"a":[1,2.0,-0]}',
       "[" * 40, '{"a":' * 33 + "1" + "}" * 33, '{"a":"e\u0301\ufdfa🦊"}', '{"a":[[[{"b":{}}]]]}',
       '{"a":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83e\\udd8a"}', "\ufeff{}", '{"a":true,"b":false}']

seeds = {}


def seed(target, name, data):
    name = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "empty"
    while name in seeds.setdefault(target, {}):
        name += "-"
    seeds[target][name] = data if isinstance(data, bytes) else data.encode()


def http():
    for number, case in enumerate(rfc9112.CASES):
        if len(case.data) < 2000:
            plan = bytes([number % 4, number % 251, number % 241])
            seed("http", f"{case.section} {case.name}", plan + case.data)


def url():
    for number, target in enumerate([
            "/", "/careers/users/ana/", "/a%20b/%C3%A9", "/%2e%2e/", "/a//b", "/%2F", "/%00",
            "/a?q=1&b=%41", "/%ff", "/%e2%82%ac?x", "/a/./b", "/a%3Fb", "/%", "/%4"]):
        seed("url", f"target {number}", "\0" + target)
    for number, form in enumerate([
            "", "a=1&b=2", "a", "=", "&&", "a=b=c", "a+b=%2B+%26", "%C3%A9=%F0%9F%A6%8A", "a=%00",
            "a=%", "a=%ff", "a=1&a=2&a=3", "x=%c3+%a9"]):
        seed("url", f"form {number}", "\1" + form)


def headers():
    for number, (peer, lines) in enumerate([
            (0, ["X-Forwarded-For: 203.0.113.7"]), (1, ["X-Forwarded-For: 203.0.113.7, 10.0.0.2"]),
            (1, ["X-Forwarded-For: [2001:db8::1]:443, 10.1.1.1:80", "X-Forwarded-Proto: http, https"]),
            (2, ["X-Forwarded-For: ::ffff:10.0.0.1, unknown", "x-forwarded-for: 192.0.2.9"]),
            (4, ["X-Forwarded-For: ,,", "X-Forwarded-Proto: https"]),
            (8, ["Origin: https://app.example.com", "Access-Control-Request-Method: POST",
                 "Access-Control-Request-Headers: content-type, AUTHORIZATION,x"]),
            (0, ["Origin: null"]), (8, ["Origin: http://localhost:3000"]),
            (0, ["Origin: https://app.example.com.evil.net"]),
            (0, ["Host: example.com:8080", "Host: [::1]:80", "Host: %41", "A: 10.0.0.0/8",
                 "A: 2001:db8::/32", "A: 0.0.0.0/0", "A: ::/129"])]):
        seed("headers", f"fields {number}", bytes([peer]) + "\n".join(lines).encode())


def whole_json():
    for number, text in enumerate(ODD):
        seed("json", f"odd {number}", text)
    seed("json", "all values", json.dumps(VALUES))


def form_of(members):
    return "&".join(f"{quote_plus(name)}={quote_plus(one if isinstance(one, str) else json.dumps(one))}"
                    for name, value in members.items()
                    for one in (value if isinstance(value, list) else [value]))


def inputs():
    """The first byte is the place in inputs.def, the second how it comes (input.c)."""
    for place, (name, fields) in enumerate(tables.inputs().items()):
        members = {field.name: VALUES.get(field.type, "some text") for field in fields}
        plan = lambda how: bytes([place, how])  # noqa: E731
        seed("input", f"{name} json", plan(0) + json.dumps(members, ensure_ascii=False).encode())
        seed("input", f"{name} form", plan(1) + form_of(members).encode())
        seed("input", f"{name} query", plan(4) + form_of(members).encode())
    for number, text in enumerate(ODD):
        seed("input", f"odd {number}", bytes([1, 5]) + text.encode())
    for number, kind in enumerate(["application/json;charset=latin1", "text/json", "", ";;=",
                                   "Application/JSON ; x=y; charset=\"UTF-8\""]):
        seed("input", f"type {number}", bytes([1, 3]) + kind.encode() + b'\n{"username":"a"}')


def credentials():
    good = '{"token_type":"access","exp":4102444800,"iat":1700000000,"jti":"' + "0" * 32
    for number, rest in enumerate(['","user_id":1,"sid":2,"iss":"rollcall"}', '","user_id":1}', '"}',
                                   '","user_id":-1,"sid":2,"iss":"rollcall"}',
                                   '","user_id":9999999999999999999,"sid":2,"iss":"rollcall"}']):
        seed("token", f"signed claims {number}", b"\3" + (good + rest).encode())
        seed("token", f"claims {number}", b"\2\0" + (good + rest).encode())
    for number, text in enumerate(["", "..", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "-_-_", "AAAB"]):
        seed("token", f"text {number}", "\0" + text)
        seed("token", f"base64 {number}", "\4" + text)
        seed("cursor", f"text {number}", "\0" + text)
        seed("cursor", f"bytes {number}", b"\1" + bytes(range(40 + number)))
    for place in (0, 40, 90, 128, 200, 255):
        seed("token", f"changed {place}", bytes([1, 0, 2, place, 65]))
        seed("cursor", f"changed {place}", bytes([2, place, 1]))
    seed("cursor", "sealed", "\x031234567")
    for number, (how, lines) in enumerate([
            (0, ["Cookie: sessionid=%c"]), (0, ["Cookie: a=b; sessionid=%c ;c", "Host: h",
                                                "Origin: http://h"]),
            (1, ["Cookie: sessionid=%c", "Origin: https://evil.example"]),
            (2, ["Cookie: sessionid=%c", "Host: h:443", "Origin: https://H"]),
            (0, ["Cookie: sessionid=%c", "Sec-Fetch-Site: same-site"]),
            (0, ["Cookie: sessionid=%c", "Origin: https://app.example.com", "Host: x"]),
            (0, ["Cookie: sessionid=%c", "Origin: null"]), (0, ["Authorization: Bearer %t"]),
            (4, ["Authorization: Bearer %r"]), (0, ["Authorization: bearer  %t", "Cookie: %c"]),
            (0, ["Authorization: Basic %t", "Cookie: sessionid=%c"]),
            (0, ["Cookie: sessionid=1.1." + "A" * 43]), (0, ["Cookie: sessionid=1.2.3.4"]),
            (0, ["Cookie: sessionid=%cx"]), (0, ["Authorization: Bearer %t", "Authorization: x"])]):
        seed("cookie", f"fields {number}", bytes([how]) + "\n".join(lines).encode())


def search():
    for number, (text, wanted) in enumerate([
            ("Ana López", "lop"), ("Straße", "SS"), ("Łódź", "lo"), ("a%b_c\\d", "%b_"), ('"a"', '"'),
            ("ﷺ", "صلى"), ("İstanbul", "i"), ("æther", "ae"), ("日本語", "本"), ("🦊🦊", "🦊"),
            ("a b", " "), ("e\u0301", "\u0301"), ("a OR b", "OR"), ("aaa", "aaaa"), ("", "x"),
            ("NEAR(a b)", "NEAR(")]):
        seed("search", f"pair {number}", f"{text}\n{wanted}")


def data():
    files = ["1\tES\tSpain\n2\tFR\tFrance\n", "1\tES\tMadrid\t3000000\n7\tFR\tÉvry\t5\n",
             "de\tde\tGerman\nspa\tes\tSpanish\n", "Europe/Madrid\nUTC\n"]
    seed("data", "comments", "---\n".join("# a\n" + body for body in files))
    seed("data", "empty", "---\n---\n---\n")
    for number, question in enumerate(["mad", "éV", "spa-Hant-ES", "es-419", "Europe/Madrid", "1",
                                       "9223372036854775807", "", "de-"]):
        seed("data", f"question {number}", "---\n".join([*files, question]))


def main():
    for make in (http, url, headers, whole_json, inputs, credentials, search, data):
        make()
    for target, files in seeds.items():
        folder = FUZZ / "corpus" / target
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        print(f"{target}: {len(files)}")


main()
