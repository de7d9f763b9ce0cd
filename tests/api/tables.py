"""The tables of src/api, read from the .def files themselves: a test that is about every route or
every field cannot miss one."""
import re
from collections import namedtuple

from rollcall import ROOT

Route = namedtuple("Route", "method path surfaces auth lane input")
Field = namedtuple("Field", "name type rule")


def _text(name):
    text = (ROOT / "src" / "api" / name).read_text()
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def routes():
    rows = re.findall(r'ROUTE\((\w+), "([^"]+)", ([\w |]+), (\w+), \w+, ([\w |]+), (\w+), \w+\)',
                      _text("routes.def"))
    assert len(rows) == _text("routes.def").count("ROUTE(")
    return [Route(method, path, set(surfaces.split(" | ")), auth, set(lane.split(" | ")),
                  name)
            for method, path, surfaces, auth, lane, name in rows]


def inputs():
    """The fields of each input, in the order in which errors are reported."""
    blocks = re.findall(r"INPUT\((\w+)\)(.*?)INPUT_END\(\1\)", _text("inputs.def"), re.DOTALL)
    return {name: [Field(*row) for row in re.findall(r"FIELD\((\w+), (\w+), (\w+)\)", body)]
            for name, body in blocks}


def types():
    return re.findall(r"TYPE\((\w+), \w+\)", _text("types.def"))
