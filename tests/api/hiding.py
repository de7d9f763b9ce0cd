"""The ways in which somebody is no longer to be seen by strangers."""
from rollcall import ok


def hide(person, staff):
    ok(person.post("/api/update/preferences/", {"profile_public": False}))


def ban(person, staff):
    ok(staff.post("/api/user/status/ban/", {"user_id": person.id, "banned": True, "reason": "R"}))


def retire(person, staff):
    person.server.cli("user", "revoke", person.username, "--active")


WAYS = [hide, ban, retire]
