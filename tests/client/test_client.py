"""The TypeScript client (clients/typescript), packed as it is published: made from the document that
this binary prints, compiled against, and used on a real server."""
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from rollcall import BINARY, PASSWORD, ROOT

CLIENT, SCENES = ROOT / "clients" / "typescript", Path(__file__).resolve().parent
PACKAGES = ROOT / "node_modules"
OPTIONS = ["--strict", "--noEmit", "--target", "ES2022", "--module", "NodeNext", "--lib",
           "ES2022,DOM,DOM.Iterable"]


def run(*command, cwd):
    nodes = [str(path) for path in PACKAGES.glob("node-linux-*/bin")]
    path = ":".join([*nodes, str(PACKAGES / ".bin"), os.environ["PATH"]])
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True,
                          timeout=300, env={**os.environ, "PATH": path})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def tarball(packages, tmp_path_factory):
    """What `npm publish` would send."""
    folder = tmp_path_factory.mktemp("client")
    shutil.copytree(CLIENT / "src", folder / "src", ignore=shutil.ignore_patterns("schema.ts"))
    for name in ("package.json", "tsconfig.json", "README.md"):
        shutil.copy(CLIENT / name, folder)
    (folder / "node_modules").symlink_to(PACKAGES)
    (folder / "openapi.json").write_bytes(subprocess.check_output([BINARY, "openapi"]))
    run("openapi-typescript", "openapi.json", "--output", "src/schema.ts", cwd=folder)
    run("tsc", "--project", "tsconfig.json", cwd=folder)
    packed = json.loads(run("npm", "pack", "--ignore-scripts", "--json", cwd=folder))
    return folder / packed[0]["filename"]


@pytest.fixture(scope="module")
def consumer(tarball, tmp_path_factory):
    """A project that has installed it."""
    folder = tmp_path_factory.mktemp("consumer")
    modules = folder / "node_modules"
    (modules / "@rollcall").mkdir(parents=True)
    with tarfile.open(tarball) as archive:
        archive.extractall(folder)
    (folder / "package").rename(modules / "@rollcall" / "client")
    for name in ("openapi-fetch", "openapi-typescript-helpers"):
        (modules / name).symlink_to(PACKAGES / name)
    (folder / "package.json").write_text('{"type": "module"}')
    for scene in SCENES.iterdir():
        shutil.copy(scene, folder)
    return folder


def test_the_package_has_what_it_needs_and_no_more(tarball):
    with tarfile.open(tarball) as archive:
        names = {name.removeprefix("package/") for name in archive.getnames()}
    modules = ("index", "renew", "schema", "session")
    assert names == {"package.json", "README.md"} | {
        f"dist/{name}.{suffix}" for name in modules for suffix in ("js", "d.ts")}


def test_right_use_compiles_and_wrong_use_does_not(consumer):
    run("tsc", *OPTIONS, "consumer.ts", cwd=consumer)


def test_it_works_on_a_real_server(consumer, server):
    user = server.user()
    out = json.loads(run("node", "scenario.mjs", server.url, user.username, PASSWORD, cwd=consumer))
    assert out["nobody"]["error"] == "authentication_required"
    assert out["me"] == user.username
    assert out["refreshesBefore"] == 0
    assert out["statuses"] == [200] * 20
    assert out["refreshes"] == 1, "one renewal for all who meet the same dead token"
    assert out["bio"] == "Sent twice"
    assert out["wrong"] == {"error": "validation_error", "message": "Invalid email format",
                            "field": "email"}
    # The session is over: one try, one refused renewal, the tokens forgotten.
    assert out["over"] == [401, "token_invalid", None, 2]
