"""Checks of the Constraints tab; every sound row becomes rules of the scenarios that it is for."""

from collections.abc import Iterable, Sequence

from config.columns import ValueType
from config.tabs import CONSTRAINTS
from sheets_sync.checks.amounts import find_kpi
from sheets_sync.checks.bound_checks import ScenarioEnd, check_bounds, check_floors, check_shares
from sheets_sync.checks.cell_values import Fault
from sheets_sync.checks.constraint_types import CONSTRAINT_TYPES, ConstraintRow, ConstraintType
from sheets_sync.checks.context import CheckContext
from sheets_sync.checks.initiative_references import initiative_vocabulary
from sheets_sync.checks.row_scope import Repeats, ScopeReader
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
        for once in kind.given_once(row):
            repeats.check(row.scope, once.thing, once.place, what=once.what)
        ends += [ScenarioEnd(scenario, end) for scenario in row.scope.scenarios for end in kind.ends(row)]
        _add_rules(kind, row, context)
    check_bounds(ends, context.findings)
    check_floors(ends, context)
    check_shares(ends, context)
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
        reader.require("constraint_type", self._types, code="blank_key")
        self._numbers = {name: reader.numbers(name) for name in _NUMBERS}
        self._member_lists = reader.key_lists("member_keys")
        self._scopes = ScopeReader(reader, context)

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
        if kind is not None:
            _check_shape(reader, row, kind, members)
            if kind.wants_reason and names and row not in self._notes:
                values = {"key": '", "'.join(names), "instead": "remove this row"}
                reader.fault(row, "notes", Fault("mandate_without_reason", values))
            _check_whole(reader, row, ((name, given[name][0]) for name in kind.whole_numbers if name in given))
        if reader.report(row, scope.touches, about=scope.named) or kind is None:
            return None
        place = reader.place(row, kind.main)
        return kind, ConstraintRow(scope, place, given, members, kpi, self._notes.get(row, ""))

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
    if "member_keys" in filled and len(members) < kind.members and "member_keys" not in reader.faulty(row):
        reader.fault(row, "member_keys", Fault("too_few_members", {"type": kind.name, "needed": kind.members}))


def _check_whole(reader: TabReader, row: int, numbers: Iterable[tuple[str, float]]) -> None:
    for name, value in numbers:
        if value < 0 or not value.is_integer():
            reader.fault(row, name, Fault("not_whole", {"value": shown_number(value)}))
