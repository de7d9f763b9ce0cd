"""The table of rfc9112 against the server: each message whole over TCP, and byte by byte over a
unix socket, where the answers must be the same."""
import re
import socket
from collections import Counter
from email.utils import parsedate_to_datetime

import pytest

from crowd import read_answer
from rfc9112 import CASES
from rollcall import QUICK, ROOT, Server
from wire import NEXT, connect_local, send_all, send_taken


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    directory = tmp_path_factory.mktemp("rfc9112")
    listens = ["127.0.0.1:0", f"unix:{directory}/socket"]
    with Server(directory, QUICK, listens=listens) as running:
        yield running


def send_bytes(connection, data):
    try:
        for byte in data:
            send_taken(connection, bytes([byte]))
    except (BrokenPipeError, ConnectionResetError):
        pass


def read_next(stream, connection, method):
    """None at the end. Who sends a byte in the moment of a close that they asked for is reset: with
    messages in one piece that cannot be."""
    try:
        return read_answer(stream, method)
    except ConnectionResetError:
        assert connection.family == socket.AF_UNIX
        return None


def converse(connection, case, send):
    """Sends the case, and NEXT behind it; returns all answers."""
    method = "HEAD" if case.data.startswith(b"HEAD") else "GET"
    stream, answers = connection.makefile("rb"), []
    for piece in case.pieces[:-1]:
        send(connection, piece)
        answers.append(read_answer(stream))
    send(connection, case.pieces[-1] + (b"" if case.ends else NEXT))
    if case.ends:
        connection.shutdown(socket.SHUT_WR)
    while (answer := read_next(stream, connection, "GET" if answers else method)) is not None:
        answers.append(answer)
        if answer.headers.get("X-Request-Id") == "next":
            connection.shutdown(socket.SHUT_WR)
    return answers


def assert_answer(answer, silent):
    """What RFC 9110 asks of every answer."""
    status, headers = answer.status_code, answer.headers
    lengths = headers.get_all("Content-Length", [])
    assert "Transfer-Encoding" not in headers
    if status == 100:
        assert not headers.items()
        return
    [date] = headers.get_all("Date")
    assert parsedate_to_datetime(date).tzinfo and date.endswith(" GMT")
    if status == 204:
        assert not lengths
        return
    assert len(lengths) == 1 and lengths[0].isdigit()
    assert ("Allow" in headers) == (status == 405)
    assert ("WWW-Authenticate" in headers) == (status == 401)
    if status >= 400 and not silent:
        assert {"error", "message"} <= set(answer.json())


def assert_verdict(case, answers):
    assert [answer.status_code for answer in answers] == case.statuses + [200] * case.kept
    ids = [answer.headers.get("X-Request-Id") for answer in answers]
    assert "smuggled" not in ids and ids.count("next") == case.kept
    for i, answer in enumerate(answers):
        assert_answer(answer, silent=i == 0 and case.data.startswith(b"HEAD"))
    closes = [answer.headers.get("Connection") == "close" for answer in answers]
    assert True not in closes[:-1]
    if not case.ends:
        assert closes[-1] != case.kept


def essence(answers):
    """What must not differ. A body that comes late may be asked for."""
    return [(answer.status_code, answer.headers.get("Connection"), answer.text)
            for answer in answers if answer.status_code != 100]


def assert_serves(house):
    with house.connect() as connection:
        connection.sendall(NEXT)
        assert read_answer(connection.makefile("rb")).status_code == 200


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.section}: {case.name}")
def test_a_message_has_one_meaning(house, case):
    with house.connect() as connection:
        whole = converse(connection, case, send_all)
    assert_verdict(case, whole)
    assert_serves(house)
    with connect_local(house) as connection:
        pieces = converse(connection, case, send_bytes)
    assert essence(pieces) == essence(whole)
    assert_serves(house)


# ---- The table itself ---------------------------------------------------------------------------


def test_the_table_is_sound():
    names = Counter((case.section, case.name) for case in CASES)
    assert [name for name, count in names.items() if count > 1] == []
    for case in CASES:
        assert re.fullmatch(r"(9110 )?\d+(\.\d+)*", case.section)
        assert re.fullmatch(r"(\d{3} )+(kept|closed)|closed", case.verdict), case.name
        assert not (case.kept and case.ends), case.name
    assert len(CASES) >= 120


def test_every_choice_has_its_reason_in_the_notes():
    notes = (ROOT / "docs" / "api-notes.md").read_text()
    http = notes.split("\n## HTTP\n")[1].split("\n## ")[0]
    written = re.findall(r"^- \*\*(.+?)\*\*", http, re.M)
    assert sorted(written) == sorted({case.choice for case in CASES if case.choice})
