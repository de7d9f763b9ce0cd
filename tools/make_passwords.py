#!/usr/bin/python3
"""Makes data/common_passwords.txt from the list in Debian's package python3-django.

Usage: make_passwords.py [DATA_DIRECTORY]
"""
import gzip
import os
import subprocess
import sys

SOURCE = "/usr/lib/python3/dist-packages/django/contrib/auth/common-passwords.txt.gz"


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "../data")
    version = subprocess.check_output(
        ["dpkg-query", "-W", "-f=${Version}", "python3-django"], text=True)
    with gzip.open(SOURCE, "rt", encoding="utf-8") as source:
        passwords = {line.strip().lower() for line in source}
    passwords = sorted((p.encode() for p in passwords if p and " " not in p))
    with open(os.path.join(folder, "common_passwords.txt"), "wb") as out:
        out.write(f"""\
# Common passwords in lower case, in order of their bytes: src/core/password.c searches by halving.
# Source: Debian python3-django {version}, common-passwords.txt.gz, by Royce Williams, BSD-3-Clause.
# Made by tools/make_passwords.py.
""".encode())
        out.write(b"".join(p + b"\n" for p in passwords))


main()
