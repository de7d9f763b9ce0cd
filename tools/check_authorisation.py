#!/usr/bin/python3
"""Fails while the table of who may ask what (docs/authorisation.md) and the routes (src/api/routes.def)
differ: a route without a row, or a row without a route.

Usage: check_authorisation.py ROUTES_DEF TABLE_MD [OUTPUT]

Meson runs it in every build; OUTPUT is a header with nothing in it, for that.
"""
import pathlib
import re
import sys

ROUTE = re.compile(r'^ROUTE\((\w+), "([^"]+)"', re.MULTILINE)
ROW = re.compile(r"^\| `(\w+) (/[^`]*)`", re.MULTILINE)


def endpoints(pattern, file):
    return {f"{method} {path}" for method, path in pattern.findall(pathlib.Path(file).read_text())}


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__.strip())
    routes, rows = endpoints(ROUTE, sys.argv[1]), endpoints(ROW, sys.argv[2])
    for endpoint in sorted(routes - rows):
        print(f"{sys.argv[2]}: no row says who may ask {endpoint}", file=sys.stderr)
    for endpoint in sorted(rows - routes):
        print(f"{sys.argv[2]}: there is no endpoint {endpoint}", file=sys.stderr)
    if routes != rows or not routes:
        sys.exit(1)
    if len(sys.argv) == 4:
        pathlib.Path(sys.argv[3]).write_text("/* docs/authorisation.md has every route. */\n")


main()
