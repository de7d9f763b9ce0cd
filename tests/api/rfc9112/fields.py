"""RFC 9112 §5: fields."""
from wire import ASK, FIELDS_MAX, HEAD_MAX, LIST, request

from .case import row, section


def field(text):
    return request(LIST, text)


SYNTAX = section(
    "5",
    row("no field but Host", "200 kept", request(LIST)),
    row("no blank behind the colon", "200 kept", field("X:1")),
    row("blanks around a value", "200 kept", field("X: \t a \t b \t ")),
    row("an empty value", "200 kept", field("X:")),
    row("a value of blanks", "200 kept", field("X: \t ")),
    row("colons in a value", "200 kept", field("X: a:b:c")),
    row("no colon", "400 closed", field("X")),
    row("no colon, and a blank", "400 closed", field("X 1")),
    row("no name", "400 closed", field(": 1")),
    row("nothing but a colon", "400 closed", field(":")),
) + section(
    "5.1",
    row("a blank before the colon", "400 closed", field("X : 1")),
    row("a tab before the colon", "400 closed", field("X\t: 1")),
    row("a blank before the colon of Content-Length", "400 closed", field("Content-Length : 0")),
    row("a blank before the colon of Transfer-Encoding", "400 closed",
        request(ASK, "Transfer-Encoding : chunked", body=b"0\r\n\r\n")),
    row("a blank before the colon of Host", "400 closed", request(LIST, host="Host : test")),
    row("a blank before the name", "400 closed", request(LIST, "A: 1", " X: 1")),
) + section(
    "5.2",
    row("a folded line", "400 closed", request(LIST, "X: a", " b"), choice="folded lines"),
    row("a line folded with a tab", "400 closed", request(LIST, "X: a", "\tb"),
        choice="folded lines"),
    row("a line folded over nothing", "400 closed", request(LIST, "X:", " "),
        choice="folded lines"),
    row("a folded Content-Length", "400 closed", request(ASK, "Content-Length:", " 0"),
        choice="folded lines"),
    row("a folded Transfer-Encoding", "400 closed",
        request(ASK, "Transfer-Encoding:", " chunked", body=b"0\r\n\r\n"), choice="folded lines"),
)

NAMES = section(
    "9110 5.1",
    row("a name of odd characters", "200 kept", field("!#$%&'*+-.^_`|~09aZ: 1")),
    row("a blank in a name", "400 closed", field("X Y: 1")),
    row("a bracket in a name", "400 closed", field("X(Y): 1")),
    row("an at sign in a name", "400 closed", field("X@Y: 1")),
    row("a slash in a name", "400 closed", field("X/Y: 1")),
    row("quotes in a name", "400 closed", field('"X": 1')),
    row("a semicolon in a name", "400 closed", field("X;Y: 1")),
    row("NUL in a name", "400 closed", field("X\0Y: 1")),
    row("a control character in a name", "400 closed", field("X\x01: 1")),
    row("other bytes in a name", "400 closed", field("X\xe4: 1")),
    row("an underscore is no dash", "200 kept", field("Content_Length: 5")),
    row("a name twice", "200 kept", request(LIST, "X: 1", "X: 2")),
)

VALUES = section(
    "9110 5.5",
    row("other bytes in a value", "200 kept", field("X: \x80\xff\xe4")),
    row("UTF-8 in a value", "200 kept", field("X: \xc3\xb6")),
    row("a tab in a value", "200 kept", field("X: a\tb")),
    row("NUL in a value", "400 closed", field("X: a\0b"), choice="control characters"),
    row("NUL behind a value", "400 closed", field("X: a\0"), choice="control characters"),
    row("a value of NUL", "400 closed", field("X: \0"), choice="control characters"),
    row("a control character in a value", "400 closed", field("X: a\x01b"),
        choice="control characters"),
    row("a backspace in a value", "400 closed", field("X: a\x08b"), choice="control characters"),
    row("a vertical tab in a value", "400 closed", field("X: a\x0bb"),
        choice="control characters"),
    row("a form feed in a value", "400 closed", field("X: a\x0cb"), choice="control characters"),
    row("an escape character in a value", "400 closed", field("X: a\x1b[2Jb"),
        choice="control characters"),
    row("DEL in a value", "400 closed", field("X: a\x7fb"), choice="control characters"),
)

LIMITS = section(
    "9110 5.4",
    row("as many fields as may be", "200 kept", request(LIST, *["X: 1"] * (FIELDS_MAX - 1))),
    row("a field too many", "431 closed", request(LIST, *["X: 1"] * FIELDS_MAX)),
    row("a value that is too long", "431 closed", field("X: " + "a" * HEAD_MAX)),
    row("a name that is too long", "431 closed", field("X" * HEAD_MAX + ": 1")),
    row("a name without end", "431 closed", field("X" * HEAD_MAX)),
)

CASES = SYNTAX + NAMES + VALUES + LIMITS
