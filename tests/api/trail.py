"""Words for the tests of the audit trail."""
import json

from rollcall import wait_until


def exported(server, *options):
    return [json.loads(line) for line in
            server.cli("audit", "export", *options).stdout.splitlines()]


def about(server, user_id, event=None):
    """What there is about an account; all of it, or one kind of event."""
    return [row for row in exported(server, "--user-id", str(user_id))
            if row["user_id"] == user_id and event in (None, row["event"])]


def last(server, user_id, event):
    return about(server, user_id, event)[-1]


def verify(server, *options, status=0):
    done = server.cli("audit", "verify", *options, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def head(server):
    """The head, once everything is sealed."""
    said = []

    def sealed():
        said[:] = verify(server).splitlines()
        return not any("not sealed" in line for line in said)
    wait_until(sealed)
    return said[-1].removeprefix("head ")
