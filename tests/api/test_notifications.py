"""Notifications: what staff send and what arrives."""
import pytest

from rollcall import assert_error, ok, shape

SEND = "/api/user/notification/"
HISTORY = "/api/get/notifications/history/"
READ = "/api/update/notifications/read/"
SWITCHES = ["new_campaign", "end_campaign", "near_campaign", "cause_campaign", "profile_status",
            "post_status", "update_balance"]


def send(staff, person, **more):
    body = {"user_id": person.id, "title": "Title", "message": "Message", "type": "campaign",
            **more}
    return staff.post(SEND, {key: value for key, value in body.items() if value is not None})


def history(client, **query):
    return ok(client.post(HISTORY, query))


def titles(client, **query):
    return [row["title"] for row in history(client, **query)["notifications"]]


@pytest.fixture
def inbox(staff, user):
    """Five notifications, "0" the oldest."""
    for number in range(5):
        ok(send(staff, user, title=str(number)))
    return user


# ---- Sending ------------------------------------------------------------------------------------


def test_what_is_sent_arrives_as_it_was(staff, user):
    data = {"campaign_id": 789, "campaign_name": "Summer", "deep": {"list": [1, 9.99, None, "é"]}}
    ok(send(staff, user, title="T é", message="One\nTwo", type="campaign", data=data))
    row, = history(user)["notifications"]
    assert shape({key: row[key] for key in ("id", "created_at")}) == {
        "id": "number", "created_at": "string"}
    assert {key: row[key] for key in ("title", "message", "type", "read", "data")} == {
        "title": "T é", "message": "One\nTwo", "type": "campaign", "read": False, "data": data}
    assert "user_id" not in row


def test_data_may_come_as_json_in_a_form(staff, user):
    ok(staff.post(SEND, form={"user_id": str(user.id), "title": "T", "message": "M", "type": "t",
                              "data": '{"campaign_id": 789}'}))
    assert history(user)["notifications"][0]["data"] == {"campaign_id": 789}


def test_data_may_have_four_kib(staff, user):
    data = {"text": "x" * (4096 - len('{"text":""}'))}
    ok(send(staff, user, data=data))
    assert history(user)["notifications"][0]["data"] == data


def test_data_may_not_have_more(staff, user):
    data = {"text": "x" * (4097 - len('{"text":""}'))}
    assert_error(send(staff, user, data=data), 400, "validation_error", "data")


@pytest.mark.parametrize("data", ["text", 1, True, [], [1], "[1]", "{"])
def test_data_is_an_object(staff, user, data):
    assert_error(send(staff, user, data=data), 400, "validation_error", "data")


@pytest.mark.parametrize("field", ["user_id", "title", "message", "type"])
def test_four_fields_must_be_there(staff, user, field):
    assert_error(send(staff, user, **{field: None}), 400, "validation_error", field)


def test_an_unknown_user_is_not_found(staff, user):
    assert_error(send(staff, user, user_id=9223372036854775807), 404, "user_not_found")


def test_an_unknown_code_is_refused(staff, user):
    assert_error(send(staff, user, code="spam"), 400, "validation_error", "code")


@pytest.mark.parametrize("code", SWITCHES)
def test_a_code_whose_switch_is_on_is_delivered(staff, user, code):
    others = {other: False for other in SWITCHES if other != code}
    ok(user.post("/api/update/notifications/", others))
    assert "delivered" not in ok(send(staff, user, code=code))
    assert history(user)["total"] == 1


@pytest.mark.parametrize("code", SWITCHES)
def test_a_code_whose_switch_is_off_is_not(staff, user, code):
    ok(user.post("/api/update/notifications/", {code: False}))
    assert ok(send(staff, user, code=code)) == {
        "status": "success", "message": "Notification sent successfully", "delivered": False}
    body = history(user)
    assert (body["total"], body["unread"], body["notifications"]) == (0, 0, [])


def test_without_a_code_no_switch_matters(staff, user):
    ok(user.post("/api/update/notifications/", dict.fromkeys(SWITCHES, False)))
    ok(send(staff, user))
    assert history(user)["total"] == 1


def test_it_arrives_with_nobody_else(staff, user, other):
    ok(send(staff, user))
    assert history(other)["total"] == 0


# ---- The history --------------------------------------------------------------------------------


def test_the_newest_comes_first(inbox):
    assert titles(inbox) == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize("page, limit, found", [
    (1, 2, ["4", "3"]), (2, 2, ["2", "1"]), (3, 2, ["0"]), (4, 2, []), (1, 5, list("43210")),
    (1, 100, list("43210")), (9223372036854775807, 100, [])])
def test_pages(inbox, page, limit, found):
    body = history(inbox, page=page, limit=limit)
    assert [row["title"] for row in body["notifications"]] == found
    assert (body["total"], body["page"], body["limit"]) == (5, page, limit)


def test_a_page_has_twenty_by_default(staff, user):
    for _ in range(21):
        ok(send(staff, user))
    body = history(user)
    assert (len(body["notifications"]), body["page"], body["limit"], body["total"]) == (20, 1, 20,
                                                                                        21)


@pytest.mark.parametrize("field, value", [("page", 0), ("page", -1), ("page", "x"), ("limit", 0),
                                          ("limit", 101), ("limit", -1), ("limit", 1.5)])
def test_a_page_that_is_no_number_is_refused(user, field, value):
    assert_error(user.post(HISTORY, {field: value}), 400, "validation_error", field)


# ---- Reading ------------------------------------------------------------------------------------


def unread(client):
    body = history(client)
    rows = {row["title"] for row in body["notifications"] if not row["read"]}
    assert body["unread"] == len(rows)
    return rows


def ids(client, *wanted):
    return [row["id"] for row in history(client)["notifications"] if row["title"] in wanted]


def test_all_are_unread_at_first(inbox):
    assert unread(inbox) == set("01234")


def test_one_can_be_read(inbox):
    ok(inbox.post(READ, {"id": ids(inbox, "2")}))
    assert unread(inbox) == set("0134")


def test_several_can_be_read(inbox):
    ok(inbox.post(READ, {"id": ids(inbox, "0", "4")}))
    assert unread(inbox) == set("123")


def test_a_form_repeats_the_key(inbox):
    ok(inbox.post(READ, form=[("id", str(one)) for one in ids(inbox, "1", "3")]))
    assert unread(inbox) == set("024")


@pytest.mark.parametrize("sent", [{"json": {"all": True}}, {"form": {"all": "true"}}])
def test_all_can_be_read(inbox, sent):
    ok(inbox.post(READ, **sent))
    assert unread(inbox) == set()


def test_twice_counts_once(inbox):
    for _ in range(2):
        ok(inbox.post(READ, {"id": ids(inbox, "2") * 2}))
    assert unread(inbox) == set("0134")


def test_nobody_reads_what_is_anothers(inbox, other):
    ok(other.post(READ, {"id": ids(inbox, "2")}))
    ok(other.post(READ, {"all": True}))
    assert unread(inbox) == set("01234")


def test_an_id_that_is_not_there_is_passed_over(inbox):
    ok(inbox.post(READ, {"id": [9223372036854775807] + ids(inbox, "2")}))
    assert unread(inbox) == set("0134")


@pytest.mark.parametrize("body", [{}, {"all": False}, {"id": []}, {"id": [0]}, {"id": ["x"]},
                                  {"id": [9223372036854775808 - 1, -1]}])
def test_what_is_read_must_be_said(inbox, body):
    assert_error(inbox.post(READ, body), 400, "validation_error", "id")
    assert unread(inbox) == set("01234")
