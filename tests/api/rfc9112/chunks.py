"""RFC 9112 §7.1: chunks."""
from wire import FIELDS_MAX, HEAD_MAX, OBJECT, chunked

from .case import row, section

DATA = b"8\r\n" + OBJECT + b"\r\n"


def size(line, data=OBJECT):
    """One chunk with this line before it."""
    return chunked(line + b"\r\n" + data + b"\r\n")


def extension(text):
    return size(b"8" + text)


def trailer(fields):
    return chunked(DATA, end=b"0\r\n" + fields + b"\r\n")


SIZES = section(
    "7.1",
    row("no chunks", "200 kept", chunked()),
    row("one chunk", "200 kept", size(b"8")),
    row("two chunks", "200 kept", chunked(b'4\r\n{"a"\r\n', b"4\r\n: 1}\r\n")),
    row("chunks of one byte", "200 kept",
        chunked(*(b"1\r\n%c\r\n" % byte for byte in OBJECT))),
    row("line ends in a chunk are data", "200 kept",
        chunked(b'a\r\n\r\n{"a":0}\n\r\n')),
    row("a size in capitals", "200 kept", size(b"A", b"  " + OBJECT)),
    row("a size in small letters", "200 kept", size(b"a", b"  " + OBJECT)),
    row("a size with zeros before it", "200 kept",
        chunked(b"0008\r\n" + OBJECT + b"\r\n", end=b"000\r\n\r\n")),
    row("a size with a hundred zeros before it", "200 kept", size(b"0" * 100 + b"8")),
    row("an empty size", "400 closed", size(b"")),
    row("a size of no digit", "400 closed", size(b"g")),
    row("a size and a letter", "400 closed", size(b"8g")),
    row("a size with a plus", "400 closed", size(b"+8")),
    row("a size with a minus", "400 closed", size(b"-8")),
    row("a size with 0x", "400 closed", size(b"0x8")),
    row("a size with h", "400 closed", size(b"8h")),
    row("a size with an underscore", "400 closed", size(b"0_8")),
    row("a blank before a size", "400 closed", size(b" 8")),
    row("a blank in a size", "400 closed", size(b"0 8")),
    row("a size in other digits", "400 closed", size(b"\xb2", b"{}")),
    row("NUL in a size", "400 closed", size(b"8\0")),
    row("a size past the limit", "413 closed", chunked(b"10001\r\n")),
    row("sizes past the limit together", "413 closed", chunked(DATA, b"fff9\r\n")),
    row("a size past 32 bits", "413 closed", size(b"100000008")),
    row("the largest size of 64 bits", "413 closed", chunked(b"ffffffffffffffff\r\n")),
    row("a size past 64 bits", "400 closed", chunked(b"10000000000000000\r\n")),
    row("a size past 64 bits that would be 8 again", "400 closed", size(b"10000000000000008")),
    row("a size past all bits", "400 closed", chunked(b"8" * 40 + b"\r\n")),
    row("a chunk that is longer than it says", "400 closed", size(b"7")),
    row("a chunk that is shorter than it says", "400 closed", size(b"9")),
    row("no line end behind a chunk", "400 closed", chunked(b"8\r\n" + OBJECT)),
    row("two line ends behind a chunk", "400 closed", chunked(b"8\r\n" + OBJECT + b"\r\n\r\n")),
    row("LF behind a size", "400 closed", chunked(b"8\n" + OBJECT + b"\r\n"), choice="bare LF"),
    row("CR behind a size", "400 closed", chunked(b"8\r" + OBJECT + b"\r\n")),
    row("LF behind a chunk", "400 closed", chunked(b"8\r\n" + OBJECT + b"\n"),
        choice="bare LF"),
    row("CR behind a chunk", "400 closed", chunked(b"8\r\n" + OBJECT + b"\r")),
    row("LF behind the last chunk", "400 closed", chunked(DATA, end=b"0\n\n"), choice="bare LF"),
    row("LF in place of the last empty line", "400 closed", chunked(DATA, end=b"0\r\n\n"),
        choice="bare LF"),
    row("a chunk behind the last one", "400 closed", chunked(DATA, end=b"0\r\n" + DATA)),
)

EXTENSIONS = section(
    "7.1.1",
    row("a name", "200 kept", extension(b";a")),
    row("a name and a value", "200 kept", extension(b";a=b")),
    row("two names", "200 kept", extension(b";a;b")),
    row("odd characters", "200 kept", extension(b";!#$%&'*+-.^_`|~=!#$%&'*+-.^_`|~")),
    row("a quoted value", "200 kept", extension(b';a="b c;d,e=f"')),
    row("an empty quoted value", "200 kept", extension(b';a=""')),
    row("quoted values and names", "200 kept", extension(b';a="b";c="d";e')),
    row("a tab and other bytes in quotes", "200 kept", extension(b';a="\t\xe4"')),
    row("an extension of the last chunk", "200 kept", chunked(DATA, end=b"0;a=b\r\n\r\n")),
    row("a quoted pair", "400 closed", extension(b';a="\\""'), choice="chunk extensions"),
    row("an extension behind a value", "400 closed", extension(b";a=b;c"),
        choice="chunk extensions"),
    row("a blank before the semicolon", "400 closed", extension(b" ;a"),
        choice="chunk extensions"),
    row("a tab before the semicolon", "400 closed", extension(b"\t;a"),
        choice="chunk extensions"),
    row("a blank behind the semicolon", "400 closed", extension(b"; a"),
        choice="chunk extensions"),
    row("blanks around the equals sign", "400 closed", extension(b";a = b"),
        choice="chunk extensions"),
    row("a blank behind the size", "400 closed", extension(b" ")),
    row("a blank behind an extension", "400 closed", extension(b";a ")),
    row("an empty value", "200 kept", extension(b";a="), choice="crude extensions"),
    row("an empty name", "200 kept", extension(b";=b"), choice="crude extensions"),
    row("two semicolons", "200 kept", extension(b";;a"), choice="crude extensions"),
    row("nothing behind the semicolon", "400 closed", extension(b";")),
    row("a name that is no token", "400 closed", extension(b";a@b")),
    row("other bytes in a name", "400 closed", extension(b";\xe4")),
    row("quotes without end", "400 closed", extension(b';a="b')),
    row("more behind the quotes", "400 closed", extension(b';a="b"c')),
    row("a line end in quotes", "400 closed", extension(b';a="\r\n"')),
    row("NUL in an extension", "400 closed", extension(b";a\0b")),
    row("NUL in quotes", "400 closed", extension(b';a="\0"')),
    row("LF in an extension", "400 closed", extension(b";a\nb")),
    row("CR in an extension", "400 closed", extension(b";a\rb")),
    row("LF behind an extension", "400 closed", chunked(b"8;a\n" + OBJECT + b"\r\n"),
        choice="bare LF"),
    row("a long extension", "200 kept", extension(b";" + b"a" * 1000)),
    row("an extension that is too long", "400 closed", extension(b";" + b"a" * 1100),
        choice="long extensions"),
    row("extensions that are too long together", "400 closed",
        chunked(*[b"1;%b\r\n \r\n" % (b"a" * 100)] * 11), choice="long extensions"),
)

TRAILERS = section(
    "7.1.2",
    row("a trailer", "200 kept", trailer(b"X-Sum: 1\r\nX: 2\r\n"), choice="trailers"),
    row("a trailer of an empty body", "200 kept", chunked(end=b"0\r\nX: 1\r\n\r\n"),
        choice="trailers"),
    row("a length in the trailer", "200 kept", trailer(b"Content-Length: 500\r\n"),
        choice="trailers"),
    row("an encoding in the trailer", "200 kept", trailer(b"Transfer-Encoding: chunked\r\n"),
        choice="trailers"),
    row("Host in the trailer", "200 kept", trailer(b"Host: other\r\n"), choice="trailers"),
    row("close in the trailer", "200 kept", trailer(b"Connection: close\r\n"),
        choice="trailers"),
    row("an expectation in the trailer", "200 kept", trailer(b"Expect: more\r\n"),
        choice="trailers"),
    row("a credential in the trailer", "200 kept", trailer(b"Authorization: Bearer x\r\n"),
        choice="trailers"),
    row("a trailer without a colon", "400 closed", trailer(b"X\r\n")),
    row("a trailer without a name", "400 closed", trailer(b": 1\r\n")),
    row("a blank before the colon of a trailer", "400 closed", trailer(b"X : 1\r\n")),
    row("a folded trailer", "400 closed", trailer(b"X: 1\r\n 2\r\n"), choice="folded lines"),
    row("NUL in a trailer", "400 closed", trailer(b"X: \0\r\n"), choice="control characters"),
    row("LF behind a trailer", "400 closed", trailer(b"X: 1\n"), choice="bare LF"),
    row("CR in a trailer", "400 closed", trailer(b"X: a\rb\r\n")),
    row("a request for a trailer", "400 closed", trailer(b"GET / HTTP/1.1\r\nHost: test\r\n")),
    row("as many trailers as may be", "200 kept", trailer(b"X: 1\r\n" * FIELDS_MAX)),
    row("a trailer too many", "431 closed", trailer(b"X: 1\r\n" * (FIELDS_MAX + 1))),
    row("a trailer that is too long", "431 closed", trailer(b"X: " + b"a" * HEAD_MAX + b"\r\n")),
)

CASES = SIZES + EXTENSIONS + TRAILERS
