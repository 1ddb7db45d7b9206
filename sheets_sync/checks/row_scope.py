"""For which scenarios, and which slice of the portfolio, a row of the Constraints or Targets tab is meant."""

from collections.abc import Sequence
from dataclasses import dataclass

from config.tabs import DIMENSIONS
from optimizer.plan import TOKENS, Slice
from sheets_sync.checks.cell_values import Fault
from sheets_sync.checks.context import CheckContext
from sheets_sync.checks.drafts import InitiativeDraft, Place, ScenarioDraft
from sheets_sync.checks.issue_collector import Findings, Touches
from sheets_sync.checks.scenarios_tab import scenario_vocabulary
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.inputs.name_matching import Vocabulary


@dataclass(frozen=True)
class Scope:
    """The scenarios that a row is for, the one that it names (if any), and its slice (None: whole portfolio)."""

    scenarios: tuple[ScenarioDraft, ...]
    named: ScenarioDraft | None
    slice: Slice | None

    def touches(self, scenario: ScenarioDraft) -> bool:
        """Whether an error in the row stops the scenario."""
        return any(scenario is other for other in self.scenarios)


class ScopeReader:
    """Reads `scenario_name`, `dimension` and `dimension_key` of every row; faults are noted with the row."""

    def __init__(self, reader: TabReader, context: CheckContext) -> None:
        self._reader = reader
        self._scenarios = tuple(context.scenarios)
        self._names = scenario_vocabulary(context.scenarios)
        self._values = {name: _values_of(name, context.initiatives) for name in DIMENSIONS}
        self._scenario_names = reader.keys("scenario_name")
        self._dimensions = reader.choices("dimension")
        self._keys = reader.keys("dimension_key")

    def read(self, row: int) -> Scope:
        """The scope of one row; a name that is no scenario's counts for the one that it is near to, else for any."""
        part = self._slice(row)
        name = self._scenario_names.get(row)
        if name is None:
            # Blank means all; a name that cannot be read may be any scenario's, so the row's errors touch all of them.
            return Scope(self._scenarios, None, part)
        found = self._names.find(name)
        if found is None:
            near = self._names.nearest(name)
            self._reader.fault(row, "scenario_name", Fault("unknown_scenario", {"name": name}, near))
            if near is None:
                return Scope(self._scenarios, None, part)
            found = near
        same = tuple(scenario for scenario in self._scenarios if scenario.name == found)
        return Scope(same, same[0] if same else None, part)

    def _slice(self, row: int) -> Slice | None:
        dimension, key = self._dimensions.get(row), self._keys.get(row)
        faulty = self._reader.faulty(row)
        if dimension is None and key is not None and "dimension" not in faulty:
            self._lone(row, "dimension_key", "dimension")
        if dimension is None:
            return None
        if key is None:
            if "dimension_key" not in faulty:
                self._lone(row, "dimension", "dimension_key")
            return None
        found = self._values[dimension].find(key)
        if found is None:
            near = self._values[dimension].nearest(key)
            values = {"dimension": dimension, "name": key}
            self._reader.fault(row, "dimension_key", Fault("unknown_dimension_key", values, near))
            return None
        return Slice(dimension=dimension, key=found)

    def _lone(self, row: int, column: str, other: str) -> None:
        self._reader.fault(row, column, Fault("dimension_without_key", {"column": column, "other": other}))


def _values_of(dimension: str, initiatives: Sequence[InitiativeDraft]) -> Vocabulary:
    values = (draft.dimensions.get(dimension) for draft in initiatives)
    return Vocabulary(dict.fromkeys(value for value in values if value is not None))


def resource_vocabulary(resources: Sequence[str]) -> Vocabulary:
    """Finds a resource by its name; the tokens among them."""
    return Vocabulary((TOKENS, *resources), loose=True)


class Repeats:
    """Notices that a thing which a scenario may be given once is given again, and reports it once per pair of cells."""

    def __init__(self, findings: Findings, code: str) -> None:
        self._findings = findings
        self._code = code
        self._first: dict[tuple[int, object], str] = {}

    def note(self, scenario: ScenarioDraft, thing: object, place: str) -> None:
        """Remember where a scenario was given a thing."""
        self._first.setdefault((scenario.row, thing), place)

    def check(self, scope: Scope, thing: object, place: Place, **values: str) -> None:
        """Report for every scenario of the scope to which the thing was given before."""
        again: dict[str, list[ScenarioDraft]] = {}
        for scenario in scope.scenarios:
            first = self._first.setdefault((scenario.row, thing), str(place))
            if first != str(place):
                again.setdefault(first, []).append(scenario)
        for first, scenarios in again.items():
            about = scenarios[0] if len(scenarios) == 1 else None
            self._findings.add(self._code, place, among(scenarios), about=about, cell=first, **values)


def among(scenarios: Sequence[ScenarioDraft]) -> Touches:
    """The error stops these scenarios."""
    return lambda scenario: any(scenario is other for other in scenarios)


def part_in_words(part: Slice | None) -> str:
    """``department Growth``, or ``the whole portfolio``."""
    return "the whole portfolio" if part is None else str(part)
