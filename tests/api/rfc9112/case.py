"""One row of the table: bytes, and what follows from them.

A verdict is the statuses of the answers in their order, then what becomes of the connection: `kept`,
and a request behind it is answered, or `closed`, and it is not. A status of 400 and more is rollcall's
error in JSON. `closed` alone is an end without an answer.

A row with a choice is one where the RFC leaves room, or where rollcall leaves the RFC. The reason
stands under that name in docs/api-notes.md, "HTTP"."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    section: str  # of RFC 9112, or "9110 " and of RFC 9110
    name: str
    verdict: str
    pieces: tuple  # each is sent when the one before has been answered
    choice: str
    ends: bool  # the client says behind it that it sends no more

    @property
    def data(self):
        return b"".join(self.pieces)

    @property
    def statuses(self):
        return [int(word) for word in self.verdict.split()[:-1]]

    @property
    def kept(self):
        return self.verdict.split()[-1] == "kept"


def row(name, verdict, *pieces, choice="", ends=False):
    return lambda section: Case(section, name, verdict, pieces, choice, ends)


def section(number, *rows):
    return [make(number) for make in rows]
