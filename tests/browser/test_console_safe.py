"""The console in bad company (console_safe.mjs): staff who are staff no longer, text that would be a
script, another site in the same browser."""
import pytest

from rollcall import PASSWORD, QUICK, Server, ok


@pytest.fixture(scope="module")
def seen(tmp_path_factory, scene):
    with Server(tmp_path_factory.mktemp("safe"), QUICK) as server:
        boss, banned, demoted = server.staff(superuser=True), server.staff(), server.staff()
        hostile = server.user("mallory", first_name="<img src=x onerror=stolen=1>",
                              bio="<script>stolen=2</script>")
        ok(boss.post("/api/user/add-custom-social-wall/", {
            "user_id": hostile.id, "network": "x", "wall_url": "https://example.com/",
            "description": "<svg onload=stolen=3>"}))
        ok(boss.post("/api/user/notification/", {
            "user_id": hostile.id, "type": "system", "title": "<iframe srcdoc=x>",
            "message": "<a href='javascript:stolen=4'>prize</a>"}))
        for ban in (True, False):
            ok(boss.post("/api/user/status/ban/", {
                "user_id": hostile.id, "banned": ban, "reason": "<b onclick=stolen=5>"}))
        return scene("console_safe", server.url, boss.username, PASSWORD, banned.username,
                     demoted.username, banned.id, demoted.id, hostile.id, hostile.username)


def test_nothing_is_asked_of_others_and_nothing_goes_wrong(seen):
    assert seen["outside"] == []
    assert seen["trouble"] == []


def test_an_administrator_who_is_banned_is_out_at_the_next_click(seen):
    assert "Your session has ended" in seen["banned"]
    assert "Audit trail" not in seen["banned"]


def test_an_administrator_who_is_none_any_more_sees_nothing_more(seen):
    assert "The console is for staff" in seen["demoted"]
    assert "Chain" not in seen["demoted"]


def test_what_people_write_stays_text(seen):
    assert seen["stolen"] is None
    assert seen["elements"] == 0


def test_another_site_can_neither_act_nor_frame(seen):
    assert seen["posted"] == 403
    assert seen["fetched"] == "opaque"
    assert seen["alive"] == 200
