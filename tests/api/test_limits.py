"""Limits on guessing and flooding. The servers here trust their peer as a proxy, so that every test
has client addresses of its own (203.0.113.0/24 and the like) on a server it shares."""
import itertools
import re
import time
from collections import Counter

import pytest

from crowd import message, together
from jumper import Jumper
from rollcall import PASSWORD, Server, assert_error, ok, registration, unique, wait_until

LOGIN = "/careers/users/login/"
APP_LOGIN = "/api/action/login/"
VALIDATE = "/api/check/validate/"
CHANGE = "/careers/users/me/password/"
ME = "/careers/users/me/"
REGISTER = "/careers/users/register/"
APP_REGISTER = "/api/action/register/"
EMAIL = "/api/check/email/"

CHEAP = ["--hash-memory", "64", "--hash-passes", "1"]
PROXIED = CHEAP + ["--trusted-proxy", "127.0.0.1"]
BURST = 5
ACCOUNT_CEILING = 60
ADDRESS_CEILING = 900

_addresses = itertools.count(1)


def address():
    """One that nobody has used yet."""
    number = next(_addresses)
    return f"198.{18 + number // 65536}.{number // 256 % 256}.{number % 256}"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    options = PROXIED + ["--login-burst", str(BURST), "--register-burst", "100000",
                         "--hash-queue", "2000"]
    with Server(tmp_path_factory.mktemp("limits"), options) as running:
        yield running


@pytest.fixture
def victim(house):
    return house.user()


def ask(server, method, path, body, client=None, access=None):
    """`client` is what the proxy says: the value of X-Forwarded-For."""
    who = server.anonymous()
    who.access = access
    return who.request(method, path, json=body, headers={"X-Forwarded-For": client or address()})


def log_in(server, name, password, client=None, path=LOGIN):
    return ask(server, "POST", path, {"username": name, "password": password}, client)


def fail(server, name, client=None, path=LOGIN):
    return log_in(server, name, "wrong password", client, path)


def exhaust(server, name, client=None, count=BURST):
    for _ in range(count):
        answer = fail(server, name, client)
        assert_error(answer, 401, "invalid_credentials")


def assert_limited(answer, ceiling=ACCOUNT_CEILING):
    assert_error(answer, 429, "rate_limited")
    assert re.fullmatch("[1-9][0-9]*", answer.headers["Retry-After"])
    wait = int(answer.headers["Retry-After"])
    assert wait <= ceiling
    return wait


def assert_closed(ask_once, *arguments, ceiling=ACCOUNT_CEILING):
    """Asking is limited now. Should this machine sleep through a wait, the next is longer."""
    for _ in range(3):
        answer = ask_once(*arguments)
        if answer.status_code == 429:
            break
    return assert_limited(answer, ceiling)


def limited(answer):
    if answer.status_code == 429:
        assert_limited(answer)
    return answer.status_code == 429


# ---- One account, asked about anywhere ----------------------------------------------------------

ORACLES = {
    "careers login": ("POST", LOGIN, "username", 401),
    "app login": ("POST", APP_LOGIN, "username", 401),
    "validate": ("POST", VALIDATE, "username", 200),
    "password change": ("POST", CHANGE, None, 400),
    "erasure": ("DELETE", ME, None, 400),
}


def guess(server, oracle, victim, password="wrong password", client=None):
    method, path, by_name, _ = ORACLES[oracle]
    if by_name:
        return ask(server, method, path, {"username": victim.username, "password": password},
                   client)
    body = {"password": password, "current_password": password, "new_password": "password456"}
    return ask(server, method, path, body, client, victim.access)


@pytest.mark.parametrize("oracle", ORACLES)
def test_every_oracle_counts_and_is_closed_when_it_has(house, victim, oracle):
    for _ in range(BURST):
        answer = guess(house, oracle, victim)
        assert answer.status_code == ORACLES[oracle][3], answer.text
    assert_closed(guess, house, oracle, victim)


@pytest.mark.parametrize("closed", ORACLES)
def test_all_oracles_share_one_budget(house, victim, closed):
    assert len(ORACLES) == BURST
    for oracle in ORACLES:
        assert guess(house, oracle, victim).status_code == ORACLES[oracle][3]
    assert_closed(guess, house, closed, victim)
    assert_limited(guess(house, closed, victim, PASSWORD))
    assert ok(victim.get(ME))["id"] == victim.id  # erased by none of it


def test_spellings_of_a_name_share_one_budget(house, victim):
    for change in (str.lower, str.upper, str.swapcase, str.title, str.capitalize):
        assert_error(fail(house, change(victim.username)), 401, "invalid_credentials")
    assert_closed(fail, house, victim.username)


def test_the_name_and_the_address_share_one_budget(house, victim):
    names = [victim.username, victim.email, victim.email.upper(), victim.username, victim.email]
    for name in names:
        assert_error(fail(house, name), 401, "invalid_credentials")
    assert_closed(fail, house, victim.username)
    assert_closed(fail, house, victim.email)


def test_accounts_that_are_not_there_are_limited_like_others(house):
    name = unique("nobody")
    for change in (str.lower, str.upper, str.swapcase, str.title, str.capitalize):
        assert_error(fail(house, change(name)), 401, "invalid_credentials")
    assert_closed(fail, house, name)


def test_other_accounts_are_not_concerned(house, victim):
    exhaust(house, victim.username)
    bystander = house.user()
    ok(log_in(house, bystander.username, PASSWORD))


def test_guesses_at_once_are_no_more_than_guesses_in_turn(tmp_path):
    """Many threads, and hashes that take a while: all are compared at the same time."""
    options = ["--hash-memory", "4096", "--hash-passes", "4", "--hash-workers", "16",
               "--login-burst", str(BURST), "--trusted-proxy", "127.0.0.1"]
    with Server(tmp_path, options) as server:
        wrong = {"username": server.user().username, "password": "wrong password"}
        requests = [message("POST", path, wrong, None, [f"X-Forwarded-For: {address()}"])
                    for path in (LOGIN, APP_LOGIN) * 20]
        seen = Counter(answer.status_code for answer in together(server, requests))
        assert set(seen) == {401, 429} and seen[401] <= BURST


# ---- Failures only, and never for good ----------------------------------------------------------


def test_right_passwords_are_never_too_many(house, victim):
    client = address()
    for _ in range(3 * BURST):
        for path in (LOGIN, APP_LOGIN, VALIDATE):
            ok(log_in(house, victim.username, PASSWORD, client, path))


def test_right_passwords_at_once_are_never_too_many(house, victim):
    """Not even from where nobody has logged in before: they wait for one another at worst."""
    ok(log_in(house, victim.username, PASSWORD, "192.0.2.77"))
    right = {"username": victim.username, "password": PASSWORD}
    requests = [message("POST", LOGIN, right, None, ["X-Forwarded-For: 192.0.2.77"])] * (BURST - 1)
    for _ in range(4):
        assert {answer.status_code for answer in together(house, requests)} == {200}


def test_the_right_password_forgives(house, victim):
    for _ in range(4):
        exhaust(house, victim.username, count=BURST - 1)
        ok(log_in(house, victim.username, PASSWORD))


def test_the_delay_grows_and_waiting_it_out_lets_the_owner_in(house, victim):
    exhaust(house, victim.username)
    waits = []
    while len(waits) < 3:  # the whole wait, as it is said right after a failure
        waits.append(assert_closed(fail, house, victim.username))
        if len(waits) < 3:
            wait_until(lambda: not limited(fail(house, victim.username)))
    assert waits[0] < waits[1] < waits[2] <= 16, waits
    wait_until(lambda: not limited(log_in(house, victim.username, PASSWORD)))
    exhaust(house, victim.username, count=BURST - 1)  # and all is forgiven
    ok(log_in(house, victim.username, PASSWORD))


def test_knocking_while_one_waits_does_not_prolong_the_wait(house, victim):
    exhaust(house, victim.username)
    begin, wait = time.monotonic(), assert_closed(fail, house, victim.username)
    wait_until(lambda: not limited(log_in(house, victim.username, PASSWORD)))
    assert time.monotonic() - begin < wait + 4


def test_who_guesses_from_elsewhere_does_not_keep_the_owner_out(house, victim):
    home = address()
    ok(log_in(house, victim.username, PASSWORD, home))
    exhaust(house, victim.username)
    assert_closed(fail, house, victim.username)
    ok(log_in(house, victim.username, PASSWORD, home))


def test_the_owner_s_own_address_is_limited_too(house, victim):
    home = address()
    ok(log_in(house, victim.username, PASSWORD, home))
    exhaust(house, victim.username, home)
    assert_closed(fail, house, victim.username, home)


# ---- One address, asking about many -------------------------------------------------------------


def test_an_address_that_tries_many_accounts_is_limited(house, victim):
    client = address()
    for _ in range(10 * BURST):
        assert_error(fail(house, unique("nobody"), client), 401, "invalid_credentials")
    assert_closed(fail, house, unique("nobody"), client, ceiling=ADDRESS_CEILING)
    assert_limited(log_in(house, victim.username, PASSWORD, client), ADDRESS_CEILING)
    ok(log_in(house, victim.username, PASSWORD))


def test_an_address_that_tries_them_all_at_once_gets_no_further(house):
    client = address()
    requests = [message("POST", LOGIN, {"username": unique("nobody"), "password": "wrong one"},
                        None, [f"X-Forwarded-For: {client}"]) for _ in range(40 * BURST)]
    seen = Counter(answer.status_code for answer in together(house, requests))
    assert set(seen) == {401, 429} and seen[401] <= 10 * BURST


# ---- Who is asking ------------------------------------------------------------------------------


def exhaust_address(server, client):
    for _ in range(10 * BURST):
        assert_error(fail(server, unique("nobody"), client), 401, "invalid_credentials")


def assert_client_is_limited(server, client):
    assert_closed(fail, server, unique("nobody"), client, ceiling=ADDRESS_CEILING)


def assert_client_is_not_limited(server, client):
    assert_error(fail(server, unique("nobody"), client), 401, "invalid_credentials")


def test_the_right_most_address_that_is_no_proxy_s_is_the_client(house):
    real = address()
    exhaust_address(house, real)
    spoofed = [f"{address()}, {real}", f"{address()},{address()},{real}", f"{real}, 127.0.0.1",
               f"unknown, {real}", f"{address()} ,\t{real}", f"{real}:4711",
               f"{address()}, {real}, 127.0.0.1"]
    for value in spoofed:
        assert_client_is_limited(house, value)
    assert_client_is_not_limited(house, f"{real}, {address()}")


def test_fields_are_read_from_the_last_to_the_first(house):
    real = address()
    exhaust_address(house, real)
    wrong = {"username": unique("nobody"), "password": "wrong one"}
    for first, last, status in ((address(), real, 429), (real, address(), 401)):
        fields = [f"X-Forwarded-For: {first}", f"X-Forwarded-For: {last}"]
        [answer] = together(house, [message("POST", LOGIN, wrong, None, fields)])
        assert answer.status_code == status


def test_an_ipv6_network_is_one_client(house):
    exhaust_address(house, "2001:db8:1:2::1")
    for one in ("2001:db8:1:2::2", "2001:db8:1:2:ffff:ffff:ffff:ffff", "[2001:db8:1:2::9]",
                "2001:DB8:1:2:0:0:0:7", "[2001:db8:1:2::9]:443"):
        assert_client_is_limited(house, one)
    for other in ("2001:db8:1:3::1", "2001:db8:0:2::1", "2001:db9:1:2::1"):
        assert_client_is_not_limited(house, other)


def test_an_ipv4_address_inside_ipv6_is_that_address(house):
    real = address()
    exhaust_address(house, real)
    assert_client_is_limited(house, f"::ffff:{real}")
    assert_client_is_not_limited(house, f"::ffff:{address()}")


def test_without_a_trusted_proxy_nobody_speaks_for_others(tmp_path):
    def attempt(server, name):
        value = f"for={address()}" if name == "Forwarded" else address()
        return server.anonymous().post(LOGIN, {"username": unique(), "password": "wrong one"},
                                       headers={name: value})
    names = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "True-Client-IP", "Client-IP")
    with Server(tmp_path, CHEAP + ["--login-burst", "1"]) as server:
        for name in names * 2:
            assert_error(attempt(server, name), 401, "invalid_credentials")
        for name in names:
            assert_closed(attempt, server, name, ceiling=ADDRESS_CEILING)


def test_a_peer_outside_the_trusted_networks_speaks_for_itself(tmp_path):
    options = CHEAP + ["--login-burst", "1", "--trusted-proxy", "10.0.0.0/8"]
    with Server(tmp_path, options) as server:
        for _ in range(10):
            assert_error(fail(server, unique("nobody")), 401, "invalid_credentials")
        assert_closed(fail, server, unique("nobody"), ceiling=ADDRESS_CEILING)


# ---- Registrations and e-mail checks ------------------------------------------------------------


@pytest.fixture(scope="module")
def default_house(tmp_path_factory):
    """The limits that an operator gets who sets none."""
    with Server(tmp_path_factory.mktemp("default"), PROXIED) as running:
        yield running


def until_limited(server, request):
    """How many of one address go through before the first that does not."""
    client = address()
    for passed in range(1000):
        answer = request(client)
        if answer.status_code == 429:
            assert_limited(answer)
            return passed
        assert answer.status_code < 300, answer.text
    return 1000


def test_a_hundred_email_checks_at_once_go_through(default_house):
    passed = until_limited(default_house, lambda client: ask(
        default_house, "POST", EMAIL, {"email": "a@example.com"}, client))
    assert 100 <= passed <= 105
    ok(ask(default_house, "POST", EMAIL, {"email": "a@example.com"}))


def test_who_edits_a_profile_learns_no_more_about_addresses(default_house):
    """Each of these is refused for its phone number, once it is clear that the address is nobody's."""
    person = default_house.user()
    edit = "POST", "/api/update/profile/"

    def probe(client):
        answer = ask(default_house, *edit, {"email": f"{unique()}@example.com", "phone": "x"}, client,
                     person.access)
        if answer.status_code == 400:
            assert answer.json()["field"] == "phone"
        return answer
    client = address()
    for passed in range(1000):
        answer = probe(client)
        if answer.status_code != 400:
            break
    assert_limited(answer)
    assert passed >= 100
    assert_limited(ask(default_house, "POST", EMAIL, {"email": "a@example.com"}, client))
    ok(ask(default_house, *edit, {"email": person.email, "first_name": "A"}, client, person.access))


def test_a_hundred_registrations_at_once_go_through(default_house):
    def register(client):
        body = registration()
        path = REGISTER if len(body["username"]) % 2 else APP_REGISTER
        return ask(default_house, "POST", path, body, client)
    passed = until_limited(default_house, register)
    assert 100 <= passed <= 110
    assert ask(default_house, "POST", REGISTER, registration()).status_code == 201


def test_both_registrations_share_one_budget(tmp_path):
    with Server(tmp_path, CHEAP + ["--register-burst", "4", "--register-per-minute", "1"]) as own:
        for path in (REGISTER, APP_REGISTER) * 2:
            assert own.anonymous().post(path, registration()).status_code == 201
        for path in (REGISTER, APP_REGISTER):
            assert_limited(own.anonymous().post(path, registration()))
        ok(own.anonymous().post(LOGIN, {"username": "nobody", "password": "wrong one"}), 401)


def test_what_registrations_learn_of_others_is_limited_too(tmp_path):
    """A registration that is refused tells that a name or an address is taken."""
    with Server(tmp_path, CHEAP + ["--register-burst", "4", "--register-per-minute", "1"]) as own:
        taken = own.user()
        for _ in range(3):
            answer = own.anonymous().post(REGISTER, registration(email=taken.email))
            assert_error(answer, 400, "validation_error", "email")
        assert_limited(own.anonymous().post(REGISTER, registration(email=taken.email)))


def test_registrations_come_back_at_their_rate(tmp_path):
    with Server(tmp_path, CHEAP + ["--register-burst", "2", "--register-per-minute", "60"]) as own:
        for _ in range(2):
            ok(own.anonymous().post(EMAIL, {"email": "a@example.com"}))
        assert assert_limited(own.anonymous().post(EMAIL, {"email": "a@example.com"})) == 1
        wait_until(lambda: own.anonymous().post(EMAIL, {"email": "a@example.com"}).status_code
                   == 200, timeout=10)


# ---- Switched off -------------------------------------------------------------------------------


def test_no_limits_are_no_limits(tmp_path):
    options = CHEAP + ["--rate-limit", "off", "--login-burst", "1", "--register-burst", "1",
                       "--register-per-minute", "1"]
    with Server(tmp_path, options) as server:
        victim = server.user()
        wrong = message("POST", LOGIN, {"username": victim.username, "password": "wrong one"})
        check = message("POST", EMAIL, {"email": victim.email})
        seen = Counter(answer.status_code for answer in together(server, [wrong, check] * 60))
        assert seen == {401: 60, 200: 60}
        for _ in range(3):
            server.user()


# ---- A wall clock that jumps --------------------------------------------------------------------


@pytest.mark.parametrize("there, back", [("+400d", "+0"), ("-400d", "+0"), ("+400d", "-400d")])
def test_a_clock_that_jumps_opens_and_closes_nothing(tmp_path, there, back):
    with Jumper(tmp_path, PROXIED + ["--login-burst", "5"]) as server:
        victim = server.user()
        exhaust(server, victim.username, count=4)
        before = server.today()
        server.jump(there)
        wait_until(lambda: server.today()[:16] != before[:16])
        assert_error(fail(server, victim.username), 401, "invalid_credentials")
        assert assert_closed(fail, server, victim.username) <= 4
        server.jump(back)
        wait_until(lambda: not limited(log_in(server, victim.username, PASSWORD)), timeout=10)
