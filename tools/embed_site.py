#!/usr/bin/python3
"""Writes the files that the program serves, each as it is, as NAME.br and NAME.gz where that is
shorter, and NAME.tag, which changes when the file does; then a C file that carries them all
(embed.py).

Usage: embed_site.py FOLDER OUTPUT INPUT...
"""
import base64
import gzip
import hashlib
import json
import pathlib
import subprocess
import sys

import brotli


def forms(name, content):
    if name.endswith(".json"):
        json.loads(content)  # fails the build when it is none
    yield name, content
    yield name + ".tag", base64.urlsafe_b64encode(hashlib.sha256(content).digest())[:16]
    for suffix, shorter in ((".br", brotli.compress(content)),
                            (".gz", gzip.compress(content, 9, mtime=0))):
        if len(shorter) < len(content):
            yield name + suffix, shorter


def main():
    folder, output, inputs = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for path in map(pathlib.Path, inputs):
        for name, content in forms(path.name, path.read_bytes()):
            (folder / name).write_bytes(content)
            written.append(folder / name)
    embed = pathlib.Path(__file__).with_name("embed.py")
    subprocess.run([sys.executable, embed, "embedded_site", output, *written], check=True)


main()
