"""The whole service against a model of it: people come, follow, hide, are banned and leave in any
order, and every list, count and statistic stays what the model says."""
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (RuleBasedStateMachine, initialize, invariant, precondition, rule,
                                 run_state_machine_as_test)

from generate import bounded
from rollcall import PASSWORD, QUICK, Server, assert_error, ok, unique

SEXES = ["male", "female", "other"]
AGES = {"18-24": 20, "25-34": 30, "35-44": 40, "45+": 60}
CATEGORIES = ["fashion", "beauty", "technology", "food", "travel", "music", "events"]
NAMED = CATEGORIES[:5]
SWITCHES = ["new_campaign", "end_campaign", "near_campaign", "cause_campaign", "profile_status",
            "post_status", "update_balance"]
TOTALS = ["campaigns", "earnings", "posts", "likes_received", "comments_received"]
MOST_PEOPLE = 7

somebody = st.integers(0, MOST_PEOPLE - 1)


class Person:
    def __init__(self, client, sex, age):
        self.client, self.id, self.name = client, client.id, client.username
        self.sex, self.age = sex, age
        self.public, self.banned, self.signed_in = True, False, True
        self.categories = set()
        self.off = set()
        self.notifications = []
        self.events = set()
        self.totals = dict.fromkeys(TOTALS, Decimal(0))

    @property
    def listed(self):
        return self.public and not self.banned

    def sees(self, other):
        return other.listed or other is self


class World(RuleBasedStateMachine):
    """`house` is a server, `staff` the only account on it that is not the model's."""

    def __init__(self, house, staff):
        super().__init__()
        self.house, self.staff = house, staff
        self.nobody = house.anonymous()
        self.people = []
        self.edges = []  # (follower, following), oldest first
        self.touched = set()

    # ---- What the model knows -------------------------------------------------------------------

    def pick(self, number):
        return self.people[number % len(self.people)]

    def pair(self, one, other):
        one, other = self.pick(one), self.pick(other)
        self.touched = {one, other}
        return one, other

    def one(self, number):
        person = self.pick(number)
        self.touched = {person}
        return person

    def followers(self, person):
        return [a for a, b in reversed(self.edges) if b is person]

    def following(self, person):
        return [b for a, b in reversed(self.edges) if a is person]

    def active(self):
        return [person for person in self.people if not person.banned]

    # ---- What people do -------------------------------------------------------------------------

    @initialize(sexes=st.lists(st.sampled_from(SEXES + [None]), min_size=3, max_size=3))
    def first_people(self, sexes):
        self.empty()
        for sex in sexes:
            self.register(sex, "25-34")

    @precondition(lambda self: len(self.people) < MOST_PEOPLE)
    @rule(sex=st.sampled_from(SEXES + [None]), age=st.sampled_from([*AGES, None]))
    def register(self, sex, age):
        fields = {}
        if sex:
            fields["sex"] = sex
        if age:
            fields["birth_date"] = f"{date.today().year - AGES[age]}-01-01"
        person = Person(self.house.user(unique("m"), **fields), sex, age)
        self.people.append(person)
        self.touched = {person}

    @rule(one=somebody, other=somebody)
    def follow(self, one, other):
        one, other = self.pair(one, other)
        answer = one.client.post("/careers/users/follow/", {"following": other.id})
        if not one.signed_in:
            assert_error(answer, 401, "token_invalid")
        elif one is other:
            assert_error(answer, 400, "validation_error", "following")
        elif not one.sees(other):
            assert_error(answer, 404, "user_not_found")
        elif (one, other) in self.edges:
            assert_error(answer, 400, "validation_error", "following")
        else:
            body = ok(answer, 201)
            assert (body["follower"], body["following"]) == (one.id, other.id)
            self.edges.append((one, other))

    @rule(one=somebody, other=somebody)
    def unfollow(self, one, other):
        one, other = self.pair(one, other)
        answer = one.client.delete(f"/careers/users/{other.name}/unfollow/")
        if not one.signed_in:
            assert_error(answer, 401, "token_invalid")
        elif (one, other) in self.edges:
            assert ok(answer) == {"message": f"Stopped following {other.name}"}
            self.edges.remove((one, other))
        elif one.sees(other):
            assert_error(answer, 400, "not_following")
        else:
            assert_error(answer, 404, "user_not_found")

    @rule(number=somebody, public=st.booleans())
    def hide_or_show(self, number, public):
        person = self.one(number)
        answer = person.client.post("/api/update/preferences/", {"profile_public": public})
        if not person.signed_in:
            assert_error(answer, 401, "token_invalid")
            return
        ok(answer)
        person.public = public

    @rule(number=somebody, banned=st.booleans())
    def ban_or_pardon(self, number, banned):
        person = self.one(number)
        self.set_ban(person, banned)

    def set_ban(self, person, banned):
        ok(self.staff.post("/api/user/status/ban/",
                           {"user_id": person.id, "banned": banned, "reason": "Spam"}))
        person.banned = banned
        person.signed_in = person.signed_in and not banned

    @rule(number=somebody)
    def log_in(self, number):
        person = self.one(number)
        answer = self.nobody.post("/careers/users/login/",
                                  {"username": person.name, "password": PASSWORD})
        if person.banned:
            assert_error(answer, 403, "account_banned")
            return
        person.client.access = ok(answer)["access"]
        person.signed_in = True

    @rule(number=somebody)
    def force_logout(self, number):
        person = self.one(number)
        ok(self.staff.post("/api/user/force-logout/", {"user_id": person.id}))
        person.signed_in = False

    @precondition(lambda self: len(self.people) > 2)
    @rule(number=somebody)
    def erase(self, number):
        person = self.pick(number)
        answer = person.client.delete("/careers/users/me/", json={"password": PASSWORD})
        if not person.signed_in:
            assert_error(answer, 401, "token_invalid")
            return
        ok(answer)
        self.touched = set(self.followers(person) + self.following(person))
        self.edges = [edge for edge in self.edges if person not in edge]
        self.people.remove(person)
        assert_error(self.staff.post("/api/user/status/", {"user_id": person.id}), 404,
                     "user_not_found")

    # ---- What happens to them -------------------------------------------------------------------

    @rule(number=somebody, event=st.sampled_from("abcd"), total=st.sampled_from(TOTALS),
          by=st.integers(-3, 9))
    def activity(self, number, event, total, by):
        person = self.one(number)
        amount = Decimal(by) / 4 if total == "earnings" else Decimal(by)
        answer = self.staff.post("/api/user/activity/", {"user_id": person.id, "event_id": event,
                                                         total: float(amount)
                                                         if total == "earnings" else by})
        if event not in person.events and person.totals[total] + amount < 0:
            assert_error(answer, 400, "validation_error", total)
            return
        ok(answer)
        if event not in person.events:
            person.events.add(event)
            person.totals[total] += amount

    @rule(number=somebody, code=st.sampled_from(SWITCHES + [None]))
    def notify(self, number, code):
        person = self.one(number)
        body = {"user_id": person.id, "title": unique("news"), "message": "M", "type": "campaign"}
        if code:
            body["code"] = code
        ok(self.staff.post("/api/user/notification/", body))
        if code not in person.off:
            person.notifications.append([body["title"], False])

    @rule(number=somebody)
    def read_everything(self, number):
        person = self.one(number)
        answer = person.client.post("/api/update/notifications/read/", {"all": True})
        if not person.signed_in:
            assert_error(answer, 401, "token_invalid")
            return
        ok(answer)
        person.notifications = [[title, True] for title, _ in person.notifications]

    @rule(number=somebody, code=st.sampled_from(SWITCHES), on=st.booleans())
    def switch(self, number, code, on):
        person = self.one(number)
        if person.client.post("/api/update/notifications/", {code: on}).status_code == 200:
            assert person.signed_in
            person.off = person.off - {code} if on else person.off | {code}
        else:
            assert not person.signed_in

    @rule(number=somebody, categories=st.sets(st.sampled_from(CATEGORIES)))
    def choose(self, number, categories):
        person = self.one(number)
        answer = person.client.post("/api/update/preferences/", {"categories": list(categories)})
        if not person.signed_in:
            assert_error(answer, 401, "token_invalid")
            return
        ok(answer)
        person.categories = categories

    @rule(number=somebody, sex=st.sampled_from(SEXES + [None]),
          age=st.sampled_from([*AGES, None]))
    def grow(self, number, sex, age):
        person = self.one(number)
        born = f"{date.today().year - AGES[age]}-01-01" if age else None
        answer = person.client.post("/api/update/profile/", {"sex": sex, "birth_date": born})
        if not person.signed_in:
            assert_error(answer, 401, "token_invalid")
            return
        ok(answer)
        person.sex, person.age = sex, age

    # ---- What it must look like -----------------------------------------------------------------

    @invariant()
    def those_concerned_are_right(self):
        for person in self.touched:
            self.compare_person(person)
        self.touched = set()

    def compare_person(self, person):
        body = ok(self.staff.get(f"/careers/users/{person.name}/"))
        counts = (body["followers_count"], body["following_count"], body["posts_count"])
        assert counts == (len(self.followers(person)), len(self.following(person)),
                          person.totals["posts"])
        status = ok(self.staff.post("/api/user/status/", {"user_id": person.id}))
        assert status["status"] == ("banned" if person.banned else "active")
        assert status["total_campaigns"] == person.totals["campaigns"]
        assert Decimal(str(status["total_earnings"])) == person.totals["earnings"]

    @rule()
    def everything_is_right(self):
        self.compare_stats()
        self.compare_directory(self.nobody, None)
        self.compare_directory(self.staff, self.staff)
        for person in self.people:
            self.compare_own(person)
            self.compare_lists(self.nobody, None, person)
            self.compare_lists(self.staff, self.staff, person)
        one, other = self.people[0], self.people[-1]
        if one.signed_in:
            self.compare_directory(one.client, one)
            self.compare_lists(one.client, one, other)

    def compare_stats(self):
        active = self.active()
        stats = "/api/users/stats"
        assert ok(self.staff.post(f"{stats}/sex/")) == {
            sex: sum(person.sex == sex for person in active) for sex in SEXES}
        assert ok(self.staff.post(f"{stats}/age/")) == {
            age: sum(person.age == age for person in active) for age in AGES}
        wanted = {name: sum(name in person.categories for person in active) for name in NAMED}
        wanted["other"] = sum(len(person.categories - set(NAMED)) for person in active)
        assert ok(self.staff.post(f"{stats}/preferences/")) == wanted
        for status, banned in (("active", False), ("banned", True)):
            body = ok(self.staff.post("/api/users/", {"status": status, "limit": 100}))
            ids = [person.id for person in reversed(self.people) if person.banned is banned]
            if not banned:
                ids.append(self.staff.id)
            assert [user["id"] for user in body["users"]] == ids
            assert body["total"] == len(ids)

    def visible(self, viewer, person):
        return viewer is self.staff or person.listed or person is viewer

    def is_following(self, viewer, person):
        return (viewer, person) in self.edges

    def compare_directory(self, client, viewer):
        seen = [person for person in self.people if self.visible(viewer, person)]
        wanted = sorted([(person.name, self.is_following(viewer, person)) for person in seen] +
                        [(self.staff.username, False)])
        body = ok(client.get("/careers/users/?batch_size=100"))
        assert [(row["username"], row["is_following"]) for row in body["users"]] == wanted
        assert body["batch_info"]["total_users"] == len(wanted)

    def compare_lists(self, client, viewer, person):
        path = f"/careers/users/{person.name}/"
        for name, people in (("followers", self.followers(person)),
                             ("following", self.following(person))):
            answer = client.get(f"{path}{name}/")
            if not self.visible(viewer, person):
                assert_error(answer, 404, "user_not_found")
                continue
            body = ok(answer)
            assert body["count"] == len(people)
            assert [(row["id"], row["is_following"]) for row in body["results"]] == \
                [(p.id, self.is_following(viewer, p)) for p in people if self.visible(viewer, p)]
        self.compare_pages(client, viewer, person)

    def compare_pages(self, client, viewer, person):
        if not self.visible(viewer, person):
            return
        path, found = f"/careers/users/{person.name}/followers/?limit=1", []
        while path:
            body = ok(client.get(path))
            found += [row["id"] for row in body["results"]]
            path = body["next"]
        assert found == [p.id for p in self.followers(person) if self.visible(viewer, p)]

    def compare_own(self, person):
        answer = person.client.get("/careers/users/me/stats/")
        if not person.signed_in:
            assert_error(answer, 401, "token_invalid")
            return
        assert ok(answer) == {"posts_count": person.totals["posts"],
                              "followers_count": len(self.followers(person)),
                              "following_count": len(self.following(person)),
                              "likes_received": person.totals["likes_received"],
                              "comments_received": person.totals["comments_received"]}
        body = ok(person.client.get("/careers/users/following/"))
        following = self.following(person)
        assert body["count"] == len(following)
        assert [edge["following"] for edge in body["results"]] == \
            [other.id for other in following if person.sees(other)]
        self.compare_notifications(person)

    def compare_notifications(self, person):
        body = ok(person.client.post("/api/get/notifications/history/", {"limit": 100}))
        assert [[row["title"], row["read"]] for row in body["notifications"]] == \
            person.notifications[::-1]
        assert body["total"] == len(person.notifications)
        assert body["unread"] == sum(not read for _, read in person.notifications)

    # ---- The end --------------------------------------------------------------------------------

    def teardown(self):
        if not self.people:
            return
        self.everything_is_right()
        assert self.house.cli("check", "--search").stdout.startswith("OK")
        self.empty()
        self.people, self.edges = [], []
        self.compare_stats()  # nothing is left to be counted
        self.compare_directory(self.nobody, None)

    def empty(self):
        """Whoever is there leaves, also those that an example left behind when it failed."""
        for user in ok(self.staff.post("/api/users/", {"limit": 100}))["users"]:
            if user["id"] == self.staff.id:
                continue
            ok(self.staff.post("/api/user/status/ban/", {"user_id": user["id"], "banned": False}))
            client = self.house.login(user["username"])
            ok(client.delete("/careers/users/me/", json={"password": PASSWORD}))


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("model"), QUICK) as running:
        yield running


def test_every_number_is_what_the_model_says(house):
    staff = house.staff(superuser=True)
    run_state_machine_as_test(lambda: World(house, staff),
                              settings=bounded(25, stateful_step_count=30))
