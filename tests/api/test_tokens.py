"""Tokens: what they say, and that nothing but what the server signed is believed."""
import base64
import hashlib
import hmac
import json
import time

import pytest

from rollcall import PASSWORD, QUICK, Server, assert_error, ok

ME = "/careers/users/me/"
REFRESH = "/careers/users/token/refresh/"
KEY = b"vI3yQm0sTz8WbLr5JdKx1nHcUe7PfGa9oXuM2iZqYk4RtSw6"


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def header_of(token):
    return json.loads(decode(token.split(".")[0]))


def claims_of(token):
    return json.loads(decode(token.split(".")[1]))


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


def sign(header, claims, key=KEY, digest="sha256"):
    """A JWT of these, as whoever has the key could make it."""
    signed = f"{encode(compact(header))}.{encode(compact(claims))}"
    return f"{signed}.{encode(hmac.digest(key, signed.encode(), digest))}"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A server whose key we know."""
    directory = tmp_path_factory.mktemp("house")
    (directory / "key").write_bytes(KEY)
    with Server(directory, QUICK + ["--signing-key-file", str(directory / "key")]) as running:
        running.person = running.user("person")
        running.other = running.user("other")
        yield running


@pytest.fixture
def token(house):
    return house.login("person").access


def ask(server, token):
    return server.anonymous().get(ME, headers={"Authorization": f"Bearer {token}"})


def refused(server, token):
    answer = ask(server, token)
    assert_error(answer, 401, "token_invalid")
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


# ---- What they say ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind, lifetime", [("access", 3600), ("refresh", 7 * 24 * 3600)])
def test_a_token_says_what_it_is_and_how_long_it_lives(house, kind, lifetime):
    client = house.login("person")
    claims = claims_of(getattr(client, kind))
    assert set(claims) == {"token_type", "exp", "iat", "jti", "user_id", "sid", "iss"}
    assert (claims["token_type"], claims["user_id"]) == (kind, house.person.id)
    assert claims["exp"] - claims["iat"] == lifetime
    assert abs(claims["iat"] - time.time()) < 60


def test_both_tokens_of_a_login_belong_to_one_session(house):
    client = house.login("person")
    access, refresh = claims_of(client.access), claims_of(client.refresh)
    assert access["sid"] == refresh["sid"] and access["jti"] != refresh["jti"]


def test_two_logins_are_two_sessions(house):
    sids = {claims_of(house.login("person").access)["sid"] for _ in range(2)}
    assert len(sids) == 2


def test_the_algorithm_is_hs256(token):
    header = header_of(token)
    assert header["alg"] == "HS256" and header["kid"]


def test_the_issuer_can_be_chosen(tmp_path):
    with Server(tmp_path, QUICK + ["--issuer", "https://id.example.com"]) as running:
        client = running.user()
        assert claims_of(client.access)["iss"] == "https://id.example.com"
        ok(client.get(ME))


# ---- What is believed ---------------------------------------------------------------------------


def test_a_token_signed_with_the_key_is_believed(house, token):
    """Shows that the tests below forge as well as can be."""
    ok(ask(house, sign(header_of(token), claims_of(token))))


def test_the_scheme_is_bearer_in_any_case(house, token):
    for scheme in ("bearer", "BEARER", "Bearer"):
        ok(house.anonymous().get(ME, headers={"Authorization": f"{scheme} {token}"}))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
def test_no_algorithm_is_no_signature(house, token, algorithm):
    header = {**header_of(token), "alg": algorithm}
    unsigned = f"{encode(compact(header))}.{token.split('.')[1]}"
    for forged in (unsigned + ".", unsigned, f"{unsigned}.{token.split('.')[2]}",
                   sign(header, claims_of(token))):
        refused(house, forged)


@pytest.mark.parametrize("algorithm, digest", [
    ("HS512", "sha512"), ("HS384", "sha384"), ("HS1", "sha1"), ("hs256", "sha256"),
    ("RS256", "sha256"), ("ES256", "sha256"), ("EdDSA", "sha256"), ("HS256", "sha512"),
    (None, "sha256"), (["HS256"], "sha256")])
def test_the_token_does_not_choose_the_algorithm(house, token, algorithm, digest):
    refused(house, sign({**header_of(token), "alg": algorithm}, claims_of(token), digest=digest))


@pytest.mark.parametrize("change", [
    {"kid": "0" * 16}, {"kid": ""}, {"kid": None}, {"kid": "../../../dev/null"},
    {"kid": "' OR 1=1 --"}, {"kid": 0}, {"typ": "JWE"}, {"crit": ["exp"]},
    {"jwk": {"kty": "oct", "k": "AAAA"}}, {"jku": "https://evil.example/keys"},
    {"x5u": "https://evil.example/"}, {"zip": "DEF"}, {"b64": False}])
def test_a_header_we_did_not_write_is_refused(house, token, change):
    refused(house, sign({**header_of(token), **change}, claims_of(token)))


@pytest.mark.parametrize("missing", ["alg", "kid"])
def test_a_header_that_lacks_something_is_refused(house, token, missing):
    header = header_of(token)
    del header[missing]
    refused(house, sign(header, claims_of(token)))


@pytest.mark.parametrize("key", [b"", b"\0" * 32, KEY[:-1], KEY + b"\n", KEY.swapcase(),
                                 hashlib.sha256(KEY).digest(), b"secret"])
def test_another_key_is_no_key(house, token, key):
    refused(house, sign(header_of(token), claims_of(token), key))


def test_the_key_that_kid_names_is_the_one_that_counts(house, token, tmp_path):
    """A key of ours under the name of another key of ours."""
    with Server(tmp_path, QUICK) as running:
        stranger = running.user().access
    mixed = sign({**header_of(token), "kid": header_of(stranger)["kid"]}, claims_of(token))
    refused(house, mixed)


@pytest.mark.parametrize("change", [
    {"user_id": 2}, {"user_id": 1, "sid": 2}, {"sid": 1}, {"exp": 9999999999}, {"iat": 0},
    {"token_type": "refresh"}, {"iss": "other"}])
def test_a_payload_that_was_changed_is_refused(house, token, change):
    header, _, signature = token.split(".")
    changed = {**claims_of(token), **change}
    assert changed != claims_of(token)
    refused(house, f"{header}.{encode(compact(changed))}.{signature}")


def test_a_signature_of_another_token_is_none(house, token):
    other = house.login("person").access
    refused(house, ".".join(token.split(".")[:2] + other.split(".")[2:]))


def tampered(token):
    """The token with one character changed, and otherwise spoilt."""
    for at in range(0, len(token), 7):
        if token[at] != ".":
            yield token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1:]
    header, payload, signature = token.split(".")
    yield from (token[:-1], token + "A", token + ".", "." + token, token + "=", token + ".x",
                f"{header}.{payload}", f"{header}.{payload}.", f"{header}..{signature}",
                f".{payload}.{signature}", f"{header}.{payload}.{signature[:-1]}!",
                f"{header}.{payload}=.{signature}", token.upper(), token.replace(".", ","),
                token * 2, token[::-1])


def test_a_token_that_was_tampered_with_is_refused(house, token):
    for forged in tampered(token):
        refused(house, forged)


def test_a_token_has_one_spelling(house, token):
    """The last character of a signature has two bits to spare: they must be as they were."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(token[-1])
    for spare in range(1, 4):
        refused(house, token[:-1] + alphabet[last ^ spare])


# ---- Claims that the key has signed -------------------------------------------------------------


def test_an_expired_token_is_refused(house, token):
    now = int(time.time())
    for lived in (1, 3600):
        claims = {**claims_of(token), "iat": now - 3600 - lived, "exp": now - lived}
        refused(house, sign(header_of(token), claims))


def test_a_refresh_token_is_no_access_token(house):
    refused(house, house.login("person").refresh)


def test_an_access_token_is_no_refresh_token(house, token):
    assert_error(house.anonymous().post(REFRESH, {"refresh": token}), 401, "token_invalid")


@pytest.mark.parametrize("kind", ["", "Access", "id", "cookie", None, 1])
def test_a_token_of_another_kind_is_refused(house, token, kind):
    refused(house, sign(header_of(token), {**claims_of(token), "token_type": kind}))


@pytest.mark.parametrize("issuer", ["", "Rollcall", "rollcall ", "other", None])
def test_a_token_of_another_issuer_is_refused(house, token, issuer):
    refused(house, sign(header_of(token), {**claims_of(token), "iss": issuer}))


@pytest.mark.parametrize("missing", ["token_type", "exp", "user_id", "sid", "iss"])
def test_a_token_that_lacks_a_claim_is_refused(house, token, missing):
    claims = claims_of(token)
    del claims[missing]
    refused(house, sign(header_of(token), claims))


@pytest.mark.parametrize("sid", [0, -1, 9223372036854775807, 9223372036854775808, "1", None])
def test_a_token_of_no_session_is_refused(house, token, sid):
    refused(house, sign(header_of(token), {**claims_of(token), "sid": sid}))


def test_a_session_belongs_to_its_account(house, token):
    refused(house, sign(header_of(token), {**claims_of(token), "user_id": house.other.id}))


@pytest.mark.parametrize("exp", ["9999999999", None, 1e10, 99999999999999999999, -1, True])
def test_an_end_that_makes_no_sense_is_refused(house, token, exp):
    refused(house, sign(header_of(token), {**claims_of(token), "exp": exp}))


# ---- Keys ---------------------------------------------------------------------------------------


@pytest.fixture
def start(tmp_path):
    """Starts the server of one database with a key from outside, or with its own."""
    running = []

    def start(key=None):
        if running:
            assert running.pop().stop() == 0
        options = list(QUICK)
        if key:
            (tmp_path / "key").write_bytes(key)
            options += ["--signing-key-file", str(tmp_path / "key")]
        running.append(Server(tmp_path, options).start())
        return running[0]

    yield start
    assert running.pop().stop() == 0


def kid(token):
    return header_of(token)["kid"]


def test_a_restart_keeps_every_token_alive(start):
    client = start().user("person")
    server = start()
    ok(ask(server, client.access))
    assert kid(server.login("person").access) == kid(client.access)


def test_a_new_key_signs_and_the_old_one_still_verifies(start):
    old = start().user("person")
    server = start(KEY)
    new = server.login("person")
    assert kid(new.access) != kid(old.access)
    ok(ask(server, old.access))
    ok(ask(server, new.access))
    assert kid(ok(server.anonymous().post(REFRESH, {"refresh": old.refresh}))["access"]) == \
        kid(new.access)


def test_a_key_that_is_gone_verifies_nothing(start):
    start().user("person")
    token = start(KEY).login("person").access
    refused(start(), token)
    refused(start(KEY.swapcase()), token)
    ok(ask(start(KEY), token))


# ---- Secrets at rest ----------------------------------------------------------------------------


def test_no_secret_is_stored_as_it_is(house):
    client = house.anonymous()
    body = ok(client.post("/api/action/login/", {"username": "person", "password": PASSWORD}))
    client.access = body["access"]
    ok(client.get(ME))
    secrets = [PASSWORD, client.cookie.split(".")[-1], body["access"], body["refresh"],
               body["refresh"].split(".")[-1]]
    stored = house.stored()
    assert b"person@example.com" in stored
    assert not [secret for secret in secrets
                if secret.encode() in stored or secret.encode().hex().encode() in stored]


def test_no_secret_is_logged(house):
    client = house.login("person")
    house.anonymous().post("/careers/users/login/", {"username": "person",
                                                     "password": "mistyped password"})
    ask(house, client.access + "x")
    assert not any(secret in house.output for secret in (
        PASSWORD, "mistyped password", client.access, client.refresh))
