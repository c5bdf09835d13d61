"""The served OpenAPI document as a judge: every answer that a test gets is held against it."""

import functools
import json
import re

import jsonschema_rs

from . import page

METHODS = ("get", "put", "post", "delete", "patch")
PROBLEM = "application/problem+json"
PAGE = ("text/html", "text/css", "text/javascript", "image/svg+xml")


class Broken(AssertionError):
    """An answer is not as the description promises, or is not in it."""


class Contract:
    """`check(method, path, answer)` raises ``Broken`` unless the description has this answer: operation, status, header
    fields, content type and, for JSON, every member of the body. The web page is no part of the API: at its paths
    (ground/page.py) there are its files, to be read and nothing else."""

    @staticmethod
    def of(rest):
        """The contract of a server; of servers that serve the same document, the same."""
        return Contract._of(rest.get("/openapi.json").must(200).body)

    @staticmethod
    @functools.lru_cache(maxsize=4)
    def _of(document):
        return Contract(json.loads(document))

    def __init__(self, document):
        self.document = document
        self._validators = {}
        # A segment that is spelt out wins over a parameter, as in the server's table.
        paths = sorted(document["paths"], key=lambda path: path.count("{"))
        self._paths = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + "/?"), path) for path in paths]

    def operations(self):
        """Every operation: method in upper case, path, what is said of it."""
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield method.upper(), path, item[method]

    def resolved(self, value):
        """What a reference leads to; anything else is itself."""
        while "$ref" in value:
            target = self.document
            for name in value["$ref"].split("/")[1:]:
                target = target[name]
            value = target
        return value

    def check(self, method, path, answer):
        path = path.split("?")[0]
        template = next((template for pattern, template in self._paths if pattern.fullmatch(path)), None)
        try:
            if template is None and page.is_path(path):
                self._check_page(method, answer)
                return
            if template is None:
                self._check_problem(method, answer, 404, "not-found")
                return
            item = self.document["paths"][template]
            operation = item.get("get" if method == "HEAD" else method.lower())
            if operation is None:
                known = [name.upper() for name in METHODS if name in item] + (["HEAD"] if "get" in item else [])
                self._check_other_method(method, answer, known)
                return
            self._check_response(operation, (template, method), method, answer)
        except Broken as broken:
            raise Broken(f"{method} {path} → {answer.status}: {broken}; the body was {answer.body[:2000]!r}") from None

    def _check_response(self, operation, key, method, answer):
        response = operation["responses"].get(str(answer.status))
        self._demand(response is not None, f"described are {', '.join(operation['responses'])} only")
        for name, header in response.get("headers", {}).items():
            value = next((value for field, value in answer.headers.items() if field.lower() == name.lower()), None)
            header = self.resolved(header)
            if value is None:
                self._demand(not header["required"], f"there is no {name}")
                continue
            schema = header["schema"]
            self.validate(("header", name), schema, int(value) if schema.get("type") == "integer" else value)
        content = response.get("content")
        if method == "HEAD" or content is None:
            self._demand(answer.body == b"", "there must be no body")
            return
        type = self._type(answer)
        self._demand(type in content, f"{type} is none of {', '.join(content)}")
        if type.endswith("json") or type.startswith("text/"):
            self.validate((*key, answer.status, type), content[type]["schema"], self._value(type, answer))

    def _check_page(self, method, answer):
        if method not in ("GET", "HEAD"):
            self._check_other_method(method, answer, ["GET", "HEAD"])
            return
        self._demand(answer.status in (200, 304), "must be 200 or 304")
        if answer.status == 200:
            self._demand(self._type(answer) in PAGE, f"must be one of {', '.join(PAGE)}")
        if answer.status == 304 or method == "HEAD":
            self._demand(answer.body == b"", "there must be no body")

    def _check_other_method(self, method, answer, known):
        self._check_problem(method, answer, 405, "method-not-allowed")
        allowed = answer.headers["Allow"].split(", ")
        self._demand(sorted(allowed) == sorted(known), f"Allow is {allowed}, and known are {known}")

    def _check_problem(self, method, answer, status, word):
        self._demand(answer.status == status, f"must be {status}")
        self._demand(self._type(answer) == PROBLEM, f"must be {PROBLEM}")
        if method == "HEAD":
            return
        body = self._value(PROBLEM, answer)
        self.validate("Problem", {"$ref": "#/components/schemas/Problem"}, body)
        self._demand(body["type"] == f"/problems/{word}", f"must be the problem {word}")

    @staticmethod
    def _type(answer):
        value = next((value for field, value in answer.headers.items() if field.lower() == "content-type"), None)
        return value and value.split(";")[0].strip()

    @staticmethod
    def _value(type, answer):
        return json.loads(answer.body) if type.endswith("json") else answer.body.decode()

    def validate(self, key, schema, value):
        """Raises unless `value` is as `schema` has it; `key` names the schema, which is made ready once."""
        validator = self._validators.get(key)
        if validator is None:
            validator = jsonschema_rs.Draft202012Validator(
                schema | {"components": self.document["components"]}, validate_formats=True)
            self._validators[key] = validator
        faults = [f"{'/'.join(map(str, fault.instance_path))}: {fault.message}"
                  for fault in validator.iter_errors(value)]
        self._demand(not faults, "; ".join(faults[:5]))

    @staticmethod
    def _demand(holds, otherwise):
        if not holds:
            raise Broken(otherwise)
