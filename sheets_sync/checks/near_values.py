"""Values that group initiatives and are nearly the same: a typing mistake takes an initiative out of its group."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from config.names import fold_key, fold_loosely
from config.tabs import DIMENSIONS
from sheets_sync.checks.drafts import InitiativeDraft, ScenarioDraft
from sheets_sync.checks.issue_collector import Findings, Touches, everywhere, nowhere
from sheets_sync.checks.tab_reader import TabReader

_LEAST_LETTERS = 5
"""Shorter values that differ in one letter are two words: UK and US, Core and Care."""
_MOST_COMPARED = 400
"""Beyond so many different values of one kind, only those that differ in blanks, dashes and dots are compared."""


@dataclass(frozen=True, slots=True)
class _Use:
    """What depends on a value: a rule or target in words, and the scenarios that it stops."""

    what: str
    touches: Touches


def report_near_values(
    reader: TabReader, drafts: Sequence[InitiativeDraft], scenarios: Sequence[ScenarioDraft], findings: Findings
) -> None:
    """Every pair of near values of a dimension, bundle or group of variants, at the later one in the sheet."""
    uses = dict(_uses(scenarios))
    for name in DIMENSIONS:
        values = {draft.row: draft.dimensions[name] for draft in drafts if name in draft.dimensions}
        _report(reader, name, values, findings, {key: use for (where, key), use in uses.items() if where == name})
        _report_several(reader, name, values, findings, {key: u for (where, key), u in uses.items() if where == name})
    for name, words in (("bundle_key", "the bundle"), ("variant_of", "the group of variants")):
        attribute = "bundle" if name == "bundle_key" else "variant_of"
        values = {draft.row: text for draft in drafts if (text := getattr(draft, attribute)) is not None}
        groups = {fold_key(value): _Use(f'{words} "{value}"', everywhere) for value in values.values()}
        _report(reader, name, values, findings, groups)


def are_near(one: str, other: str) -> bool:
    """Whether two values may be one: the same without blanks, dashes and dots, or one typing mistake apart."""
    if fold_key(one) == fold_key(other):
        return False
    first, second = fold_loosely(one), fold_loosely(other)
    if first == second or first == _plain_name(other) or second == _plain_name(one):
        return True
    if min(len(first), len(second)) < _LEAST_LETTERS or _numbers(first) != _numbers(second):
        return False
    return OSA.distance(first, second, score_cutoff=1) <= 1


_GROUP_WORDS = frozenset(["team", "squad", "tribe", "dept", "department", "group", "guild", "chapter", "the"])


def _plain_name(text: str) -> str:
    """A name without a remark and without the word for a team: ``Mobile team`` and ``Mobile (core)`` are `mobile`."""
    without = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", text)
    words = fold_key(without).split()
    return fold_loosely(" ".join(word for word in words if word.strip(".,") not in _GROUP_WORDS)) or fold_loosely(text)


def _numbers(text: str) -> str:
    """The digits: phase 1 and phase 2 differ on purpose."""
    return re.sub(r"\D", "", text)


def _near_pairs(values: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(later, earlier) for each value that is near to one before it."""
    seen: list[str] = []
    loose: dict[str, str] = {}
    decorated: dict[str, str] = {}
    for value in values:
        folded, plain = fold_loosely(value), _plain_name(value)
        other = loose.get(folded) or loose.get(plain) or decorated.get(folded)
        if other is None and len(seen) <= _MOST_COMPARED:
            other = next((one for one in seen if are_near(value, one)), None)
        if other is not None:
            yield value, other
        loose.setdefault(folded, value)
        decorated.setdefault(plain, value)
        seen.append(value)


def _report(
    reader: TabReader, name: str, values: Mapping[int, str], findings: Findings, uses: Mapping[str, _Use]
) -> None:
    first = _first_rows(values)
    counts = _counts(values)
    for value, other in _near_pairs(first):
        # The spelling that fewer rows have is the one to correct; of two equally frequent ones that of no rule.
        later_is_odd = (counts[value], fold_key(value) in uses) <= (counts[other], fold_key(other) in uses)
        odd, usual = (value, other) if later_is_odd else (other, value)
        use = uses.get(fold_key(odd)) or uses.get(fold_key(usual))
        findings.add(
            "near_value" if use is None else "near_value_of_rule",
            reader.place(first[odd], name),
            nowhere if use is None else use.touches,
            column=reader.label(name),
            value=odd,
            other=usual,
            cell=reader.place(first[usual], name).cell,
            what="" if use is None else use.what,
        )


def _report_several(
    reader: TabReader, name: str, values: Mapping[int, str], findings: Findings, uses: Mapping[str, _Use]
) -> None:
    """Cells that name several values which other rows have one of."""
    known = {fold_key(value) for value in values.values()}
    for row, value in values.items():
        parts = [part for part in re.split(r"[,;/|&+\n]|\band\b", value) if part.strip()]
        named = [part for part in parts if fold_key(part) in known and fold_key(part) != fold_key(value)]
        if len(parts) < 2 or len(named) < 2:
            continue
        use = next((uses[fold_key(part)] for part in named if fold_key(part) in uses), None)
        if use is None and uses:
            use = _Use(f"a rule or target by {name}", _any_of(uses.values()))
        findings.add(
            "several_values" if use is None else "several_values_of_rule",
            reader.place(row, name),
            nowhere if use is None else use.touches,
            column=reader.label(name),
            value=value,
            count=len(named),
            what="" if use is None else use.what,
        )


def _first_rows(values: Mapping[int, str]) -> dict[str, int]:
    first: dict[str, int] = {}
    for row, value in values.items():
        first.setdefault(value, row)
    return first


def _counts(values: Mapping[int, str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for value in values.values():
        counts[value] = counts.get(value, 0) + 1
    return counts


def _uses(scenarios: Sequence[ScenarioDraft]) -> Iterator[tuple[tuple[str, str], _Use]]:
    """((dimension, folded value), use) of every rule and target that is about a slice."""
    for scenario in scenarios:
        for part in scenario.slices:
            what = f"a rule or target for {part}"
            yield (part.dimension, fold_key(part.key)), _Use(what, _stopping(part.dimension, part.key, scenarios))


def _any_of(uses: Iterable[_Use]) -> Touches:
    touches = [use.touches for use in uses]
    return lambda scenario: any(touch(scenario) for touch in touches)


def _stopping(dimension: str, key: str, scenarios: Sequence[ScenarioDraft]) -> Touches:
    touched = {id(s) for s in scenarios if any((p.dimension, p.key) == (dimension, key) for p in s.slices)}
    return lambda scenario: id(scenario) in touched
