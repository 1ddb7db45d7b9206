"""Checks of the Constraints tab; every sound row becomes a rule of the scenarios that it is for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from optimizer import plan
from optimizer.exact import reaches, stays_within
from optimizer.plan import TOKENS, Slice
from sheets_sync.checks.amounts import find_kpi
from sheets_sync.checks.cell_values import Fault
from sheets_sync.checks.drafts import InitiativeDraft, KpiDraft, Place, ScenarioDraft
from sheets_sync.checks.initiative_references import find_cycles, in_words, initiative_vocabulary
from sheets_sync.checks.issue_collector import Findings
from sheets_sync.checks.row_scope import Repeats, Scope, ScopeReader, among, part_in_words
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.inputs.cell_text import shown_number
from sheets_sync.inputs.frames import Frame
from sheets_sync.inputs.name_matching import Vocabulary


@dataclass(frozen=True, slots=True)
class _Shape:
    """Which columns a type of constraint needs and may have besides, and how many members it takes."""

    needs: tuple[str, ...]
    allows: tuple[str, ...] = ()
    members: int = 0


_SLICE = ("dimension", "dimension_key")
_SHAPES: Mapping[str, _Shape] = {
    "capacity_cap": _Shape((*_SLICE, "max_tokens"), ("min_tokens",)),
    "capacity_floor": _Shape((*_SLICE, "min_tokens"), ("max_tokens",)),
    "count_cap": _Shape(("value",), _SLICE),
    "count_floor": _Shape(("value",), _SLICE),
    "mandatory": _Shape(("member_keys",), members=1),
    "exclude_initiative": _Shape(("member_keys",), members=1),
    "exclude_pair": _Shape(("member_keys",), members=2),
    "bundle": _Shape(("member_keys",), members=2),
    "prerequisite": _Shape(("member_keys",), members=2),
    "synergy_bonus": _Shape(("member_keys", "kpi_key", "value"), members=2),
}
_SHAPED = ("dimension", "dimension_key", "min_tokens", "max_tokens", "member_keys", "kpi_key", "value")


@dataclass(frozen=True, slots=True)
class _Bound:
    """A bound that a row sets for a scenario, with the cell of its number."""

    scenario: ScenarioDraft
    part: Slice | None
    value: float
    place: Place
    counts: bool
    is_floor: bool


@dataclass(frozen=True, slots=True)
class _Row:
    """A sound row of the tab."""

    scope: Scope
    place: Place
    numbers: Mapping[str, tuple[float, Place]]
    members: tuple[str, ...]
    kpi: str | None
    notes: str


def read_constraints(
    frame: Frame,
    scenarios: Sequence[ScenarioDraft],
    initiatives: Sequence[InitiativeDraft],
    kpis: Sequence[KpiDraft],
    vocabulary: Vocabulary,
    findings: Findings,
    locale: str | None,
) -> None:
    """Add every sound row to its scenarios, and tell everything wrong."""
    reader = TabReader(frame, findings, locale)
    types, kpi_names, notes = reader.choices("constraint_type"), reader.keys("kpi_key"), reader.texts("notes")
    reader.require("constraint_type", types, code="blank_key")
    numbers = {name: reader.numbers(name) for name in ("min_tokens", "max_tokens", "value")}
    member_lists = reader.key_lists("member_keys")
    scopes = ScopeReader(reader, scenarios, initiatives)
    members_known = initiative_vocabulary(initiatives)
    inactive = frozenset(kpi.key for kpi in kpis if not kpi.is_active)
    by_key = {draft.key: draft for draft in initiatives if draft.key is not None}
    repeats = Repeats(findings, "repeated_rule")
    bounds: list[_Bound] = []
    for row in frame.rows:
        scope = scopes.read(row)
        kind = types.get(row)
        members = _members(reader, row, member_lists.get(row, ()), members_known)
        kpi = _kpi(reader, row, kpi_names.get(row), vocabulary, inactive)
        if kind is not None:
            _check_shape(reader, row, kind, members)
        if kind == "mandatory" and row in member_lists and row not in notes:
            values = {"key": '", "'.join(member_lists[row]), "instead": "remove this row"}
            reader.fault(row, "notes", Fault("mandate_without_reason", values))
        given = {name: (values[row], reader.place(row, name)) for name, values in numbers.items() if row in values}
        if kind in ("count_cap", "count_floor") and "value" in given:
            _check_count(reader, row, given["value"][0])
        if reader.tell(row, scope.touches, about=scope.named) or kind is None:
            continue
        sound = _Row(scope, reader.place(row, _main_column(kind)), given, members, kpi, notes.get(row, ""))
        if kind in _BOUNDS:
            bounds += _bound(kind, sound, repeats)
        else:
            _CHOICES[kind](sound, repeats, findings, by_key)
    _check_bounds(bounds, findings)
    _check_floors(bounds, scenarios, initiatives, findings)
    _check_cycles(scenarios, initiatives, findings)


def _members(reader: TabReader, row: int, names: Sequence[str], vocabulary: Vocabulary) -> tuple[str, ...]:
    known: dict[str, None] = {}
    for name in names:
        key = vocabulary.find(name)
        if key is None:
            values = {"name": name, "column": reader.label("member_keys")}
            reader.fault(row, "member_keys", Fault("unknown_initiative", values, vocabulary.nearest(name)))
        else:
            known[key] = None
    return tuple(known)


def _kpi(reader: TabReader, row: int, name: str | None, vocabulary: Vocabulary, inactive: frozenset[str]) -> str | None:
    if name is None:
        return None
    kpi = find_kpi(vocabulary, name)
    if isinstance(kpi, Fault):
        reader.fault(row, "kpi_key", kpi)
        return None
    if kpi in inactive:
        reader.fault(row, "kpi_key", Fault("inactive_kpi", {"kpi": kpi, "column": reader.label("kpi_key")}))
    return kpi


def _check_shape(reader: TabReader, row: int, kind: str, members: Sequence[str]) -> None:
    shape = _SHAPES[kind]
    filled = reader.filled(row)
    for name in shape.needs:
        lone_dimension = name in _SLICE and filled.intersection(_SLICE)
        if name not in filled and not lone_dimension:
            reader.fault(row, name, Fault("constraint_needs", {"type": kind, "column": name}))
    for name in _SHAPED:
        if name in filled and name not in (*shape.needs, *shape.allows):
            reader.fault(row, name, Fault("constraint_has_no", {"type": kind, "column": name}))
    if "member_keys" in filled and len(members) < shape.members and "member_keys" not in reader.faulty(row):
        reader.fault(row, "member_keys", Fault("too_few_members", {"type": kind, "needed": shape.members}))


def _check_count(reader: TabReader, row: int, value: float) -> None:
    if value < 0 or not value.is_integer():
        reader.fault(row, "value", Fault("not_whole", {"value": shown_number(value)}))


def _main_column(kind: str) -> str:
    """The column whose cell stands for the rule in explanations."""
    return {"capacity_cap": "max_tokens", "capacity_floor": "min_tokens"}.get(kind, _SHAPES[kind].needs[0])


_BOUNDS = frozenset({"capacity_cap", "capacity_floor", "count_cap", "count_floor"})


def _bound(kind: str, row: _Row, repeats: Repeats) -> list[_Bound]:
    counts = kind.startswith("count")
    part, scenarios = row.scope.slice, row.scope.scenarios
    if counts:
        value, place = row.numbers["value"]
        ends = {"floor" if kind == "count_floor" else "cap": (value, place)}
    else:
        ends = {
            end: row.numbers[name]
            for end, name in (("floor", "min_tokens"), ("cap", "max_tokens"))
            if name in row.numbers
        }
    for end, (_, place) in ends.items():
        what = f"A {end} on the number of initiatives" if counts else f"A {end} on tokens"
        repeats.check(row.scope, (counts, end, part), place, what=f"{what} for {part_in_words(part)}")
    low, high = (ends[end][0] if end in ends else None for end in ("floor", "cap"))
    for scenario in scenarios:
        if counts:
            scenario.count_bounds.append(
                plan.CountBound(
                    slice=part,
                    min_count=None if low is None else int(low),
                    max_count=None if high is None else int(high),
                    source=str(row.place),
                )
            )
        elif part is not None:
            scenario.token_bounds.append(
                plan.TokenBound(slice=part, min_tokens=low, max_tokens=high, source=str(row.place))
            )
    return [
        _Bound(scenario, part, value, place, counts, end == "floor")
        for scenario in scenarios
        for end, (value, place) in ends.items()
    ]


_Add = Callable[[_Row, Repeats, Findings, Mapping[str, InitiativeDraft]], None]


def _add_mandates(row: _Row, _repeats: Repeats, findings: Findings, initiatives: Mapping[str, InitiativeDraft]) -> None:
    """A row for all scenarios binds those that have the initiative as a candidate; a row for one must fit it."""
    for key in row.members:
        fitting = [scenario for scenario in row.scope.scenarios if initiatives[key].takes_part_in(scenario)]
        if not fitting:
            named = row.scope.named
            scenario_words = "any scenario" if named is None else f'the scenario "{named.name}"'
            findings.add(
                "rule_without_candidates", row.place, row.scope.touches, about=named, key=key, scenario=scenario_words
            )
        for scenario in fitting:
            scenario.mandates.append(plan.Mandate(initiative=key, reason=row.notes, source=str(row.place)))


def _add_bans(row: _Row, _repeats: Repeats, _findings: Findings, _initiatives: Mapping[str, InitiativeDraft]) -> None:
    for scenario in row.scope.scenarios:
        scenario.bans += [plan.Ban(initiative=key, source=str(row.place)) for key in row.members]


def _add_pairs(row: _Row, _repeats: Repeats, _findings: Findings, _initiatives: Mapping[str, InitiativeDraft]) -> None:
    for scenario in row.scope.scenarios:
        scenario.incompatibilities.append(
            plan.Incompatibility(members=row.members, label=row.notes, source=str(row.place))
        )


def _add_bundles(
    row: _Row, _repeats: Repeats, _findings: Findings, _initiatives: Mapping[str, InitiativeDraft]
) -> None:
    label = row.notes or f"of row {row.place.row}"
    for scenario in row.scope.scenarios:
        scenario.bundles.append(plan.Bundle(label=label, members=row.members, source=str(row.place)))


def _add_prerequisites(
    row: _Row, _repeats: Repeats, _findings: Findings, _initiatives: Mapping[str, InitiativeDraft]
) -> None:
    first, *others = row.members
    for scenario in row.scope.scenarios:
        scenario.prerequisites.append(
            plan.Prerequisite(initiative=first, requires=tuple(others), source=str(row.place))
        )


def _add_synergies(
    row: _Row, repeats: Repeats, _findings: Findings, _initiatives: Mapping[str, InitiativeDraft]
) -> None:
    if row.kpi is None:
        return
    what = f'A synergy of these initiatives for "{row.kpi}"'
    repeats.check(row.scope, (frozenset(row.members), row.kpi), row.place, what=what)
    for scenario in row.scope.scenarios:
        scenario.synergies.append(
            plan.Synergy(
                members=row.members,
                kpi=row.kpi,
                value=row.numbers["value"][0],
                label=row.notes,
                source=str(row.place),
            )
        )


_CHOICES: Mapping[str, _Add] = {
    "mandatory": _add_mandates,
    "exclude_initiative": _add_bans,
    "exclude_pair": _add_pairs,
    "bundle": _add_bundles,
    "prerequisite": _add_prerequisites,
    "synergy_bonus": _add_synergies,
}


def _check_bounds(bounds: Sequence[_Bound], findings: Findings) -> None:
    """Tell floors above the cap of the same slice in the same scenario."""
    caps = {(id(b.scenario), b.counts, b.part): b for b in bounds if not b.is_floor}
    pairs: dict[tuple[Place, Place], list[tuple[_Bound, _Bound]]] = {}
    for floor in bounds:
        cap = caps.get((id(floor.scenario), floor.counts, floor.part)) if floor.is_floor else None
        if cap is not None and floor.value > cap.value:
            pairs.setdefault((floor.place, cap.place), []).append((floor, cap))
    for (place, cap_place), same in pairs.items():
        floor, cap = same[0]
        scenarios = [bound.scenario for bound, _ in same]
        findings.add(
            "contradicting_bounds",
            place,
            among(scenarios),
            about=scenarios[0] if len(scenarios) == 1 else None,
            what=part_in_words(floor.part),
            low=_with_unit(floor, floor.value),
            high=_with_unit(cap, cap.value),
            cell=str(cap_place),
        )


def _check_floors(
    bounds: Sequence[_Bound],
    scenarios: Sequence[ScenarioDraft],
    initiatives: Sequence[InitiativeDraft],
    findings: Findings,
) -> None:
    """Tell floors that no portfolio can keep: above all candidates together, or in sum above the capacity."""
    for scenario in scenarios:
        floors = [bound for bound in bounds if bound.scenario is scenario and bound.is_floor]
        if not floors:
            continue
        candidates = [draft for draft in initiatives if draft.takes_part_in(scenario)]
        for floor in floors:
            inside = [draft for draft in candidates if _is_in(draft, floor.part)]
            total = len(inside) if floor.counts else fsum(draft.tokens or 0.0 for draft in inside)
            if not reaches(total, floor.value):
                findings.add(
                    "unreachable_floor",
                    floor.place,
                    about=scenario,
                    scenario=scenario.name,
                    what=part_in_words(floor.part),
                    total=_with_unit(floor, total),
                    low=_with_unit(floor, floor.value),
                )
        _check_sums(scenario, floors, findings)


def _check_sums(scenario: ScenarioDraft, floors: Sequence[_Bound], findings: Findings) -> None:
    """An initiative has one value per dimension, so the floors of one dimension need tokens that no other may count."""
    capacity = scenario.capacities.get(TOKENS)
    by_dimension: dict[str, dict[Slice, float]] = {}
    for floor in floors:
        if floor.part is not None and not floor.counts:
            by_dimension.setdefault(floor.part.dimension, {})[floor.part] = floor.value
    for dimension, values in by_dimension.items():
        total = fsum(values.values())
        if capacity is not None and not stays_within(total, capacity):
            findings.add(
                "floors_over_capacity",
                scenario.places["capacity_total_tokens"],
                about=scenario,
                dimension=dimension,
                total=shown_number(total),
                scenario=scenario.name,
                capacity=shown_number(capacity),
            )


def _check_cycles(
    scenarios: Sequence[ScenarioDraft], initiatives: Sequence[InitiativeDraft], findings: Findings
) -> None:
    """Tell circles that a scenario's own prerequisites close; those of the Initiatives tab alone are told there."""
    by_key = {draft.key: draft for draft in initiatives if draft.key is not None}
    rows = {key: draft.prerequisites for key, draft in by_key.items()}
    told: dict[tuple[str, frozenset[str]], list[ScenarioDraft]] = {}
    words: dict[tuple[str, frozenset[str]], str] = {}
    for scenario in scenarios:
        if not scenario.prerequisites:
            continue
        edges: dict[str, list[str]] = {key: list(keys) for key, keys in rows.items()}
        sources: dict[tuple[str, str], str] = {}
        for rule in scenario.prerequisites:
            edges[rule.initiative] += rule.requires
            sources |= {(rule.initiative, other): rule.source or "" for other in rule.requires}
        for cycle in find_cycles(edges):
            steps = zip(cycle, (*cycle[1:], cycle[0]), strict=True)
            source = next((sources[step] for step in steps if step in sources), None)
            if source is not None and any(by_key[key].takes_part_in(scenario) for key in cycle):
                told.setdefault((source, frozenset(cycle)), []).append(scenario)
                words[source, frozenset(cycle)] = in_words(cycle)
    for (source, members), touched in told.items():
        about = touched[0] if len(touched) == 1 else None
        place = Place.parse(source)
        findings.add("prerequisite_cycle", place, among(touched), about=about, cycle=words[source, members])


def _is_in(draft: InitiativeDraft, part: Slice | None) -> bool:
    return part is None or draft.dimensions.get(part.dimension) == part.key


def _with_unit(bound: _Bound, value: float) -> str:
    return f"{shown_number(value)} {'initiatives' if bound.counts else 'tokens'}"
