"""What Google demands of conditions and of the formats of conditional formatting, as its description words it."""

from __future__ import annotations

import re

from .book import Json, Sheet
from .draft import Draft
from .errors import ApiError, RequestError
from .ranges import find_range

VALIDATION = "data validation"
FORMATTING = "conditional formatting"

_TEXT_PARTS = {"bold", "italic", "strikethrough", "foregroundColor", "foregroundColorStyle"}
_FORMAT_PARTS = {"backgroundColor", "backgroundColorStyle", "textFormat"}


def check_condition(draft: Draft, condition: Json, use: str, sheet: Sheet) -> None:
    """Refuse a condition that Google would refuse for this use (data validation or conditional formatting)."""
    kinds = draft.description.schemas["BooleanCondition"]["properties"]["type"]
    kind = condition.get("type", "CONDITION_TYPE_UNSPECIFIED")
    # The description says in words where a type may be used and how many values it takes.
    words = dict(zip(kinds["enum"], kinds["enumDescriptions"], strict=True))[kind]
    if use not in words:
        raise RequestError(f"ConditionType '{kind}' is not supported by {use}.")
    values = condition.get("values", [])
    least, most = _value_count(kind, words)
    if not least <= len(values) <= most:
        raise RequestError(f"ConditionType '{kind}' does not take {len(values)} ConditionValues.")
    for value in values:
        if not value:
            raise RequestError("A ConditionValue needs a value.")
        _check_value(draft, kind, value.get("userEnteredValue", ""), use, sheet)


def _value_count(kind: str, words: str) -> tuple[int, int]:
    if kind == "ONE_OF_LIST":
        return 1, 500
    if kind == "BOOLEAN":
        return 0, 2
    match = re.search(r"Requires (no|a single|exactly two) ", words)
    count = {"no": 0, "a single": 1, "exactly two": 2}[match[1]] if match else 0
    return count, count


def _check_value(draft: Draft, kind: str, text: str, use: str, sheet: Sheet) -> None:
    if kind == "ONE_OF_RANGE":
        try:
            find_range(draft.book, text.removeprefix("="))
        except ApiError:
            raise RequestError(f"Invalid ConditionValue.userEnteredValue: {text}") from None
    elif kind == "CUSTOM_FORMULA":
        formula = draft.formula(text)
        if not text.startswith("=") or formula.tree is None:
            raise RequestError(f"Invalid ConditionValue.userEnteredValue: {text}")
        others = [r for r in formula.references if r.unknown_sheet is not None or r.sheet not in (None, sheet.id)]
        if use == FORMATTING and others:
            raise RequestError("Conditional format rule cannot reference a different sheet.")


def check_conditional_format(draft: Draft, rule: Json, sheet: Sheet) -> None:
    """Refuse a rule whose condition or format conditional formatting does not allow."""
    if "booleanRule" not in rule:
        return
    boolean = rule["booleanRule"]
    check_condition(draft, boolean.get("condition", {}), FORMATTING, sheet)
    given = boolean.get("format", {})
    if not given.keys() <= _FORMAT_PARTS or not given.get("textFormat", {}).keys() <= _TEXT_PARTS:
        raise RequestError(
            "ConditionalFormatRule.format only supports bold, italic, strikethrough, foreground color and background "
            "color"
        )
