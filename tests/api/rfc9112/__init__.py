"""The HTTP front against RFC 9112, as a table: what is sent, the section it comes from, and what must
follow. case.py says how to read a row."""
from . import answers, body, chunks, connection, fields, message, target

CASES = [case for part in (message, target, fields, body, chunks, connection, answers)
         for case in part.CASES]
