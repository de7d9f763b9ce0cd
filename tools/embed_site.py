#!/usr/bin/python3
"""Writes the files that the program serves, each as it is, as NAME.br and NAME.gz where that is
shorter, and NAME.tag, which changes when the file does; then a C file that carries them all
(embed.py).

Scripts, styles and icons get a hash of their content into their names (docs.js is docs-HASH.js), and so
do the links to them in pages: who has one may keep it for ever.

Usage: embed_site.py FOLDER OUTPUT INPUT...
"""
import base64
import gzip
import hashlib
import json
import pathlib
import re
import subprocess
import sys

import brotli

PARTS = {".js", ".css", ".svg"}
LINK = re.compile(r'(?<=["/])([\w.-]+)\.(js|css|svg)(?=")')


def tag(content):
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest())[:16].decode()


def contents(paths):
    """Name and content of each, as they are served."""
    files = {path.name: path.read_bytes() for path in paths}
    names = {name: name for name in files}
    for name in files:
        stem, suffix = pathlib.Path(name).stem, pathlib.Path(name).suffix
        if suffix in PARTS:
            names[name] = f"{stem}-{tag(files[name])}{suffix}"
    for name, content in files.items():
        if name.endswith(".json"):
            json.loads(content)  # fails the build when it is none
        if name.endswith(".html"):  # a link to a part that is not there fails it too
            content = LINK.sub(lambda found: names[found[0]], content.decode()).encode()
        yield names[name], content


def forms(name, content):
    yield name, content
    yield name + ".tag", tag(content).encode()
    for suffix, shorter in ((".br", brotli.compress(content)),
                            (".gz", gzip.compress(content, 9, mtime=0))):
        if len(shorter) < len(content):
            yield name + suffix, shorter


def main():
    folder, output, inputs = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for whole_name, whole in contents([pathlib.Path(path) for path in inputs]):
        for name, content in forms(whole_name, whole):
            (folder / name).write_bytes(content)
            written.append(folder / name)
    embed = pathlib.Path(__file__).with_name("embed.py")
    subprocess.run([sys.executable, embed, "embedded_site", output, *written], check=True)


main()
