"""The tabs that `adopt` adds, filled with the values of the list itself."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from config.columns import InputTab, Value
from config.names import clean, fold_key
from config.tabs import CAPACITY, COLUMNS, CONSTRAINTS, INITIATIVES, KPIS, PERIODS, SCENARIOS
from sheets_sync.adopt.value_columns import ValueColumn
from sheets_sync.inputs.frames import Frame
from sheets_sync.workbook.template import TabTemplate, template_column

_MOST_CHOICES = 40


@dataclass(frozen=True)
class NewTabs:
    """What the tabs are made of.

    `title` is that of the list, which the Columns tab has to name where `is_stated`; `meanings` are what headers mean
    that no alias knows, `sizes` the tokens of each size, `worths` what each word of the value is worth. `has_scales`:
    the workbook's own KPIs have scales, so a scenario that weights several of them normalizes by these. Where there are
    `periods`, the capacity is that of each of them.
    """

    title: str
    is_stated: bool
    value: ValueColumn | None
    capacity: float | None
    meanings: Mapping[str, str]
    unit: str
    sizes: Mapping[str, float]
    worths: Mapping[str, float]
    has_scales: bool = False
    periods: Sequence[Mapping[str, Value]] = ()
    """The rows of the Periods tab; none in a plan of one period."""

    @property
    def statements(self) -> list[dict[str, Value]]:
        """The rows of the Columns tab by canonical column name; the three lists are side by side."""
        said: list[dict[str, Value]] = []
        if self.is_stated:
            said.append({"tab": self.title, "field": INITIATIVES.name})
        said += [{"tab": self.title, "header": header, "field": field} for header, field in self.meanings.items()]
        sizes: list[dict[str, Value]] = [{"size": size, "tokens": tokens} for size, tokens in self.sizes.items()]
        worths: list[dict[str, Value]] = [{"word": word, "worth": worth} for word, worth in self.worths.items()]
        nothing: dict[str, Value] = {}
        blocks = zip_longest(said, sizes, worths, fillvalue=nothing)
        return [{**about, **size, **worth} for about, size, worth in blocks]


def new_tabs(given: NewTabs, frame: Frame, existing: Container[str]) -> list[TabTemplate]:
    """KPIs, Scenarios, Constraints and, where needed, Periods, Capacity and Columns: those that the workbook lacks."""
    tabs = []
    if given.value is not None:
        kpi: dict[str, Value] = {"kpi_key": given.value.kpi, "kpi_level": "north_star", "direction": "higher"}
        if given.unit:
            kpi["unit"] = given.unit
        tabs.append(_tab(KPIS, [kpi]))
    if given.capacity is not None:
        goal = f"Most {given.value.kpi}" if given.value else "First plan"
        scenario: dict[str, Value] = {
            "scenario_name": goal,
            "run": True,
            "objective_mode": "north_star",
        }
        if given.periods:
            scenario["from_period"] = given.periods[0]["period_key"]
            scenario["to_period"] = given.periods[-1]["period_key"]
        else:
            scenario["capacity_total_tokens"] = given.capacity
        if given.has_scales:
            scenario["normalization"] = "scale"
        tabs.append(_tab(SCENARIOS, [scenario], {"period_key": _values(frame, "period_key")}))
    tabs.append(_tab(CONSTRAINTS, [], {"dimension_key": _values(frame, "department")}))
    if given.periods:
        tabs.append(_tab(PERIODS, given.periods))
        limits = [{"amount": given.capacity}] if given.capacity is not None else []
        names = [str(period["period_key"]) for period in given.periods]
        choices = {"dimension_key": _values(frame, "department"), "period_key": names}
        tabs.append(_tab(CAPACITY, limits, choices))
    if given.statements:
        tabs.append(_tab(COLUMNS, given.statements))
    return [tab for tab in tabs if tab.title not in existing]


def _tab(
    spec: InputTab, rows: Sequence[Mapping[str, Value]], choices: Mapping[str, Sequence[str]] | None = None
) -> TabTemplate:
    """A tab of the template with drop-downs of people's own values and rows by canonical column name."""
    inputs = [column for column in spec.columns if column.in_template and not column.is_written]
    names = [column.name for column in (*inputs, *(column for column in spec.columns if column.is_written))]
    columns = tuple(template_column(spec, name, (choices or {}).get(name, ())) for name in names)
    return TabTemplate(spec.name, columns, tuple(tuple(row.get(name) for name in names) for row in rows))


def _values(frame: Frame, name: str) -> list[str]:
    """The different values of one of the list's columns, in its order; none where they are too many to choose from."""
    found = {fold_key(text): text for cell in frame.column(name) if (text := clean(cell.shown))}
    return list(found.values()) if len(found) <= _MOST_CHOICES else []
