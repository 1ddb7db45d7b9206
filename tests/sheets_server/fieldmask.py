"""Field masks: `fields=` of a read (a projection) and `fields` of an update (what to replace)."""

from __future__ import annotations

import functools
import re
from typing import Any

from .discovery import Description
from .errors import bad_request, invalid

Mask = dict[str, "Mask"]
"""Names to the masks below them; an empty mask means everything from here down, `*` any name."""

_TOKEN = re.compile(r"\s*([A-Za-z_*][\w]*|[(),./])\s*")


def parse_mask(text: str) -> Mask:
    """Parse `a,b(c,d/e),f.g`; raises ValueError on anything else."""
    tokens: list[str] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(text)
        tokens.append(match[1])
        position = match.end()
    tree, rest = _parse_list(tokens)
    if rest or not tree:
        raise ValueError(text)
    return tree


def _parse_list(tokens: list[str]) -> tuple[Mask, list[str]]:
    tree: Mask = {}
    while True:
        tokens = _parse_path(tokens, tree)
        if not tokens or tokens[0] != ",":
            return tree, tokens
        tokens = tokens[1:]


def _parse_path(tokens: list[str], tree: Mask) -> list[str]:
    if not tokens or not (tokens[0] == "*" or tokens[0][0].isalpha() or tokens[0][0] == "_"):
        raise ValueError("a field name is missing")
    name, tokens = camel_case(tokens[0]), tokens[1:]
    if tokens and tokens[0] in "./":
        branch = tree.setdefault(name, {})
        return _parse_path(tokens[1:], branch)
    if tokens and tokens[0] == "(":
        inner, tokens = _parse_list(tokens[1:])
        if not tokens or tokens[0] != ")":
            raise ValueError("a parenthesis is not closed")
        branch = tree.setdefault(name, {})
        branch.update(inner)
        return tokens[1:]
    tree[name] = {}
    return tokens


@functools.lru_cache(maxsize=4096)
def camel_case(name: str) -> str:
    """`user_entered_value` as `userEnteredValue`: both spellings are accepted by Google."""
    head, *tail = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail) if head else name


@functools.lru_cache(maxsize=4096)
def snake_case(name: str) -> str:
    """`userEnteredValue` as `user_entered_value`, the spelling in Google's messages."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: "_" + match[1].lower(), name)


def unknown_path(description: Description, schema: dict[str, Any], mask: Mask, prefix: str = "") -> str | None:
    """The first path of the mask that the schema does not have."""
    schema = description.resolve(schema)
    while schema.get("type") == "array":
        schema = description.resolve(schema["items"])
    properties = schema.get("properties", {})
    for name, below in mask.items():
        path = prefix + name
        if name == "*":
            candidates = list(properties.values())
        elif name in properties:
            candidates = [properties[name]]
        elif "additionalProperties" in schema:
            candidates = [schema["additionalProperties"]]
        else:
            return path
        if below:
            problems = [unknown_path(description, candidate, below, path + ".") for candidate in candidates]
            if all(problems):
                return problems[0] or path
    return None


def parse_projection(description: Description, response: str | None, text: str) -> Mask:
    """The mask of a read's `fields` parameter; raises the 400 of an unknown or malformed one."""
    try:
        mask = parse_mask(text)
    except ValueError:
        raise _bad_projection(text) from None
    problem = unknown_path(description, description.schemas[response], mask) if response else None
    if problem:
        raise _bad_projection(problem)
    return mask


def _bad_projection(path: str) -> Exception:
    text = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
    error = bad_request([(path, text)])
    error.message = "Request contains an invalid argument."
    return error


def parse_update(description: Description, schema: str, text: str | None) -> Mask:
    """The mask of an update request's `fields`; raises a ValueError worded as Google words it."""
    if not text:
        raise ValueError("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    try:
        mask = parse_mask(text)
    except ValueError:
        raise ValueError(f"Invalid field mask: {text}") from None
    problem = unknown_path(description, description.schemas[schema], mask)
    if problem:
        raise ValueError(f"Invalid field: {snake_case(problem)}")
    return mask


def project(value: Any, mask: Mask) -> Any:
    """`value` with only what the mask names."""
    if not mask:
        return value
    if isinstance(value, list):
        return [project(item, mask) for item in value]
    if not isinstance(value, dict):
        return value
    if "*" in mask:
        everywhere = mask["*"]
        return {name: project(item, mask.get(name) or everywhere) for name, item in value.items()}
    return {name: project(value[name], below) for name, below in mask.items() if name in value}


def covers(mask: Mask | None, *path: str) -> bool:
    """Whether the mask asks for anything at or below `path`; no mask asks for everything."""
    for name in path:
        if not mask:
            return True
        if name in mask:
            mask = mask[name]
        elif "*" in mask:
            mask = mask["*"]
        else:
            return False
    return True


def merge_masked(target: dict[str, Any], source: dict[str, Any], mask: Mask) -> dict[str, Any]:
    """A copy of `target` in which what the mask names is as in `source` (absent there: removed)."""
    if not mask:
        return dict(source)
    result = dict(target)
    names = list(dict.fromkeys([*target, *source])) if "*" in mask else list(mask)
    for name in names:
        below = mask.get(name, mask.get("*", {}))
        merged: Any
        if below:
            old, new = result.get(name) or {}, source.get(name) or {}
            if not isinstance(old, dict) or not isinstance(new, dict):
                raise invalid(f"Invalid field: {snake_case(name)}")
            merged = merge_masked(old, new, below)
        else:
            merged = source.get(name)
        if merged is None or merged == {}:
            result.pop(name, None)
            # An empty message is still a value where the caller asks for it by name (`backgroundColor: {}` is black).
            if merged == {} and not below and name in source:
                result[name] = {}
        else:
            result[name] = merged
    return result
