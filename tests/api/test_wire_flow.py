"""Messages in pieces, one after the other, and amid noise; and what answers look like. What a message
is stands in rfc9112."""
import json
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd import message, read_answer
from generate import bounded
from rfc9112 import CASES
from rollcall import PASSWORD, QUICK, Server, registration
from wire import (ASK, JSON, LIST, NEXT, OBJECT, SIZED, chunked, connect_local, converse, request,
                  send_taken)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    directory = tmp_path_factory.mktemp("wire")
    listens = ["127.0.0.1:0", f"unix:{directory}/socket"]
    with Server(directory, QUICK, listens=listens) as running:
        yield running


# ---- Pieces -------------------------------------------------------------------------------------


WHOLE = {
    "chunks": chunked(b"4;x=y\r\n{\"a\"\r\n", b"4\r\n: 1}\r\n", end=b"0\r\nX: 1\r\n\r\n"),
    "length": b"\r\n" + request(ASK, JSON, SIZED, "X-Request-Id: piece", body=OBJECT),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_request_may_be_cut_at_every_byte(house, kind):
    data = WHOLE[kind]
    with connect_local(house) as connection:
        stream = connection.makefile("rb")
        for cut in range(1, len(data)):
            send_taken(connection, data[:cut])
            connection.sendall(data[cut:])
            answer = read_answer(stream)
            assert answer.status_code == 200, (cut, answer.text)


TO_CUT = [case for case in CASES if len(case.pieces) == 1 and not case.data.startswith(b"HEAD")]


@st.composite
def cut_messages(draw):
    """A name, and its bytes in pieces."""
    case = draw(st.sampled_from(TO_CUT))
    data = case.data + NEXT
    cuts = sorted(draw(st.sets(st.integers(1, min(len(data) - 1, 400)), max_size=6)))
    return case.name, [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)])]


@bounded(300)
@given(cut=cut_messages())
def test_where_a_message_is_cut_changes_nothing(house, cut):
    name, pieces = cut
    expected = [answer.status_code for answer in converse(house, b"".join(pieces))]
    with connect_local(house) as connection:
        try:
            for piece in pieces:
                send_taken(connection, piece)
            connection.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass
        stream, got = connection.makefile("rb"), []
        try:
            while (answer := read_answer(stream)) is not None:
                got.append(answer.status_code)
        except ConnectionResetError:  # something was sent in the moment of a close
            pass
    assert [status for status in got if status != 100] == expected, name


# ---- One after the other ------------------------------------------------------------------------


def mixed_requests(person):
    """Of every lane, in an order that would come out wrong if each were answered when it is ready:
    method, bytes, status."""
    login = {"username": person.username, "password": PASSWORD}
    kinds = [
        ("POST", message("POST", "/careers/users/login/", login), 200),
        ("GET", message("GET", f"/careers/users/{person.username}/"), 200),
        ("PATCH", message("PATCH", "/careers/users/me/update/", {"bio": "B"}, person.access), 200),
        ("HEAD", message("HEAD", "/careers/users/"), 200),
        ("GET", message("GET", "/careers/users/?search=a"), 200),
        ("POST", message("POST", "/careers/users/login/", {}), 400),
        ("GET", message("GET", "/nowhere"), 404),
        ("OPTIONS", message("OPTIONS", "/careers/users/"), 204),
        ("DELETE", message("DELETE", "/careers/users/"), 405),
        ("POST", message("POST", "/careers/users/register/", registration()), 201),
    ]
    return [kinds[i % len(kinds)] for i in range(41)] + [kinds[1]] * 9


def tagged(data, tag):
    line, rest = data.split(b"\r\n", 1)
    return line + f"\r\nX-Request-Id: {tag}\r\n".encode() + rest


@pytest.mark.parametrize("at_once", [True, False])
def test_fifty_requests_are_answered_in_order(house, at_once):
    mix = mixed_requests(house.user())
    registered = 0
    with house.connect(timeout=30) as connection:
        pieces = [tagged(data, f"n{i}") for i, (_, data, _) in enumerate(mix)]
        if at_once:
            connection.sendall(b"".join(pieces))
        else:
            for piece in pieces:
                connection.sendall(piece)
        stream = connection.makefile("rb")
        for i, (method, _, status) in enumerate(mix):
            answer = read_answer(stream, method)
            assert answer.headers["X-Request-Id"] == f"n{i}"
            if status == 201:  # the same body again is taken
                registered += 1
                status = 201 if registered == 1 else 400
            assert answer.status_code == status, (i, answer.text)


# ---- Answers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/careers/users/", "/careers/users/nobody/", "/nowhere",
                                  "/careers/users/me/", "/careers/users/?batch_size=0"])
def test_head_is_get_without_the_body(house, path):
    with house.connect() as connection:
        stream = connection.makefile("rb")
        heads = []
        for method in ("GET", "HEAD"):
            connection.sendall(request(f"{method} {path} HTTP/1.1", "X-Request-Id: same"))
            answer = read_answer(stream, method)
            heads.append((answer.status_code, [(k, v) for k, v in answer.headers.items()
                                               if k != "Date"]))
        assert heads[0] == heads[1]
        connection.sendall(NEXT)
        assert read_answer(stream).headers["X-Request-Id"] == "next"


@pytest.mark.parametrize("sent, echoed", [
    ("a", True), ("A-z.0_9:x", True), ("a" * 128, True), ("a" * 129, False), ("a b", False),
    ("a\tb", False), ("<x>", False), ("\xe4", False), ("", False), ("a,b", False)])
def test_a_sane_request_id_is_echoed_and_another_made_up_for_the_rest(house, sent, echoed):
    [answer] = converse(house, request(LIST, f"X-Request-Id: {sent}"))
    got = answer.headers["X-Request-Id"]
    assert (got == sent) == echoed and got


def test_request_ids_of_ours_are_all_different(house):
    answers = converse(house, request(LIST) * 20)
    assert len({answer.headers["X-Request-Id"] for answer in answers}) == 20


def test_every_answer_has_the_headers_of_the_house(house):
    data = [request(LIST), request(ASK), request("GET /nowhere HTTP/1.1"),
            request("OPTIONS /careers/users/ HTTP/1.1"), request(ASK, host=None)]
    for answer in converse(house, b"".join(data)):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Request-Id"] and answer.headers["Date"].endswith(" GMT")
        if answer.status_code != 204:
            assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
            assert int(answer.headers["Content-Length"]) == len(answer.text.encode())
            json.loads(answer.text)


# ---- Noise --------------------------------------------------------------------------------------

SAMPLES = [*WHOLE.values(), NEXT, request("HEAD / HTTP/1.0"), request("OPTIONS * HTTP/1.1"),
           request(ASK, "Expect: 100-continue", SIZED, JSON, body=OBJECT)]
SPICES = [b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b";", b"0", b"\xff", b"\r\n\r\n", b",",
          b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"Host: x\r\n", b"/", b"%",
          b"ffffffffffffffff", b"HTTP/1.1", b"Expect: 100-continue\r\n"]


@st.composite
def spoiled(draw):
    """Good requests with a few bytes put in, taken out, or said twice."""
    data = b"".join(draw(st.lists(st.sampled_from(SAMPLES), min_size=1, max_size=3)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        to = min(len(data), at + draw(st.integers(0, 12)))
        what = draw(st.sampled_from([b"", data[at:to], data[at:to] * 2, *SPICES]))
        data = data[:at] + what + data[to:]
    return data


@bounded(400)
@given(data=st.one_of(st.binary(max_size=300), spoiled(),
                      st.lists(st.sampled_from(SPICES), max_size=30).map(b"".join)))
def test_noise_gets_an_answer_or_an_end_and_harms_nobody(house, data):
    for answer in converse(house, data):
        assert answer.status_code < 500 or answer.status_code == 505
        if answer.text:
            json.loads(answer.text)
    assert house.process.poll() is None
