"""Checks of the Constraints tab; every sound row becomes rules of the scenarios that it is for."""

from collections.abc import Iterable, Sequence

from config.columns import ValueType
from config.tabs import CONSTRAINTS
from optimizer.plan import TOKENS, spoken_resource
from optimizer.wording import listing
from sheets_sync.checks import cell_values
from sheets_sync.checks.amounts import find_kpi
from sheets_sync.checks.bound_checks import (
    ScenarioEnd,
    check_bounds,
    check_floors,
    report_shares_as_tokens,
    report_too_large_shares,
)
from sheets_sync.checks.cell_values import Fault
from sheets_sync.checks.constraint_types import CONSTRAINT_TYPES, ConstraintRow, ConstraintType
from sheets_sync.checks.context import CheckContext
from sheets_sync.checks.initiative_references import initiative_vocabulary
from sheets_sync.checks.row_scope import Repeats, Scope, ScopeReader, resource_vocabulary
from sheets_sync.checks.scenario_cycles import check_scenario_cycles
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.inputs.cell_text import shown_number
from sheets_sync.inputs.frames import Frame
from sheets_sync.inputs.name_matching import Vocabulary

_OF_EVERY_TYPE = frozenset({"scenario_name", "constraint_type", "notes"})
_OF_SOME_TYPES = tuple(column.name for column in CONSTRAINTS.columns if column.name not in _OF_EVERY_TYPE)
_NUMBERS = tuple(column.name for column in CONSTRAINTS.columns if column.type is ValueType.NUMBER)


def read_constraints(frame: Frame, context: CheckContext) -> None:
    """Add the rules of every sound row to its scenarios, and report everything wrong."""
    reader = _RowReader(TabReader(frame, context.findings, context.locale), context)
    repeats = Repeats(context.findings, "repeated_rule")
    ends: list[ScenarioEnd] = []
    for number in frame.rows:
        found = reader.read(number)
        if found is None:
            continue
        kind, row = found
        if "lag_periods" in row.numbers and not any(scenario.horizon for scenario in row.scope.scenarios):
            place = row.numbers["lag_periods"][1]
            context.findings.add("timing_not_used", place, column=reader.label("lag_periods"))
        for once in kind.given_once(row):
            repeats.check(row.scope, once.thing, once.place, what=once.what)
        ends += [ScenarioEnd(scenario, end) for scenario in row.scope.scenarios for end in kind.ends(row)]
        _add_rules(kind, row, context)
    check_bounds(ends, context.findings)
    check_floors(ends, context)
    report_shares_as_tokens(ends, context)
    report_too_large_shares(context)
    check_scenario_cycles(context)


def _add_rules(kind: ConstraintType, row: ConstraintRow, context: CheckContext) -> None:
    """A type `of_candidates` binds those scenarios that have the initiative as a candidate; it must fit one."""
    for rule in kind.rules(row):
        fitting = row.scope.scenarios
        for key in rule.mentions().initiatives if kind.of_candidates else ():
            fitting = tuple(s for s in fitting if context.initiatives_by_key[key].takes_part_in(s))
            if not fitting:
                named = row.scope.named
                words = "any scenario" if named is None else f'the scenario "{named.name}"'
                context.findings.add(
                    "rule_without_candidates", row.place, row.scope.touches, about=named, key=key, scenario=words
                )
        for scenario in fitting:
            scenario.rules.append(rule)


class _RowReader:
    """Reads row by row what every type of constraint is made of."""

    def __init__(self, reader: TabReader, context: CheckContext) -> None:
        self._reader = reader
        self._kpi_names = context.kpi_names
        self._inactive = context.inactive_kpis
        self._members_known = initiative_vocabulary(context.initiatives)
        self._types, self._kpis = reader.choices("constraint_type"), reader.keys("kpi_key")
        self._notes = reader.texts("notes")
        self._wholes = reader.choices("of")
        self._resources, self._costed = reader.keys("resource"), resource_vocabulary(context.resources)
        self._cost_names = context.resources
        self._has_tokens = (
            context.expects_tokens
            or not context.resources
            or any(draft.tokens is not None for draft in context.initiatives)
        )
        self._done = frozenset(draft.key for draft in context.initiatives if draft.is_done and draft.key)
        reader.require("constraint_type", self._types, code="blank_key")
        self._numbers = {name: reader.numbers(name) for name in _NUMBERS}
        self._member_lists = reader.key_lists("member_keys")
        self._scopes = ScopeReader(reader, context)

    def label(self, name: str) -> str:
        """How messages call a column."""
        return self._reader.label(name)

    def read(self, row: int) -> tuple[ConstraintType, ConstraintRow] | None:
        """The type and content of a row; None where an error in it is reported."""
        reader = self._reader
        scope = self._scopes.read(row)
        kind = CONSTRAINT_TYPES[self._types[row]] if row in self._types else None
        names = self._member_lists.get(row, ())
        members = _members(reader, row, names, self._members_known)
        kpi = self._kpi(row)
        given = {
            name: (values[row], reader.place(row, name)) for name, values in self._numbers.items() if row in values
        }
        resource = self._resource(row, needs_one=kind is not None and "resource" in kind.may_have)
        of_capacity = self._wholes.get(row) == "capacity"
        if kind is not None:
            _check_shape(reader, row, kind, members)
            if kind.wants_reason and names and row not in self._notes:
                values = {"key": '", "'.join(names), "instead": "remove this row"}
                reader.fault(row, "notes", Fault("mandate_without_reason", values))
            _check_whole(reader, row, ((name, given[name][0]) for name in kind.whole_numbers if name in given))
            self._check_shares(row, [name for name in kind.shares if name in given])
            if of_capacity:
                self._check_capacities(row, scope, resource)
        if reader.report(row, scope.touches, about=scope.named) or kind is None:
            return None
        place = reader.place(row, kind.main)
        notes = self._notes.get(row, "")
        return kind, ConstraintRow(scope, place, given, members, kpi, notes, resource, of_capacity, self._done)

    def _resource(self, row: int, *, needs_one: bool) -> str:
        if row not in self._resources:
            if needs_one and not self._has_tokens:
                values = {"column": self._reader.label("resource"), "known": listing(self._cost_names, "or")}
                self._reader.fault(row, "resource", Fault("no_tokens_to_bound", values))
            return TOKENS
        name = self._resources[row]
        found = self._costed.find(name)
        if found is None:
            values = {"name": name, "column": self._reader.label("resource")}
            self._reader.fault(row, "resource", Fault("unknown_rule_resource", values, self._costed.close(name)))
        return found or TOKENS

    def _check_shares(self, row: int, names: Iterable[str]) -> None:
        for name in names:
            share = cell_values.share(self._reader.cell(row, name), None)
            if isinstance(share, Fault):
                self._reader.fault(row, name, share)

    def _check_capacities(self, row: int, scope: Scope, resource: str) -> None:
        """A share of a capacity asks for one, in every scenario that the row is for."""
        for scenario in scope.scenarios:
            if resource not in scenario.capacities:
                values = {
                    "scenario": scenario.name,
                    "resource": spoken_resource(resource),
                    "column": self._reader.label("of"),
                }
                self._reader.fault(row, "of", Fault("share_of_no_capacity", values))
                return

    def _kpi(self, row: int) -> str | None:
        if row not in self._kpis:
            return None
        kpi = find_kpi(self._kpi_names, self._kpis[row])
        if isinstance(kpi, Fault):
            self._reader.fault(row, "kpi_key", kpi)
            return None
        if kpi in self._inactive:
            values = {"kpi": kpi, "column": self._reader.label("kpi_key")}
            self._reader.fault(row, "kpi_key", Fault("inactive_kpi", values))
        return kpi


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


def _check_shape(reader: TabReader, row: int, kind: ConstraintType, members: Sequence[str]) -> None:
    """Note columns that the type needs and the row leaves blank, that it has not, and members that are too few."""
    filled = reader.filled(row)
    part = frozenset({"dimension", "dimension_key"})
    for name in kind.needs:
        lone_dimension = name in part and filled.intersection(part)
        if name not in filled and not lone_dimension:
            reader.fault(row, name, Fault("constraint_needs", {"type": kind.name, "column": name}))
    for name in _OF_SOME_TYPES:
        if name in filled and name not in (*kind.needs, *kind.may_have):
            reader.fault(row, name, Fault("constraint_has_no", {"type": kind.name, "column": name}))
    taken = [name for name in kind.either if name in filled]
    if len(taken) > 1:
        values = {"type": kind.name, "columns": " and ".join(map(reader.label, taken))}
        reader.fault(row, taken[-1], Fault("constraint_has_both", values))
    if "member_keys" in filled and len(members) < kind.members and "member_keys" not in reader.faulty(row):
        reader.fault(row, "member_keys", Fault("too_few_members", {"type": kind.name, "needed": kind.members}))


def _check_whole(reader: TabReader, row: int, numbers: Iterable[tuple[str, float]]) -> None:
    for name, value in numbers:
        if cell_values.is_percent(reader.cell(row, name)):
            reader.fault(row, name, Fault("percent_of_what", {"value": reader.shown(row, name)}))
        elif name == "lag_periods" and not value.is_integer():
            reader.fault(row, name, Fault("part_of_a_period", {}))
        elif value < 0 or not value.is_integer():
            reader.fault(row, name, Fault("not_whole", {"value": shown_number(value)}))
