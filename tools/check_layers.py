#!/usr/bin/python3
"""Fails on an #include under src/ that goes against the layers (ARCHITECTURE.md).

Usage: check_layers.py [FOLDER]   (the project's own src/ by default)

Prints each offence as file:line and exits 1; says that all is well in one line otherwise.
"""
import pathlib
import re
import sys

ALL = {"base", "db", "http", "core", "api", "cli"}
MAY_USE = {
    "base": {"base"},
    "db": {"base", "db"},
    "http": {"base", "http"},
    "core": {"base", "db", "core"},
    "api": {"base", "http", "core", "api"},
    "cli": ALL,
    "main.c": ALL,
}
# The one place where requests' threads get their database handles.
EXCEPTIONS = {("api/service.c", "db/db.h")}
INCLUDE = re.compile(r'\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')


def offence(file, quoted, angled):
    """What is wrong with one #include, or None. `file` is a path below src/."""
    included = pathlib.PurePosixPath(quoted or angled)
    if ".." in included.parts:
        return f"{included} leaves the include folder"
    layer = included.parts[0]
    if angled and layer not in ALL or len(included.parts) == 1:
        return None  # the system's, or a neighbour in the same folder
    if (str(file), str(included)) in EXCEPTIONS or layer in MAY_USE[file.parts[0]]:
        return None
    if layer not in ALL:
        return f"{included} belongs to no layer"
    return f"{file.parts[0]} must not use {included}"


def check(root):
    """Offences as lines of text, and the number of #includes looked at."""
    found, count = [], 0
    for path in sorted(root.rglob("*")):
        if path.suffix not in {".c", ".h", ".def"}:
            continue
        file = path.relative_to(root)
        if file.parts[0] not in MAY_USE:
            found.append(f"{path}:1: {file.parts[0]} is no layer")
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            count += 1
            problem = offence(file, *match.groups())
            if problem:
                found.append(f"{path}:{number}: {problem}")
    return found, count


def main():
    root = pathlib.Path(__file__).resolve().parent.parent / "src"
    if len(sys.argv) > 1:
        root = pathlib.Path(sys.argv[1])
    found, count = check(root)
    if found or not count:
        print("\n".join(found) or f"{root}: no #include found")
        sys.exit(1)
    print(f"layers: {count} includes follow the arrows")


main()
