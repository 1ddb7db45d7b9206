"""Google's published description of the two APIs, read from the package google-api-python-client."""

from __future__ import annotations

import functools
import importlib.util
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote


@dataclass(frozen=True)
class Method:
    """One method of an API: where it lives, what it takes, what it answers, which scopes open it."""

    id: str
    http_method: str
    pattern: re.Pattern[str]
    parameters: dict[str, dict[str, Any]]
    request: str | None
    response: str | None
    scopes: frozenset[str]

    @property
    def service(self) -> str:
        """`sheets` or `drive`."""
        return self.id.partition(".")[0]


class Description:
    """A discovery document: its methods and schemas."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.schemas: dict[str, dict[str, Any]] = document["schemas"]
        self.common_parameters: dict[str, dict[str, Any]] = document["parameters"]
        # Filled by the conformance check: message name -> test of a value.
        self.checkers: dict[str, Callable[[Any], bool]] = {}
        self.base_path = "/" + document["servicePath"]
        self.methods = list(self._methods(document))

    def _methods(self, resource: dict[str, Any]) -> list[Method]:
        found = [
            Method(
                id=method["id"],
                http_method=method["httpMethod"],
                pattern=_path_pattern(self.base_path + method["path"]),
                parameters=method.get("parameters", {}),
                request=method.get("request", {}).get("$ref"),
                response=method.get("response", {}).get("$ref"),
                scopes=frozenset(scope.rpartition("/")[2] for scope in method.get("scopes", [])),
            )
            for method in resource.get("methods", {}).values()
        ]
        for child in resource.get("resources", {}).values():
            found.extend(self._methods(child))
        return found

    def resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema behind a `$ref`, or the schema itself."""
        return self.schemas[schema["$ref"]] if "$ref" in schema else schema


def _path_pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    # A path parameter ends at the next raw slash; colons may be part of it (a range is `Sheet1!A1:B2`).
    names = [f"(?P<{text}>[^/]+)" if index % 2 else re.escape(text) for index, text in enumerate(parts)]
    return re.compile("".join(names) + r"\Z")


@functools.cache
def load(service: str) -> Description:
    """The description of `sheets` or `drive`; read once, at the first call."""
    version = {"sheets": "sheets.v4", "drive": "drive.v3"}[service]
    spec = importlib.util.find_spec("googleapiclient")
    if spec is None or spec.origin is None:
        raise RuntimeError("The tests need google-api-python-client, whose package holds Google's API descriptions.")
    path = Path(spec.origin).parent / "discovery_cache" / "documents" / f"{version}.json"
    return Description(json.loads(path.read_text(encoding="utf-8")))


def find_method(http_method: str, raw_path: str) -> tuple[Method, dict[str, str]] | None:
    """The method that serves a request, and its path parameters decoded; None where there is none."""
    description = load("drive" if raw_path.startswith("/drive/") else "sheets")
    matches = []
    for method in description.methods:
        match = method.pattern.match(raw_path)
        if match and method.http_method == http_method:
            matches.append((method, {name: unquote(text) for name, text in match.groupdict().items()}))
    # `values/{range}:append` also fits `values/{range}`-like templates: the longest template is the most specific.
    return max(matches, key=lambda found: len(found[0].pattern.pattern), default=None)
