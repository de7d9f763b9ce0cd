"""RFC 9112 §6: how long a body is, in the order of §6.3; and §11.2, who counts on two answers to that."""
from wire import ASK, JSON, LIST, OBJECT, SIZED, request

from .case import row, section

OLD_ASK = "POST /api/check/auth/ HTTP/1.0"
EMPTY = b"0\r\n\r\n"


def length(value, body=b""):
    return request(ASK, f"Content-Length:{value}", JSON, body=body)


def encoding(*values, body=EMPTY, line=ASK):
    return request(line, *(f"Transfer-Encoding:{value}" for value in values), body=body)


BODY = section(
    "6",
    row("no body", "200 kept", request(ASK)),
    row("a body", "200 kept", request(ASK, SIZED, JSON, body=OBJECT)),
    row("a body without a length is the next request", "200 400 closed",
        request(ASK, JSON, body=OBJECT)),
) + section(
    "9110 9.3.1",
    row("GET with a body", "200 kept", request(LIST, SIZED, JSON, body=OBJECT),
        choice="bodies of GET"),
    row("GET with chunks", "200 kept",
        request(LIST, "Transfer-Encoding: chunked", JSON, body=b"2\r\n{}\r\n" + EMPTY),
        choice="bodies of GET"),
    row("GET with a request for its body", "200 kept",
        request(LIST, "Content-Length: 52", JSON,
                body=b"GET /smuggled HTTP/1.1\r\nX-Request-Id: smuggled\r\n\r\n  "),
        choice="bodies of GET"),
) + section(
    "9110 9.3.5",
    row("DELETE with a body", "401 kept",
        request("DELETE /careers/users/me/ HTTP/1.1", SIZED, JSON, body=OBJECT)),
)

LENGTH = section(
    "6.2",
    row("length 0", "200 kept", length(" 0")),
    row("a length with zeros before it", "200 kept", length(" 0008", OBJECT)),
    row("a length with thirty zeros before it", "200 kept", length(f" {'0' * 30}8", OBJECT)),
    row("a length among blanks", "200 kept", length(" \t 8  ", OBJECT)),
    row("a length before a tab", "400 closed", length(" 8\t", OBJECT), choice="trailing tabs"),
    row("a name in any case", "200 kept", request(ASK, "cONTENT-lENGTH: 8", JSON, body=OBJECT)),
) + section(
    "6.3",
    row("an empty length", "400 closed", length("")),
    row("a length of blanks", "400 closed", length(" \t ")),
    row("a length with a plus", "400 closed", length(" +0")),
    row("a length with a minus", "400 closed", length(" -1")),
    row("minus nothing", "400 closed", length(" -0")),
    row("a length in hexadecimal", "400 closed", length(" 0x8", OBJECT)),
    row("hexadecimal digits", "400 closed", length(" a", b"  " + OBJECT)),
    row("a length with a point", "400 closed", length(" 8.0", OBJECT)),
    row("a length with an exponent", "400 closed", length(" 8e0", OBJECT)),
    row("a length with a blank inside", "400 closed", length(" 1 0", b"  " + OBJECT)),
    row("a length and a letter", "400 closed", length(" 8a", OBJECT)),
    row("a length in quotes", "400 closed", length(' "8"', OBJECT)),
    row("a length in other digits", "400 closed", length(" \xb2", b"{}")),
    row("a length and a parameter", "400 closed", length(" 8;a", OBJECT)),
    row("a list of equal lengths", "400 closed", length(" 8, 8", OBJECT),
        choice="repeated lengths"),
    row("a list of lengths", "400 closed", length(" 8, 9", OBJECT)),
    row("a length behind a comma", "400 closed", length(" ,8", OBJECT)),
    row("a length before a comma", "400 closed", length(" 8,", OBJECT)),
    row("a length twice", "400 closed", request(ASK, SIZED, SIZED, JSON, body=OBJECT),
        choice="repeated lengths"),
    row("two lengths", "400 closed", request(ASK, SIZED, "Content-Length: 0", JSON, body=OBJECT)),
    row("two lengths, the other way", "400 closed",
        request(ASK, "Content-Length: 0", SIZED, JSON, body=OBJECT)),
    row("an empty length and a good one", "400 closed",
        request(ASK, "Content-Length:", SIZED, JSON, body=OBJECT)),
    row("a length of a 1.0 request", "200 closed", request(OLD_ASK, SIZED, JSON, body=OBJECT)),
) + section(
    "9110 15.5.14",
    row("a length past the limit", "413 closed", length(" 65537")),
    row("a length past 32 bits", "413 closed", length(" 4294967296")),
    row("the largest length of 64 bits", "413 closed", length(" 18446744073709551615")),
) + section(
    "9110 8.6",
    row("a length past 64 bits", "400 closed", length(" 18446744073709551616")),
    row("a length past 64 bits that would be 8 again", "400 closed",
        length(" 18446744073709551624", OBJECT)),
    row("a length past all bits", "400 closed", length(f" 1{'0' * 60}")),
)

ENCODING = section(
    "6.1",
    row("chunked", "200 kept", encoding(" chunked")),
    row("chunked in any case", "200 kept",
        request(ASK, "transfer-ENCODING: \tChUnKeD  ", body=EMPTY)),
    row("chunked before a tab", "400 closed", encoding(" chunked\t"), choice="trailing tabs"),
    row("chunked on 1.0", "400 closed", encoding(" chunked", line=OLD_ASK)),
    row("chunked and a length on 1.0", "400 closed",
        request(OLD_ASK, "Content-Length: 5", "Transfer-Encoding: chunked", body=EMPTY)),
    row("gzip on 1.0", "400 closed", encoding(" gzip", line=OLD_ASK)),
    row("an unknown coding, chunked", "400 closed", encoding(" rot13, chunked"),
        choice="transfer codings"),
    row("gzip, chunked", "400 closed", encoding(" gzip, chunked"), choice="transfer codings"),
    row("gzip and chunked in two fields", "400 closed", encoding(" gzip", " chunked"),
        choice="transfer codings"),
    row("identity, chunked", "400 closed", encoding(" identity, chunked"),
        choice="transfer codings"),
    row("a comma before chunked", "400 closed", encoding(" ,chunked"), choice="transfer codings"),
    row("a comma behind chunked", "400 closed", encoding(" chunked,"), choice="transfer codings"),
    row("an empty field and chunked", "400 closed", encoding("", " chunked"),
        choice="transfer codings"),
    row("chunked with a parameter", "400 closed", encoding(" chunked;a=b")),
    row("chunked, chunked", "400 closed", encoding(" chunked, chunked")),
    row("chunked twice", "400 closed", encoding(" chunked", " chunked")),
) + section(
    "6.3",
    row("chunked, gzip", "400 closed", encoding(" chunked, gzip")),
    row("chunked and gzip in two fields", "400 closed", encoding(" chunked", " gzip")),
    row("gzip", "400 closed", encoding(" gzip")),
    row("identity", "400 closed", encoding(" identity")),
    row("an empty encoding", "400 closed", encoding("")),
    row("chunked and a length", "400 closed",
        request(ASK, "Transfer-Encoding: chunked", "Content-Length: 5", body=EMPTY),
        choice="length and encoding"),
    row("a length and chunked", "400 closed",
        request(ASK, "Content-Length: 5", "Transfer-Encoding: chunked", body=EMPTY),
        choice="length and encoding"),
    row("identity and a length", "400 closed",
        request(ASK, "Content-Length: 8", "Transfer-Encoding: identity", JSON, body=OBJECT),
        choice="length and encoding"),
)

# ---- Smuggling ----------------------------------------------------------------------------------

INSIDE = b"GET /smuggled HTTP/1.1\r\nHost: test\r\nX-Request-Id: smuggled\r\n\r\n"
BEHIND = EMPTY + INSIDE


def hidden(*fields):
    """Two fields that frame: INSIDE is body to who goes by the length, a request to the other."""
    return request(ASK, *fields, JSON, body=BEHIND)


CL = f"Content-Length: {len(BEHIND)}"
SHORT = "Content-Length: 4"

SMUGGLING = section(
    "11.2",
    row("CL.TE", "400 closed", hidden(CL, "Transfer-Encoding: chunked")),
    row("TE.CL", "400 closed",
        request(ASK, SHORT, "Transfer-Encoding: chunked", JSON,
                body=b"%x\r\n%b\r\n" % (len(INSIDE), INSIDE) + EMPTY)),
    row("CL.0", "413 closed", hidden("Content-Length: 99999999999")),
    row("CL.CL", "400 closed", hidden(CL, "Content-Length: 5")),
    row("a body that is a request", "400 kept",
        request(ASK, f"Content-Length: {len(INSIDE)}", JSON, body=INSIDE)),
    row("a chunk that is a request", "400 kept",
        request(ASK, "Transfer-Encoding: chunked", JSON,
                body=b"%x\r\n%b\r\n" % (len(INSIDE), INSIDE) + EMPTY)),
) + section(
    "11.2",
    *(row(f"TE.TE: {name}", "400 closed", hidden(CL, field)) for name, field in {
        "xchunked": "Transfer-Encoding: xchunked",
        "chunkedx": "Transfer-Encoding: chunkedx",
        "chunked in quotes": 'Transfer-Encoding: "chunked"',
        "chunked in single quotes": "Transfer-Encoding: 'chunked'",
        "chunked and a blank": "Transfer-Encoding: chunked x",
        "a blank before the colon": "Transfer-Encoding : chunked",
        "a tab before the colon": "Transfer-Encoding\t: chunked",
        "a blank before the name": " Transfer-Encoding: chunked",
        "a vertical tab before the value": "Transfer-Encoding: \x0bchunked",
        "a form feed behind the value": "Transfer-Encoding: chunked\x0c",
        "a hard space before the value": "Transfer-Encoding: \xa0chunked",
        "NUL before the value": "Transfer-Encoding: \0chunked",
        "CR before the value": "Transfer-Encoding: \rchunked",
        "LF before the value": "Transfer-Encoding:\n chunked",
        "a folded value": "Transfer-Encoding:\r\n chunked",
        "a field in the one before": "X: x\nTransfer-Encoding: chunked",
        "a field behind CR": "X: x\rTransfer-Encoding: chunked",
        "a second field": "Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
        "a second field before": "Transfer-Encoding: x\r\nTransfer-Encoding: chunked",
        "identity": "Transfer-Encoding: identity",
        "a sharp K": "Transfer-Encoding: chun\xe2\x84\xaaed",
    }.items()),
) + section(
    "11.2",
    *(row(f"a name that is not Transfer-Encoding: {name}", "400 kept", hidden(CL, field))
      for name, field in {
          "underscore": "Transfer_Encoding: chunked",
          "prefix": "X-Transfer-Encoding: chunked",
          "no dash": "TransferEncoding: chunked",
          "TE": "TE: chunked",
          "Content-Encoding": "Content-Encoding: chunked",
      }.items()),
    row("a name that is not Content-Length: underscore", "200 kept",
        request(ASK, "Content_Length: 500")),
    row("lengths by other names", "200 kept",
        request(ASK, "X-Content-Length: 500", "Content-Length-X: 500", "Length: 500")),
)

CASES = BODY + LENGTH + ENCODING + SMUGGLING
