"""Passwords: the two policies, how they are kept, and when they are hashed anew."""
import pytest

from rollcall import PASSWORD, QUICK, Server, assert_error, ok, registration

LOGIN = "/careers/users/login/"
CHANGE = "/careers/users/me/password/"
STRONG = "plausible otters juggle"


def stored(server, person):
    (password,), = server.execute("SELECT password FROM credentials WHERE user_id = ?", person.id)
    return password


# ---- The strict policy --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    options = QUICK + ["--password-policy", "strict"]
    with Server(tmp_path_factory.mktemp("strict"), options) as running:
        yield running


def register(server, password):
    body = registration(password=password, password_confirm=password)
    return server.anonymous().post("/careers/users/register/", body)


def register_in_the_app(server, password):
    body = registration(password=password, password_confirm=None)
    return server.anonymous().post("/api/action/register/", body)


def change(server, password):
    return server.user(password=STRONG).post(
        CHANGE, {"current_password": STRONG, "new_password": password})


SET = [register, register_in_the_app, change]


@pytest.mark.parametrize("set_password", SET)
@pytest.mark.parametrize("password", [PASSWORD, "x!9" * 4 + "xy", "é" * 14, "qwertyuiop"])
def test_strict_wants_fifteen_characters(strict, set_password, password):
    field = "new_password" if set_password == change else "password"
    assert_error(set_password(strict, password), 400, "validation_error", field)


@pytest.mark.parametrize("set_password", SET)
@pytest.mark.parametrize("password", ["111111111111111", "12345678900987654321",
                                      "1234567890qwertyuiop"])
def test_strict_refuses_what_everybody_uses(strict, set_password, password):
    field = "new_password" if set_password == change else "password"
    assert_error(set_password(strict, password), 400, "validation_error", field)


@pytest.mark.parametrize("set_password", SET)
@pytest.mark.parametrize("password", [STRONG + "!", "àâäáãåāéèêëēėęi", "🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧🐦🐤🦆"])
def test_strict_takes_the_rest(strict, set_password, password):
    assert set_password(strict, password).status_code in (200, 201)


def too_similar(answer, field, what):
    assert_error(answer, 400, "validation_error", field, f"Password is too similar to the {what}")


REGISTER = ["/careers/users/register/", "/api/action/register/"]


@pytest.mark.parametrize("path", REGISTER)
@pytest.mark.parametrize("password, what", [
    ("Brack Wottle 5821", "username"), ("elttowkcarb*5821", "username"),
    ("8r4ckw0tt13_5821", "username"), ("brackwottlewelcome", "username"),
    ("zanzabel.example", "email address"), ("R.Admiral + zanzabel", "email address")])
def test_strict_refuses_what_is_made_of_the_names(strict, path, password, what):
    body = registration("brack.wottle", email="r.admiral@zanzabel.example", password=password,
                        password_confirm=password)
    too_similar(strict.anonymous().post(path, body), "password", what)


def test_strict_takes_names_among_other_words(strict):
    ok(strict.anonymous().post(REGISTER[0], registration(
        "quillon.fathom", password="quillon wants some biscuits",
        password_confirm="quillon wants some biscuits")), 201)


def test_strict_knows_whose_password_is_changed(strict):
    person = strict.user("harrow.pendle", password=STRONG, email="tansy@quagmire.example")
    for password, what in (("Harrow Pendle 12", "username"),
                           ("tansy/quagmire/12", "email address")):
        too_similar(person.post(CHANGE, {"current_password": STRONG, "new_password": password}),
                    "new_password", what)
    assert strict.login("harrow.pendle", STRONG).id == person.id


@pytest.mark.parametrize("arguments", [
    ["add", "dorset.imbroglio", "--email", "x@example.com"], ["passwd", "corvid.imbroglio"]])
def test_the_operator_s_passwords_are_no_names_either(strict, arguments):
    if arguments[0] == "passwd":
        strict.user("corvid.imbroglio", password=STRONG)
    done = strict.cli("user", *arguments, "--password-stdin", "--password-policy", "strict",
                      stdin=arguments[1] + "4711\n", check=False)
    assert done.returncode == 1 and "too similar to the username" in done.stderr


def test_basic_takes_names(server):
    ok(server.anonymous().post(REGISTER[0], registration(
        "brack.wottle", password="brack.wottle", password_confirm="brack.wottle")), 201)


@pytest.mark.parametrize("password", [PASSWORD, "12345678", "qwertyuiop", "111111111111111"])
def test_basic_takes_what_strict_does_not(server, password):
    ok(register(server, password), 201)


def test_a_policy_is_for_new_passwords(tmp_path):
    with Server(tmp_path, QUICK) as running:
        person = running.user()
    with Server(tmp_path, QUICK + ["--password-policy", "strict"]) as running:
        assert running.login(person.username).id == person.id


def test_the_operator_obeys_the_policy_too(strict):
    done = strict.cli("user", "add", "shorty", "--email", "shorty@example.com", "--password-stdin",
                      "--password-policy", "strict", stdin=PASSWORD + "\n", check=False)
    assert done.returncode == 1 and "15" in done.stderr


# ---- How they are kept --------------------------------------------------------------------------


def test_a_password_is_kept_as_argon2id(tmp_path):
    with Server(tmp_path, ["--rate-limit", "off"]) as running:
        assert stored(running, running.user()).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_same_password_is_never_the_same_hash(server, user, other):
    assert stored(server, user) != stored(server, other)


def test_the_cost_can_be_raised(tmp_path):
    options = ["--rate-limit", "off", "--hash-memory", "32768", "--hash-passes", "3"]
    with Server(tmp_path, options) as running:
        assert "$m=32768,t=3,p=1$" in stored(running, running.user())


# ---- Hashed anew --------------------------------------------------------------------------------


@pytest.fixture
def raised(tmp_path):
    """A server that hashes more dearly than when this person registered."""
    with Server(tmp_path, ["--hash-memory", "64", "--hash-passes", "1"]) as running:
        person = running.user()
        old = stored(running, person)
    with Server(tmp_path, ["--rate-limit", "off", "--hash-memory", "128"]) as running:
        running.person, running.old = person, old
        yield running


def attempt(server, path, password=PASSWORD):
    return server.anonymous().post(path, {"username": server.person.username,
                                          "password": password})


@pytest.mark.parametrize("path", [LOGIN, "/api/action/login/"])
def test_a_login_renews_an_old_hash(raised, path):
    ok(attempt(raised, path))
    assert "$m=128,t=2,p=1$" in stored(raised, raised.person)
    ok(attempt(raised, path))


def test_a_failed_login_renews_nothing(raised):
    assert_error(attempt(raised, LOGIN, "wrong password"), 401, "invalid_credentials")
    assert stored(raised, raised.person) == raised.old


def test_a_hash_that_is_dear_enough_stays(raised):
    ok(attempt(raised, LOGIN))
    renewed = stored(raised, raised.person)
    ok(attempt(raised, LOGIN))
    assert stored(raised, raised.person) == renewed


def test_a_renewed_hash_ends_no_session(raised):
    first = raised.login(raised.person.username)
    ok(attempt(raised, LOGIN))
    ok(first.get("/careers/users/me/"))
