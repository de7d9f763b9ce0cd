"""How large a message may be, to the byte."""
import pytest

from crowd import read_answers
from rollcall import QUICK, Server
from wire import (ASK, BODY_MAX, HEAD_MAX, JSON, LINE_MAX, LIST, NEXT, assert_refused, chunked,
                  converse, request)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("wire"), QUICK) as running:
        yield running


def statuses(server, data):
    return [answer.status_code for answer in converse(server, data)]


def line_of(size):
    head, tail = "GET /careers/users/?x=", " HTTP/1.1"
    return head + "a" * (size - len(head) - len(tail)) + tail


def fields_of(size):
    """Fields that take this many bytes, their line ends included, beside Host."""
    left = size - len("Host: test\r\n")
    fields = []
    while left:
        take = left if left <= 4096 else min(4096, left - 16)
        fields.append("X: " + "a" * (take - len("X: \r\n")))
        left -= take
    return fields


def sized_body(size):
    return b'{"a": "' + b"x" * (size - 9) + b'"}'


@pytest.mark.parametrize("size, expected", [(LINE_MAX, [200, 200]), (LINE_MAX + 1, [414])])
def test_a_request_line_is_so_long_and_no_longer(house, size, expected):
    line = line_of(size)
    assert len(line) == size
    assert statuses(house, request(line) + NEXT) == expected


def test_a_line_that_never_ends_is_refused_early(house):
    [answer] = converse(house, b"GET /" + b"a" * (LINE_MAX * 4))
    assert_refused(answer, 414)


@pytest.mark.parametrize("size, expected", [(HEAD_MAX, [200, 200]), (HEAD_MAX + 1, [431])])
def test_a_head_is_so_large_and_no_larger(house, size, expected):
    data = request(LIST, *fields_of(size))
    assert len(data) - len(LIST) - 4 == size
    assert statuses(house, data + NEXT) == expected


def test_one_field_may_fill_the_head(house):
    field = f"Authorization: Bearer {'a' * (HEAD_MAX - 60)}"
    assert statuses(house, request(ASK, field) + NEXT) == [200, 200]


@pytest.mark.parametrize("data", [b"X" * 40000, b"X: " + b"a" * 40000, b"X: 1\r\n" * 9000],
                         ids=["name", "value", "fields"])
def test_a_head_that_never_ends_is_refused_early(house, data):
    [answer] = converse(house, b"GET / HTTP/1.1\r\nHost: test\r\n" + data)
    assert_refused(answer, 431)


@pytest.mark.parametrize("size, expected", [(BODY_MAX, [200, 200]), (BODY_MAX + 1, [413])])
def test_a_body_is_so_large_and_no_larger(house, size, expected):
    body = sized_body(size)
    data = request(ASK, JSON, f"Content-Length: {size}", body=body)
    assert (len(body), statuses(house, data + NEXT)) == (size, expected)


@pytest.mark.parametrize("piece", [1000, 4096, 65536])
@pytest.mark.parametrize("size, expected", [(BODY_MAX, [200, 200]), (BODY_MAX + 1, [413])])
def test_chunks_together_are_so_large_and_no_larger(house, size, expected, piece):
    body = sized_body(size)
    chunks = [body[i:i + piece] for i in range(0, size, piece)]
    data = chunked(*(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks))
    assert statuses(house, data + NEXT) == expected


def test_a_body_in_chunks_of_one_byte_is_still_a_body(house):
    body = sized_body(3000)
    data = chunked(*(b"1\r\n%c\r\n" % byte for byte in body))
    assert statuses(house, data + NEXT) == [200, 200]


def test_a_body_that_is_too_large_is_not_waited_for(house):
    with house.connect() as connection:
        connection.sendall(request(ASK, JSON, f"Content-Length: {BODY_MAX + 1}"))
        [answer] = read_answers(connection, 1)
        assert_refused(answer, 413)


def test_who_sends_on_after_a_refusal_still_reads_it(house):
    """The server must not reset the connection while the body is on its way."""
    data = request(ASK, JSON, "Content-Length: 2000000", body=b"x" * 2000000)
    [answer] = converse(house, data)
    assert_refused(answer, 413)
