"""Checks of requests and answers against Google's API description, with the messages that Google gives."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from .discovery import Description, Method
from .errors import bad_request
from .fieldmask import camel_case, parse_mask, snake_case

# Messages in which at most one field may be set; the description says so only in prose.
ONE_OF = {
    "Request": ("kind", None),
    "ExtendedValue": ("value", None),
    "DataFilter": ("filter", None),
    "ColorStyle": ("kind", None),
    "UpdateCellsRequest": ("area", ("start", "range")),
}

_NUMBER_TYPES = {"int32": "TYPE_INT32", "uint32": "TYPE_UINT32", "int64": "TYPE_INT64", "float": "TYPE_FLOAT"}
_INTEGER_BOUNDS = {"int32": (-(2**31), 2**31 - 1), "uint32": (0, 2**32 - 1)}

Violations = list[tuple[str, str]]


def read_json(body: bytes) -> Any:
    """The request's JSON; NaN, Infinity and broken text are refused as a strict parser refuses them."""

    def refuse(constant: str) -> Any:
        raise ValueError(constant)

    try:
        return json.loads(body or b"{}", parse_constant=refuse)
    except ValueError as problem:
        text = f"Invalid JSON payload received. Unexpected token.\n{problem}"
        raise bad_request([("", text)]) from None


def check_request(description: Description, method: Method, body: Any) -> Any:
    """The body in one spelling (camelCase, no nulls, numbers as numbers), or a 400 that lists every fault."""
    if method.request is None:
        return body
    violations: Violations = []
    # Where a method has path parameters, the body is a field of the whole request, and Google's paths start with it.
    prefix = {"ValueRange": "data", "Spreadsheet": "spreadsheet"}.get(method.request, "")
    checked = _Reader(description, violations, lenient=method.service == "drive").message(method.request, body, prefix)
    if violations:
        raise bad_request(violations)
    return checked


def check_query(description: Description, method: Method, query: dict[str, list[str]]) -> dict[str, Any]:
    """The query parameters with their types; repeated ones as lists."""
    violations: Violations = []
    values: dict[str, Any] = {}
    for name, texts in query.items():
        spelled = name if name in description.common_parameters else camel_case(name)
        schema = method.parameters.get(spelled) or description.common_parameters.get(spelled)
        if schema is None:
            # Drive is an older service and ignores parameters that it does not know; gspread sends it some.
            if method.service != "drive":
                text = (
                    f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
                    f"Field '{name}' could not be found in request message."
                )
                violations.append(("", text))
            continue
        parsed = [_query_value(schema, name, text, violations) for text in texts]
        if schema.get("repeated"):
            values[spelled] = parsed
        else:
            if len(parsed) > 1 and method.service != "drive":
                text = f"Invalid value at '{snake_case(name)}' (oneof), field is already set."
                violations.append((snake_case(name), text))
            values[spelled] = parsed[-1]
    if violations:
        raise bad_request(violations)
    return values


def _query_value(schema: dict[str, Any], name: str, text: str, violations: Violations) -> Any:
    field = snake_case(name)
    kind = schema.get("type")
    if kind == "boolean":
        if text.lower() not in ("true", "false", "1", "0"):
            violations.append((field, f"Invalid value at '{field}' (TYPE_BOOL), \"{text}\""))
        return text.lower() in ("true", "1")
    if kind == "integer":
        try:
            return int(text)
        except ValueError:
            violations.append((field, f"Invalid value at '{field}' (TYPE_INT32), \"{text}\""))
    if "enum" in schema and text not in schema["enum"]:
        violations.append((field, f"Invalid value at '{field}' ({_enum_name(name)}), \"{text}\""))
    return text


def _enum_name(name: str) -> str:
    return f"type.googleapis.com/google.apps.sheets.v4.{name[:1].upper()}{name[1:]}"


def response_violations(description: Description, schema: str, value: Any) -> list[str]:
    """What in an answer of ours does not conform to the description; empty when all is well."""
    if checker(description, {"$ref": schema})(value):
        return []
    # Only now the slow way, which says where and what.
    violations: Violations = []
    _Reader(description, violations, lenient=False, strict=True).message(schema, value, "")
    return [text for _, text in violations]


def checker(description: Description, schema: dict[str, Any]) -> Callable[[Any], bool]:
    """A quick test whether a value conforms; made once for each message, because answers may be large."""
    if "$ref" in schema:
        name = schema["$ref"]
        if name not in description.checkers:
            description.checkers[name] = lambda value: _is_message(fields, value)
            properties = description.schemas[name].get("properties", {})
            fields = {key: checker(description, item) for key, item in properties.items()}
        return lambda value: description.checkers[name](value)
    kind = schema.get("type")
    if kind == "array":
        of_item = checker(description, schema["items"])
        return lambda value: isinstance(value, list) and all(map(of_item, value))
    if kind == "object":
        inner = checker(description, schema.get("additionalProperties", {"type": "any"}))
        return lambda value: isinstance(value, dict) and all(map(inner, value.values()))
    if kind == "string":
        allowed = frozenset(schema["enum"]) if "enum" in schema else None
        return lambda value: isinstance(value, str) and (allowed is None or value in allowed)
    if kind == "boolean":
        return lambda value: isinstance(value, bool)
    if kind == "integer":
        return lambda value: isinstance(value, int) and not isinstance(value, bool)
    if kind == "number":
        return lambda value: isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return lambda _value: True


def _is_message(fields: dict[str, Callable[[Any], bool]], value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    for key, item in value.items():
        test = fields.get(key)
        if test is None or not test(item):
            return False
    return True


class _Reader:
    """Walks a JSON value along the schemas; collects violations and builds the value in one spelling."""

    def __init__(self, description: Description, violations: Violations, *, lenient: bool, strict: bool = False):
        self.description = description
        self.violations = violations
        self.lenient = lenient
        self.strict = strict

    def refuse(self, path: str, kind: str, value: Any) -> None:
        self.violations.append((path, f"Invalid value at '{path}' ({kind}), {json.dumps(value, ensure_ascii=False)}"))

    def message(self, name: str, value: Any, path: str) -> Any:
        schema = self.description.schemas[name]
        if not isinstance(value, dict):
            if path:
                self.refuse(path, f"type.googleapis.com/google.apps.sheets.v4.{name}", value)
            else:
                text = "Invalid JSON payload received. Root element must be a message."
                self.violations.append((path, text))
            return {}
        properties = schema.get("properties", {})
        result: dict[str, Any] = {}
        for key, item in value.items():
            spelled = key if key in properties else camel_case(key)
            if spelled not in properties or (self.strict and spelled != key):
                if not self.lenient:
                    at = f" at '{path}'" if path else ""
                    text = f'Invalid JSON payload received. Unknown name "{key}"{at}: Cannot find field.'
                    self.violations.append((path, text))
                continue
            if item is None and not self.strict:
                continue
            below = f"{path}.{snake_case(spelled)}" if path else snake_case(spelled)
            result[spelled] = self.field(properties[spelled], item, below, spelled)
        self._check_one_of(name, result, path)
        return result

    def _check_one_of(self, name: str, value: dict[str, Any], path: str) -> None:
        if name not in ONE_OF or (self.strict and name == "ColorStyle"):
            return
        group, members = ONE_OF[name]
        given = [key for key in value if members is None or key in members]
        if len(given) > 1:
            text = f"Invalid value at '{path}' (oneof), oneof field '{group}' is already set. Cannot set '{given[1]}'"
            self.violations.append((path, text))

    def field(self, schema: dict[str, Any], value: Any, path: str, name: str) -> Any:
        if "$ref" in schema:
            return self.message(schema["$ref"], value, path)
        kind = schema.get("type")
        if kind == "array":
            return self._array(schema["items"], value, path, name)
        if kind == "object":
            if not isinstance(value, dict):
                self.refuse(path, "Map", value)
                return {}
            inner = schema.get("additionalProperties", {"type": "any"})
            return {key: self.field(inner, item, f"{path}[{key}]", name) for key, item in value.items()}
        if kind == "boolean":
            if not isinstance(value, bool):
                self.refuse(path, "TYPE_BOOL", value)
            return value
        if kind == "string":
            return self._string(schema, value, path, name)
        if kind in ("integer", "number"):
            return self._number(schema, value, path)
        return value

    def _array(self, items: dict[str, Any], value: Any, path: str, name: str) -> Any:
        # A repeated field takes a lone value as a list of one, except where its items are lists themselves.
        if not isinstance(value, list):
            if self.strict or items.get("type") == "array":
                self.refuse(path, "type.googleapis.com/google.protobuf.ListValue", value)
                return []
            value = [value]
        if items.get("type") == "array":
            rows: list[list[Any]] = []
            for row in value:
                if not isinstance(row, list):
                    self.refuse(path, "type.googleapis.com/google.protobuf.ListValue", row)
                    continue
                rows.append([self._cell(item, f"{path}[{len(rows)}][{index}]") for index, item in enumerate(row)])
            return rows
        return [self.field(items, item, f"{path}[{index}]", name) for index, item in enumerate(value)]

    def _cell(self, value: Any, path: str) -> Any:
        if isinstance(value, (dict, list)) or (isinstance(value, float) and not math.isfinite(value)):
            self.refuse(path, "type.googleapis.com/google.protobuf.Value", value)
        return value

    def _string(self, schema: dict[str, Any], value: Any, path: str, name: str) -> Any:
        if not isinstance(value, str):
            self.refuse(path, _enum_name(name) if "enum" in schema else "TYPE_STRING", value)
            return ""
        if "enum" in schema and value not in schema["enum"]:
            self.refuse(path, _enum_name(name), value)
        if schema.get("format") == "google-fieldmask" and value:
            try:
                parse_mask(value)
            except ValueError:
                self.refuse(path, "type.googleapis.com/google.protobuf.FieldMask", value)
        return value

    def _number(self, schema: dict[str, Any], value: Any, path: str) -> Any:
        form = schema.get("format", "double")
        kind = _NUMBER_TYPES.get(form, "TYPE_DOUBLE")
        number = value
        if isinstance(value, str) and not self.strict:
            try:
                number = int(value) if schema["type"] == "integer" else float(value)
            except ValueError:
                self.refuse(path, kind, value)
                return 0
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            self.refuse(path, kind, value)
            return 0
        if schema["type"] == "integer":
            low, high = _INTEGER_BOUNDS.get(form, (-(2**63), 2**63 - 1))
            if number != int(number) or not low <= number <= high:
                self.refuse(path, kind, value)
                return 0
            return int(number)
        if not math.isfinite(number):
            self.refuse(path, kind, str(value))
        return number
