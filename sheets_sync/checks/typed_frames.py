"""The input tabs as typed pandas frames: numbers as float64, check boxes as boolean, everything else as string.

The same functions read the cells as in the checks, so a frame holds what the optimizer would be given. Cells with an
error hold no value (NaN or <NA>); `Frames.issues` says what is wrong with each.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import nan

import pandas as pd

from config.columns import Column, InputTab, ValueType
from config.tabs import COLUMNS, CONSTRAINTS, INITIATIVES, KPIS, SCENARIOS, TARGETS
from optimizer.plan import TOKENS
from sheets_sync.checks.amounts import Amounts, read_amounts
from sheets_sync.checks.check_snapshot import check
from sheets_sync.checks.columns_tab import worths_of
from sheets_sync.checks.computed_contributions import add_computed, computed_fields
from sheets_sync.checks.issue_collector import Findings
from sheets_sync.checks.kpis_tab import kpi_vocabulary, read_kpis
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.inputs.frames import read_frame
from sheets_sync.inputs.name_matching import Vocabulary
from sheets_sync.issues.issue import Issue
from sheets_sync.workbook.snapshot import Snapshot, Tab

_DTYPES = {ValueType.NUMBER: "float64", ValueType.BOOLEAN: "boolean"}
_UNREAD = frozenset({ValueType.JSON, ValueType.WRITTEN})
"""Amounts in JSON are in the matrices; what sheetplan writes is no input."""


@dataclass(frozen=True)
class Frames:
    """The inputs of a workbook as pandas frames.

    Every frame has all of its columns, whether the workbook has them or not, under their canonical names
    (``docs/workbook.md``). Matrices, targets and constraints name KPIs by their keys. Blank cells hold the column's
    default where it has one, else NaN or <NA>. Lists of keys are strings with comma and blank between the keys. Rows
    are in the order of the sheet; a row with a blank or repeated key is kept, and is an issue.

    Attributes:
        kpis: a row per KPI, index `kpi_key`: kpi_name, kpi_level, unit, direction, feeds (string), scale (float64),
            is_required, is_active (boolean), and the other columns of the tab.
        initiatives: a row per initiative, index `initiative_key`: title, department, market, category, program,
            period_key, mandate_reason, bundle_key, prerequisite_keys, exclusion_keys, variant_of (string),
            engineering_tokens (float64), is_candidate, is_mandatory (boolean), and the other columns of the tab.
        contributions: initiatives x KPIs, float64, in each KPI's unit; from columns and JSON alike, 0 where blank.
        lows, highs: the ends of the estimates, likewise; NaN where blank.
        costs: initiatives x resources (`engineering_tokens` first), float64, in each resource's unit; 0 where blank.
        scenarios: a row per scenario, index `scenario_name`: period_key, objective_mode, north_star_kpi,
            target_priority, secondary_objective, normalization (string), capacity_total_tokens (float64), run
            (boolean).
        weights: scenarios x KPIs, float64; 0 where blank.
        capacities: scenarios x resources, float64; NaN where a resource is not limited.
        targets: a row per target of the Targets and Scenarios tabs: scenario_name (<NA>: all), kpi_key, dimension,
            dimension_key, floor_or_goal, notes (string), target_value, baseline_value (float64), source (the cell).
        constraints: a row per rule: scenario_name (<NA>: all), constraint_type, dimension, dimension_key, member_keys,
            kpi_key, notes (string), min_tokens, max_tokens, value (float64), source (the cell).
        issues: everything that is wrong in the workbook, as `sheetplan check` reports it.
    """

    kpis: pd.DataFrame
    initiatives: pd.DataFrame
    contributions: pd.DataFrame
    lows: pd.DataFrame
    highs: pd.DataFrame
    costs: pd.DataFrame
    scenarios: pd.DataFrame
    weights: pd.DataFrame
    capacities: pd.DataFrame
    targets: pd.DataFrame
    constraints: pd.DataFrame
    issues: tuple[Issue, ...]


def typed_frames(snapshot: Snapshot) -> Frames:
    """The inputs of a snapshot as pandas frames, and everything that is wrong in them."""
    checked = check(snapshot)

    def table(spec: InputTab) -> _Table:
        frame = checked.frames.get(spec.name) or read_frame(Tab(spec.name, ()), spec, Vocabulary(()))
        # What is wrong was found by `check` already.
        return _Table(TabReader(frame, Findings(), snapshot.locale), spec)

    kpis, initiatives, scenarios = table(KPIS), table(INITIATIVES), table(SCENARIOS)
    drafts = read_kpis(kpis.reader.frame, Findings(), snapshot.locale)
    keys, vocabulary = [draft.key for draft in drafts], kpi_vocabulary(drafts)
    weights = scenarios.amounts("weight", "objective_weights_json", vocabulary)
    given = initiatives.contributions(vocabulary, worths_of(checked.frames.get(COLUMNS.name), snapshot.locale))
    costs = initiatives.resources("cost", "engineering_tokens", 0.0)
    capacities = scenarios.resources("capacity", "capacity_total_tokens", nan)
    resources = Vocabulary(costs.columns, loose=True)
    return Frames(
        kpis=kpis.keyed(),
        initiatives=initiatives.keyed(),
        contributions=initiatives.matrix("contribution", keys, given, 0.0, "kpi_contribution_json"),
        lows=initiatives.matrix("low", keys, initiatives.family("low"), nan),
        highs=initiatives.matrix("high", keys, initiatives.family("high"), nan),
        costs=costs,
        scenarios=scenarios.keyed(),
        weights=scenarios.matrix("weight", keys, weights, 0.0, "objective_weights_json"),
        capacities=capacities.rename(columns=lambda name: resources.find(name) or name),
        targets=_targets(table(TARGETS), scenarios, vocabulary),
        constraints=_with_kpi_keys(table(CONSTRAINTS).numbered(), vocabulary),
        issues=checked.issues,
    )


_Amounts = Mapping[int, Mapping[str, float]]


class _Table:
    """One tab on its way to a frame."""

    def __init__(self, reader: TabReader, spec: InputTab) -> None:
        self.reader = reader
        self.rows = reader.frame.rows
        self.spec = spec
        key = spec.column(spec.key_column)
        self.index = self._series(key).rename(key.name)

    def keyed(self) -> pd.DataFrame:
        """The tab's single columns, by its key."""
        frame = self._columns(column for column in self.spec.columns if column.name != self.spec.key_column)
        return frame.set_axis(pd.Index(self.index), axis="index")

    def numbered(self) -> pd.DataFrame:
        """All of the tab's single columns and the cell of each row's key, rows numbered from 0."""
        frame = self._columns(self.spec.columns)
        places = pd.array([str(self.reader.place(row)) for row in self.rows], dtype="string")
        return frame.assign(source=places).reset_index(drop=True)

    def matrix(
        self, family: str, members: Sequence[str], amounts: _Amounts, blank: float, json_column: str = ""
    ) -> pd.DataFrame:
        """The amounts of each row by member; NaN where the cell has an error, `blank` where there is none."""
        headers = {member: self.spec.family(family).header(member) for member in members}

        def value(row: int, member: str) -> float:
            if member in amounts[row]:
                return amounts[row][member]
            faulty = self.reader.faulty(row)
            return nan if headers[member] in faulty or json_column in faulty else blank

        columns = {member: [value(row, member) for row in self.rows] for member in members}
        return pd.DataFrame(columns, index=pd.Index(self.index), columns=list(members), dtype="float64")

    def amounts(self, family: str, json_column: str, kpis: Vocabulary) -> _Amounts:
        """The amounts of each row by KPI, from columns and JSON."""
        return _values(read_amounts(self.reader, family, json_column, kpis))

    def contributions(self, kpis: Vocabulary, worths: Mapping[str, float]) -> _Amounts:
        """The contributions of each row by KPI, given or computed; NaN where they cannot be computed."""
        given = read_amounts(self.reader, "contribution", "kpi_contribution_json", kpis)
        add_computed(self.reader, given, worths)
        values = _values(given)
        for kpi, fields in computed_fields(self.reader).items():
            for row in self.rows:
                if kpi not in values[row] and not self.reader.faulty(row).isdisjoint(field.name for field in fields):
                    values[row][kpi] = nan
        return values

    def family(self, name: str) -> _Amounts:
        """The amounts of each row by member, from columns."""
        rows: dict[int, dict[str, float]] = {row: {} for row in self.rows}
        for field in self.reader.frame.family(name):
            for row, value in self.reader.numbers(field.name).items():
                rows[row][str(field.member)] = value
        return rows

    def resources(self, family: str, tokens: str, blank: float) -> pd.DataFrame:
        """Engineering tokens, from a column of their own, and every further resource."""
        members = [str(field.member) for field in self.reader.frame.family(family)]
        matrix = self.matrix(family, members, self.family(family), blank)
        matrix.insert(0, TOKENS, self._series(self.spec.column(tokens)).to_numpy())
        return matrix

    def _columns(self, columns: Iterable[Column]) -> pd.DataFrame:
        read = {column.name: self._series(column) for column in columns if column.type not in _UNREAD}
        return pd.DataFrame(read, index=pd.Index(self.rows, dtype="int64"))

    def _series(self, column: Column) -> pd.Series:
        values = self._values(column)
        # Without the column `run`, all scenarios run.
        default = True if column.name == "run" and "run" not in self.reader.frame.fields else column.default
        filled = [values.get(row, None if column.name in self.reader.faulty(row) else default) for row in self.rows]
        return pd.Series(filled, index=pd.Index(self.rows, dtype="int64"), dtype=_DTYPES.get(column.type, "string"))

    def _values(self, column: Column) -> Mapping[int, object]:
        match column.type:
            case ValueType.NUMBER:
                return self.reader.numbers(column.name)
            case ValueType.BOOLEAN:
                return self.reader.booleans(column.name)
            case ValueType.CHOICE:
                return self.reader.choices(column.name)
            case ValueType.KEYS:
                return {row: ", ".join(keys) for row, keys in self.reader.key_lists(column.name).items()}
            case ValueType.DATE:
                return {row: day.isoformat() for row, day in self.reader.dates(column.name).items()}
            case ValueType.KEY | ValueType.PERIOD:
                return self.reader.keys(column.name)
            case _:
                return self.reader.texts(column.name)


def _values(amounts: Mapping[int, Amounts]) -> dict[int, dict[str, float]]:
    return {row: {kpi: amount.value for kpi, amount in of_row.items()} for row, of_row in amounts.items()}


def _with_kpi_keys(frame: pd.DataFrame, kpis: Vocabulary) -> pd.DataFrame:
    """The frame with each KPI by its key, where the sheet may have its name."""
    keys = [name if pd.isna(name) else kpis.find(name) or name for name in frame["kpi_key"]]
    return frame.assign(kpi_key=pd.array(keys, dtype="string"))


def _targets(targets: _Table, scenarios: _Table, kpis: Vocabulary) -> pd.DataFrame:
    """The targets of the Targets tab, and then those of the Scenarios tab."""
    own = _with_kpi_keys(targets.numbered(), kpis)
    given = read_amounts(scenarios.reader, "target", "targets_json", kpis)
    further = [
        {
            "scenario_name": scenarios.index[row],
            "kpi_key": kpi,
            "floor_or_goal": "goal",
            "target_value": amount.value,
            "source": str(scenarios.reader.place(row, amount.column)),
        }
        for row, amounts in given.items()
        for kpi, amount in amounts.items()
    ]
    if not further:
        return own
    added = pd.DataFrame(further).reindex(columns=own.columns).astype(own.dtypes)
    return pd.concat([own, added], ignore_index=True) if len(own) else added
