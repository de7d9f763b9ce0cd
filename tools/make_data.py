#!/usr/bin/python3
"""Makes data/countries.tsv, data/languages.tsv and data/timezones.tsv from Debian's packages
iso-codes and tzdata.

Usage: make_data.py [DATA_DIRECTORY]

Ids that have been shipped never change: the old countries.tsv is read first, what it lists keeps
its id (and stays, should the source drop it), and what is new is given the next free one.
"""
import json
import os
import re
import subprocess
import sys
import unicodedata

ISO_CODES = "/usr/share/iso-codes/json/"
TZDATA = "/usr/share/zoneinfo/tzdata.zi"

# Not in ISO 3166-1, which leaves XK to its users; GeoNames has cities there, and a city needs its
# country.
USER_ASSIGNED = {"XK": "Kosovo"}
FIRST = "US"  # id 1


def package_version(name):
    return subprocess.check_output(["dpkg-query", "-W", "-f=${Version}", name], text=True)


def iso(part):
    with open(f"{ISO_CODES}iso_{part}.json", encoding="utf-8") as source:
        return json.load(source)[part]


def rows_of(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as old:
        return [line.rstrip("\n").split("\t") for line in old if not line.startswith("#")]


def write(path, comments, rows):
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(f"# {line}\n" for line in comments)
        out.writelines("\t".join(row) + "\n" for row in rows)


def by_name(name):
    """Sorts Åland among the As."""
    plain = unicodedata.normalize("NFKD", name)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold(), name


def countries(path):
    names = {entry["alpha_2"]: entry.get("common_name", entry["name"]) for entry in iso("3166-1")}
    ids = {code: int(id_) for id_, code, _ in rows_of(path)}
    names = {code: name for _, code, name in rows_of(path)} | USER_ASSIGNED | names
    order = [FIRST] + sorted(set(names) - {FIRST} - set(USER_ASSIGNED)) + sorted(USER_ASSIGNED)
    for code in order:
        ids.setdefault(code, max(ids.values(), default=0) + 1)
    write(path, [
        "Countries, by name. id, ISO 3166-1 alpha-2 code, English name.",
        f"Source: Debian iso-codes {package_version('iso-codes')}, iso_3166-1.json, LGPL-2.1-or-later;"
        " XK is a user-assigned code.",
        "Made by tools/make_data.py. Ids never change.",
    ], [(str(ids[code]), code, names[code]) for code in sorted(names, key=lambda c: by_name(names[c]))])


def languages(path):
    rows = {}
    for entry in iso("639-3"):
        if entry["scope"] == "S":  # "undetermined", "multiple": not languages
            continue
        shortest = entry.get("alpha_2", entry["alpha_3"])
        for key in ("alpha_2", "alpha_3", "bibliographic"):
            if key in entry:
                rows[entry[key]] = (entry[key], shortest, entry.get("common_name", entry["name"]))
    write(path, [
        "Languages, by code. ISO 639-1, 639-2 or 639-3 code, the shortest code of the language, name.",
        f"Source: Debian iso-codes {package_version('iso-codes')}, iso_639-3.json, LGPL-2.1-or-later.",
        "Made by tools/make_data.py.",
    ], [rows[code] for code in sorted(rows)])


def timezones(path):
    with open(TZDATA, encoding="utf-8") as source:
        text = source.read()
    version = re.match(r"# version (\S+)", text).group(1)
    names = set(re.findall(r"^Z (\S+)", text, re.M)) | set(re.findall(r"^L \S+ (\S+)", text, re.M))
    names.discard("Factory")  # stands for "not set"
    write(path, [
        "Time zones, by name: the zones and links of the IANA time zone database.",
        f"Source: tzdata {version}, Debian {package_version('tzdata')}, tzdata.zi, public domain.",
        "Made by tools/make_data.py.",
    ], [(name,) for name in sorted(names)])


def main():
    data = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "../data")
    countries(os.path.join(data, "countries.tsv"))
    languages(os.path.join(data, "languages.tsv"))
    timezones(os.path.join(data, "timezones.tsv"))


main()
