"""What happens when everybody does the same thing at the same moment: one wins, and every number
stays right."""
import pytest

from crowd import message, statuses, together
from rollcall import PASSWORD, QUICK, Server, assert_error, edge_counts, ok, registration, unique

REGISTER = "/careers/users/register/"
FOLLOW = "/careers/users/follow/"
LOGIN = "/careers/users/login/"
ME = "/careers/users/me/"
UPDATE = "/careers/users/me/update/"
ACTIVITY = "/api/user/activity/"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Queues hold everybody: what is tested is who wins, not who is turned away."""
    with Server(tmp_path_factory.mktemp("races"), QUICK + ["--hash-queue", "2000"]) as running:
        yield running
        assert running.cli("check", "--search").stdout.startswith("OK")


@pytest.fixture(scope="module")
def staff(house):
    return house.staff()


@pytest.fixture
def person(house):
    return house.user()


@pytest.fixture
def other(house):
    return house.user()


def in_every_case(name, number):
    """Spells the name's letters by the bits of a number, so that no two are alike."""
    letters = (char.upper() if number >> i & 1 else char.lower() for i, char in enumerate(name))
    return "".join(letters)


def test_of_a_thousand_registrations_of_one_name_one_wins(house, staff):
    name = "abcdefghij" + unique()
    bodies = [registration(in_every_case(name, i), email=f"{i}.{name}@example.com")
              for i in range(1000)]
    answers = together(house, [message("POST", REGISTER, body) for body in bodies])
    assert statuses(answers) == {201: 1, 400: 999}
    for answer in answers:
        if answer.status_code == 400:
            assert_error(answer, 400, "validation_error", "username")
    winner = next(answer.json()["user"] for answer in answers if answer.status_code == 201)
    stored = ok(house.anonymous().get(f"/careers/users/{name}/"))
    assert (stored["id"], stored["username"]) == (winner["id"], winner["username"])
    found = ok(staff.post("/api/users/", {"q": name}))
    assert [user["id"] for user in found["users"]] == [winner["id"]]


@pytest.mark.parametrize("path", [REGISTER, "/api/action/register/"])
def test_of_many_registrations_of_one_address_one_wins(house, path):
    email = f"{unique()}@example.com"
    requests = [message("POST", path, registration(email=in_every_case(email.split("@")[0], i) +
                                                   "@Example.COM")) for i in range(32)]
    answers = together(house, requests)
    assert statuses(answers) == {201: 1, 400: 31}
    for answer in answers:
        if answer.status_code == 400:
            assert_error(answer, 400, "validation_error", "email")


def test_of_a_double_click_on_follow_one_counts(house, person, other):
    click = message("POST", FOLLOW, {"following": other.id}, person.access)
    for _ in range(20):
        answers = together(house, [click, click])
        assert statuses(answers) == {201: 1, 400: 1}
        assert (edge_counts(person), edge_counts(other)) == ((0, 1), (1, 0))
        ok(person.delete(f"/careers/users/{other.username}/unfollow/"))


def test_following_and_stopping_at_once_keeps_the_counts(house, person, other):
    make = message("POST", FOLLOW, {"following": other.id}, person.access)
    end = message("DELETE", f"/careers/users/{other.username}/unfollow/", None, person.access)
    made = ended = 0
    for _ in range(5):
        got = together(house, [make, end] * 32)
        seen = statuses(got)
        assert set(seen) <= {200, 201, 400}
        made, ended = made + seen[201], ended + seen[200]
        assert made - ended in (0, 1)
        assert (edge_counts(person), edge_counts(other)) == ((0, made - ended), (made - ended, 0))
    listed = ok(other.get(f"/careers/users/{other.username}/followers/"))
    assert (listed["count"], len(listed["results"])) == (made - ended, made - ended)


def test_a_crowd_that_follows_one_another_is_counted_right(house):
    crowd = [house.user() for _ in range(8)]
    requests = [message("POST", FOLLOW, {"following": b.id}, a.access)
                for a in crowd for b in crowd if a is not b]
    assert statuses(together(house, requests)) == {201: 56}
    assert [edge_counts(one) for one in crowd] == [(7, 7)] * 8


def test_who_is_erased_while_all_follow_leaves_no_count(house, other):
    crowd = [house.user() for _ in range(12)]
    requests = [message("POST", FOLLOW, {"following": other.id}, one.access) for one in crowd]
    requests.insert(6, message("DELETE", ME, {"password": PASSWORD}, other.access))
    seen = statuses(together(house, requests))
    assert set(seen) <= {200, 201, 404}
    assert seen[200] == 1
    assert [edge_counts(one) for one in crowd] == [(0, 0)] * 12


def test_who_is_erased_in_the_middle_of_everything_leaves_nothing(house, staff, other):
    """Orphans and wrong sums would be found by `rollcall check` at the end."""
    for _ in range(8):
        person = house.user(sex="female", birth_date="1990-01-01")
        about, mine = {"user_id": person.id}, person.access
        requests = [
            message("POST", "/api/user/notification/",
                    {**about, "title": "T", "message": "M", "type": "t"}, staff.access),
            message("POST", ACTIVITY, {**about, "event_id": unique(), "posts": 1}, staff.access),
            message("POST", "/api/user/add-custom-social-wall/",
                    {**about, "wall_url": "https://example.com/", "network": "x"}, staff.access),
            message("POST", FOLLOW, {"following": person.id}, other.access),
            message("POST", FOLLOW, {"following": other.id}, mine),
            message("DELETE", ME, {"password": PASSWORD}, mine),
            message("POST", "/api/update/preferences/",
                    {"categories": ["music"], "networks": ["x"], "profile_public": False}, mine),
            message("POST", "/api/update/profile/", {"sex": "male", "bio": "New"}, mine),
            message("POST", "/api/update/notifications/", {"new_campaign": False}, mine),
            message("POST", LOGIN, {"username": person.username, "password": PASSWORD}),
            message("POST", "/api/user/status/ban/", {**about, "banned": True, "reason": "R"},
                    staff.access)]
        answers = together(house, requests * 2)
        assert set(statuses(answers)) <= {200, 201, 400, 401, 403, 404}
        if any(answer.text == '{"message":"Account deleted"}' for answer in answers):
            assert_error(staff.post("/api/user/status/", about), 404, "user_not_found")


def test_an_account_is_erased_once(house, person):
    erase = message("DELETE", ME, {"password": PASSWORD}, person.access)
    seen = statuses(together(house, [erase] * 8))
    assert seen[200] == 1 and set(seen) <= {200, 401, 404}


def test_a_session_ends_once_and_nothing_outlives_it(house, person):
    out = message("POST", "/careers/users/logout/", {"refresh": person.refresh}, person.access)
    fresh = message("POST", "/careers/users/token/refresh/", {"refresh": person.refresh})
    answers = together(house, [fresh, out] * 16)
    outs, tokens = answers[1::2], [a.json()["access"] for a in answers[::2]
                                   if a.status_code == 200]
    assert statuses(outs)[200] == 1
    assert set(statuses(outs)) <= {200, 400, 401}
    assert set(statuses(answers[::2])) <= {200, 401}
    for token in tokens + [person.access]:
        dead = house.anonymous().get(ME, headers={"Authorization": f"Bearer {token}"})
        assert_error(dead, 401, "token_invalid")


def test_refreshing_at_once_with_rotation_gives_all_the_same(tmp_path):
    with Server(tmp_path, QUICK + ["--refresh-rotation", "on"]) as server:
        person = server.user()
        fresh = message("POST", "/careers/users/token/refresh/", {"refresh": person.refresh})
        answers = together(server, [fresh] * 16)
        assert statuses(answers) == {200: 16}
        assert len({answer.json()["refresh"] for answer in answers}) == 1


def test_logins_while_banned_leave_no_session(house, staff, person):
    login = message("POST", LOGIN, {"username": person.username, "password": PASSWORD})
    ban = message("POST", "/api/user/status/ban/",
                  {"user_id": person.id, "banned": True, "reason": "R"}, staff.access)
    for _ in range(5):
        answers = together(house, [login] * 6 + [ban] + [login] * 6)
        assert set(statuses(answers)) <= {200, 403}
        tokens = [a.json()["access"] for a in answers if "access" in a.text]
        for token in tokens:
            dead = house.anonymous().get(ME, headers={"Authorization": f"Bearer {token}"})
            assert_error(dead, 401, "token_invalid")
        rows = house.execute("SELECT COUNT(*) FROM sessions WHERE user_id = ?", person.id)
        assert rows == [(0,)]
        ok(staff.post("/api/user/status/ban/", {"user_id": person.id, "banned": False}))


def test_one_event_is_applied_once(house, staff, person):
    event = message("POST", ACTIVITY, {"user_id": person.id, "event_id": unique(), "posts": 3,
                                       "earnings": 0.25}, staff.access)
    assert statuses(together(house, [event] * 16)) == {200: 16}
    assert ok(person.get(ME))["posts_count"] == 3
    status = ok(staff.post("/api/user/status/", {"user_id": person.id}))
    assert status["total_earnings"] == 0.25


def test_no_increment_is_lost_and_none_goes_below_zero(house, staff, person):
    def events(by, count):
        return [message("POST", ACTIVITY, {"user_id": person.id, "event_id": unique(),
                                           "posts": by}, staff.access) for _ in range(count)]
    seen = statuses(together(house, [*events(2, 16), *events(-3, 32)]))
    assert set(seen) <= {200, 400}
    total = ok(person.get(ME))["posts_count"]
    taken = seen[200] - 16
    assert 0 <= taken <= 10 and total == 32 - 3 * taken


def test_of_changes_to_one_address_one_wins(house):
    crowd = [house.user() for _ in range(12)]
    email = f"{unique()}@example.com"
    paths = [("PATCH", UPDATE), ("POST", "/api/update/profile/")]
    requests = [message(*paths[i % 2], {"email": email}, one.access)
                for i, one in enumerate(crowd)]
    answers = together(house, requests)
    assert statuses(answers) == {200: 1, 400: 11}
    for answer in answers:
        if answer.status_code == 400:
            assert_error(answer, 400, "validation_error", "email")
    owners = [one for one in crowd if ok(one.get(ME))["email"] == email]
    assert owners == [crowd[next(i for i, a in enumerate(answers) if a.status_code == 200)]]


def test_an_address_is_not_registered_and_taken_over_at_once(house, person):
    for _ in range(10):
        email = f"{unique()}@example.com"
        requests = [message("POST", REGISTER, registration(email=email)),
                    message("PATCH", UPDATE, {"email": email}, person.access)]
        codes = [answer.status_code for answer in together(house, requests)]
        assert codes in ([201, 400], [400, 200])


def test_a_password_is_changed_once(house, person):
    current = PASSWORD
    for turn in range(6):
        passwords = [f"password {turn} {i}" for i in range(6)]
        requests = [message("POST", "/careers/users/me/password/",
                            {"current_password": current, "new_password": new}, person.access)
                    for new in passwords]
        answers = together(house, requests)
        assert statuses(answers) == {200: 1, 400: 5}
        old, current = current, next(new for new, answer in zip(passwords, answers)
                                     if answer.status_code == 200)
        house.login(person.username, current)
        failed = house.anonymous().post(LOGIN, {"username": person.username, "password": old})
        assert_error(failed, 401, "invalid_credentials")


def test_the_same_wall_twice_at_once_is_one_wall(house, staff, person):
    add = message("POST", "/api/user/add-custom-social-wall/",
                  {"user_id": person.id, "wall_url": "https://example.com/w",
                   "network": "instagram"}, staff.access)
    assert statuses(together(house, [add] * 12)) == {200: 12}
    walls = ok(staff.post("/api/user/social-walls/", {"user_id": person.id}))
    assert len(next(value for value in walls.values() if isinstance(value, list))) == 1


def test_notifications_are_counted_right_while_they_are_read(house, staff, person):
    send = message("POST", "/api/user/notification/",
                   {"user_id": person.id, "title": "T", "message": "M", "type": "t"},
                   staff.access)
    read = message("POST", "/api/update/notifications/read/", {"all": True}, person.access)
    assert statuses(together(house, [send, send, read] * 10)) == {200: 30}
    body = ok(person.post("/api/get/notifications/history/", {"limit": 100}))
    assert body["total"] == len(body["notifications"]) == 20
    assert body["unread"] == sum(not row["read"] for row in body["notifications"])


def test_preferences_set_at_once_are_one_of_them(house, person):
    lists = [["fashion"], ["beauty", "music"], ["food", "travel", "events"], []]
    requests = [message("POST", "/api/update/preferences/", {"categories": names}, person.access)
                for names in lists * 6]
    assert statuses(together(house, requests)) == {200: 24}
    body = ok(person.post("/api/get/preferences/"))["preferences"]
    assert sorted(body["categories"]) in [sorted(names) for names in lists]
