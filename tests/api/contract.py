"""Every answer that a test receives, held against the document at /openapi.json: its route must be
there, its status, its content type, and its body as the schema says, with no key more.

A client reports each exchange here (rollcall.Client.request); nobody has to ask for it."""
import functools
import json
import re
import urllib.parse

import fastjsonschema

# What the engine answers before any endpoint is asked: "default" of every operation.
ENGINE = {405, 408, 414, 417, 431, 505}
# Formats that are no more than hints.
FORMATS = {"int64": lambda _: True, "password": lambda _: True}


class Contract:
    def __init__(self, document):
        self.document = document
        self.schemas = document["components"]["schemas"]
        self.literal, self.templates = {}, []
        for path, operations in document["paths"].items():
            key = path.rstrip("/")
            if "{" in path:
                pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(key))
                self.templates.append((re.compile(pattern), operations))
            else:
                self.literal[key] = operations

    def operations(self, target):
        """Those of a path, by method."""
        path = urllib.parse.unquote(target.split("?")[0]).rstrip("/")
        if path in self.literal:
            return self.literal[path]
        return next((found for pattern, found in self.templates if pattern.fullmatch(path)), {})

    def resolve(self, part):
        while "$ref" in part:
            part = functools.reduce(lambda node, key: node[key], part["$ref"].split("/")[1:],
                                    self.document)
        return part

    @functools.lru_cache(maxsize=None)
    def validator(self, schema):
        """Of a schema, given as JSON so that equal ones are compiled once."""
        return fastjsonschema.compile({**json.loads(schema),
                                       "components": self.document["components"]},
                                      formats=FORMATS, use_default=False)

    def any_error(self):
        errors = [f"#/components/schemas/{name}" for name, schema in self.schemas.items()
                  if "const" in schema.get("properties", {}).get("error", {})]
        return {"anyOf": [{"$ref": error} for error in errors]}

    def expected(self, method, target, status, all_surfaces):
        """The response that the document has for this; None when anything but an error is wrong."""
        operation = self.operations(target).get("get" if method == "HEAD" else method.lower())
        if operation is None or (status == 404 and not all_surfaces):
            return None
        found = operation["responses"].get(str(status))
        if found is None and status in ENGINE:
            found = operation["responses"]["default"]
        assert found is not None, f"{method} {target} answers an undocumented {status}"
        return self.resolve(found)

    def check(self, method, target, status, headers, body, all_surfaces=True):
        if method == "OPTIONS" and status == 204:
            return
        response = self.expected(method, target, status, all_surfaces)
        if response is None:
            assert status >= 400, f"{method} {target} is in no document and answers {status}"
            response = {"content": {"application/json": {"schema": self.any_error()}}}
        if "content" not in response or method == "HEAD":
            assert not body, f"{method} {target} answers {status} with a body"
            return
        media = headers.get("Content-Type", "").split(";")[0]
        assert media in response["content"], f"{method} {target} answers {status} as {media}"
        if media != "application/json":
            return
        try:
            self.validator(json.dumps(response["content"][media]["schema"]))(json.loads(body))
        except fastjsonschema.JsonSchemaException as problem:
            raise AssertionError(f"{method} {target} answers {status} with {body[:2000]!r}: "
                                 f"{problem.message}") from problem
