"""Checks of what initiatives say about each other: prerequisites, exclusions, bundles."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from config.names import fold_key
from config.words import NOTHING, fold_word
from optimizer.wording import listing
from sheets_sync.checks.cell_values import Fault
from sheets_sync.checks.drafts import InitiativeDraft
from sheets_sync.checks.issue_collector import where_candidates
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.inputs.name_matching import Vocabulary


def initiative_vocabulary(drafts: Iterable[InitiativeDraft]) -> Vocabulary:
    """Finds an initiative by its key."""
    return Vocabulary(draft.key for draft in drafts if draft.key is not None)


def resolve_references(drafts: Sequence[InitiativeDraft], reader: TabReader) -> None:
    """Turn the keys that rows name into keys as first written; note unknown ones and contradictions with the row."""
    vocabulary = initiative_vocabulary(drafts)
    titles = {fold_key(draft.title): draft.key for draft in drafts if draft.title and draft.key is not None}
    for draft in drafts:
        draft.prerequisites = _known(draft, draft.prerequisites, "prerequisite_keys", vocabulary, titles, reader)
        draft.exclusions = _known(draft, draft.exclusions, "exclusion_keys", vocabulary, titles, reader)
    excluded = {draft.key: frozenset(draft.exclusions) for draft in drafts if draft.key is not None}
    for draft in drafts:
        for other in draft.prerequisites:
            if other in draft.exclusions or draft.key in excluded.get(other, ()):
                values = {"key": draft.key, "other": other}
                reader.fault(draft.row, "prerequisite_keys", Fault("excluded_prerequisite", values))


def _known(
    draft: InitiativeDraft,
    names: Sequence[str],
    column: str,
    vocabulary: Vocabulary,
    titles: Mapping[str, str],
    reader: TabReader,
) -> tuple[str, ...]:
    known: list[str] = []
    for name in names:
        key = vocabulary.find(name)
        if key is None and len(names) == 1 and fold_word(name) in _NOTHING:
            continue
        if key is None:
            values = {"name": name, "column": reader.label(column)}
            near = titles.get(fold_key(name)) or _separated(name, vocabulary) or vocabulary.nearest(name)
            reader.fault(draft.row, column, Fault("unknown_initiative", values, near))
        elif key == draft.key:
            reader.fault(draft.row, column, Fault("names_itself", {"key": key, "column": reader.label(column)}))
        else:
            known.append(key)
    return tuple(known)


_NOTHING = frozenset(map(fold_word, NOTHING))


def _separated(name: str, vocabulary: Vocabulary) -> str | None:
    """Several keys that were joined by a word or sign, as a list of them is written: ``B and C``, ``B/C``."""
    keys = [vocabulary.find(part.strip()) for part in re.split(r"\band\b|[&+/]|\s+", name) if part.strip()]
    return ", ".join(key for key in keys if key is not None) if len(keys) > 1 and None not in keys else None


def check_cycles(drafts: Sequence[InitiativeDraft], reader: TabReader) -> None:
    """Report every circle of prerequisites, once, at the cell of its first member in the sheet."""
    by_key = {draft.key: draft for draft in drafts if draft.key is not None}
    for cycle in find_cycles({key: draft.prerequisites for key, draft in by_key.items()}):
        members = sorted((by_key[key] for key in cycle), key=lambda draft: draft.row)
        first = cycle.index(str(members[0].key))
        reader.findings.add(
            "prerequisite_cycle",
            reader.place(members[0].row, "prerequisite_keys"),
            where_candidates(members),
            cycle=in_words((*cycle[first:], *cycle[:first])),
        )
        for member in members:
            member.is_broken = True


def in_words(cycle: Sequence[str]) -> str:
    """``A needs B, B needs A``."""
    return ", ".join(f"{key} needs {after}" for key, after in zip(cycle, (*cycle[1:], cycle[0]), strict=True))


def find_cycles(requires: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """Circles in which every key requires the next; each knot of circles gives at least one, none gives none.

    Depth first without recursion, because a chain of prerequisites may be as long as the sheet.
    """
    cycles: list[tuple[str, ...]] = []
    done: set[str] = set()
    for start in requires:
        if start in done:
            continue
        path: dict[str, int] = {start: 0}
        ahead = [iter(requires[start])]
        while ahead:
            step = next(ahead[-1], None)
            if step is None:
                ahead.pop()
                done.add(path.popitem()[0])
            elif step in path:
                cycles.append(tuple(path)[path[step] :])
            elif step not in done and step in requires:
                path[step] = len(path)
                ahead.append(iter(requires[step]))
    return cycles


def warn_of_unavailable(drafts: Sequence[InitiativeDraft], reader: TabReader) -> None:
    """Warn of candidates that no run can select, because what they depend on is not a candidate."""
    by_key = {draft.key: draft for draft in drafts if draft.key is not None}
    bundles: dict[str, list[InitiativeDraft]] = defaultdict(list)
    for draft in drafts:
        if draft.bundle is not None:
            bundles[draft.bundle].append(draft)
        if not draft.is_candidate or draft.is_broken:
            continue
        for key in draft.prerequisites:
            other = by_key[key]
            why = _unavailable(draft, other)
            if why is not None:
                place = reader.place(draft.row, "prerequisite_keys")
                reader.findings.add("prerequisite_not_available", place, key=draft.key, other=key, why=why)
    for bundle, members in bundles.items():
        if len(members) == 1 and members[0].is_candidate:
            place = reader.place(members[0].row, "bundle_key")
            reader.findings.add("lone_bundle", place, bundle=bundle, key=members[0].key or "")
        periods = list(dict.fromkeys(draft.period for draft in members if draft.period is not None))
        of_each = {draft.period: draft for draft in members}.values()
        if not all(one.can_share_a_period(other) for one, other in combinations(of_each, 2)):
            place = reader.place(members[0].row, "bundle_key")
            reader.findings.add("bundle_over_periods", place, bundle=bundle, periods=listing(periods))
        left_out = [draft for draft in members if not draft.is_candidate]
        if left_out and len(left_out) < len(members):
            place = reader.place(left_out[0].row, "bundle_key")
            reader.findings.add("bundle_not_available", place, bundle=bundle, other=left_out[0].key or "")


def _unavailable(draft: InitiativeDraft, other: InitiativeDraft) -> str | None:
    if not other.is_candidate:
        return "not a candidate"
    if not draft.can_share_a_period(other):
        return f"of the period {other.period}"
    return None
