"""RFC 9110 as far as RFC 9112 §6.3 counts on it: what an answer is and how long it is. Every answer
of the whole table is looked at for its Date, its length and the fields that its status asks for;
these are the kinds that differ."""
from wire import ASK, HEAD_MAX, LINE_MAX, LIST, request

from .case import row, section

HEAD = "HEAD /careers/users/ HTTP/1.1"

CASES = section(
    "9110 9.3.2",
    row("HEAD", "200 kept", request(HEAD)),
    row("HEAD of nothing", "404 kept", request("HEAD /nowhere HTTP/1.1")),
    row("HEAD of what is not for all", "401 kept", request("HEAD /careers/users/me/ HTTP/1.1")),
    row("HEAD of what has no GET", "405 kept", request("HEAD /api/check/auth/ HTTP/1.1")),
    row("HEAD with a body", "200 kept", request(HEAD, "Content-Length: 3", body=b"abc")),
    row("HEAD on 1.0", "200 closed", request("HEAD /careers/users/ HTTP/1.0")),
    row("HEAD of a bad path", "400 kept", request("HEAD /% HTTP/1.1")),
    row("HEAD without Host", "400 closed", request(HEAD, host=None)),
    row("HEAD with a bad field", "400 closed", request(HEAD, "X : 1")),
    row("HEAD of a bad target", "400 closed", request("HEAD careers HTTP/1.1")),
    row("HEAD of a target that is too long", "414 closed",
        request(f"HEAD /{'a' * LINE_MAX} HTTP/1.1")),
    row("HEAD with fields that are too long", "431 closed",
        request(HEAD, "X: " + "a" * HEAD_MAX)),
    row("HEAD with a body that is too large", "413 closed",
        request(HEAD, "Content-Length: 65537")),
    row("HEAD of another version", "505 closed", request("HEAD / HTTP/2.0")),
    row("half of HEAD", "400 closed", b"HEAD /careers/use", ends=True, choice="half messages"),
) + section(
    "9110 8.6",
    row("204 has no length", "204 kept", request("OPTIONS /careers/users/ HTTP/1.1")),
    row("nor has 204 to 1.0", "204 closed", request("OPTIONS /careers/users/ HTTP/1.0")),
    row("nor has 204 before close", "204 closed",
        request("OPTIONS /careers/users/ HTTP/1.1", "Connection: close")),
) + section(
    "9110 11.6.1",
    row("401 says how", "401 kept", request("GET /careers/users/me/ HTTP/1.1")),
    row("401 says what was wrong", "401 kept",
        request("GET /careers/users/me/ HTTP/1.1", "Authorization: Bearer x")),
) + section(
    "9110 13.1",
    row("If-None-Match", "200 kept", request(LIST, "If-None-Match: *"), choice="conditions"),
    row("If-Modified-Since", "200 kept",
        request(LIST, "If-Modified-Since: Sat, 29 Oct 2050 19:43:31 GMT"), choice="conditions"),
    row("If-Match", "200 kept", request(LIST, 'If-Match: "x"'), choice="conditions"),
) + section(
    "9110 14.2",
    row("Range", "200 kept", request(LIST, "Range: bytes=0-0"), choice="conditions"),
) + section(
    "9110 15.5.16",
    row("a body of another type", "415 kept",
        request(ASK, "Content-Type: text/plain", "Content-Length: 2", body=b"{}")),
    row("a body of no type", "415 kept", request(ASK, "Content-Length: 2", body=b"{}")),
) + section(
    "7.4",
    row("TE asks for trailers that are not there", "200 kept",
        request(LIST, "TE: trailers", "Connection: TE")),
    row("TE asks for codings that are not there", "200 kept",
        request(LIST, "TE: gzip;q=1.0, chunked", "Connection: TE")),
)
