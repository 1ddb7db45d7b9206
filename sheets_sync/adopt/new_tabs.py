"""The tabs that `adopt` adds, filled with the values of the list itself."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from config.columns import InputTab, Value
from config.names import clean, fold_key
from config.tabs import COLUMNS, CONSTRAINTS, KPIS, SCENARIOS
from sheets_sync.inputs.frames import Frame
from sheets_sync.workbook.template import TabTemplate, template_column

_MOST_CHOICES = 40


@dataclass(frozen=True)
class NewTabs:
    """What the tabs are made of: title of the list, header of its value, capacity, what headers mean that no alias
    knows, the unit of the value, and the tokens of each size."""

    title: str
    value: str | None
    capacity: float | None
    meanings: Mapping[str, str]
    unit: str
    sizes: Mapping[str, float]


def new_tabs(given: NewTabs, frame: Frame, existing: Container[str]) -> list[TabTemplate]:
    """KPIs, Scenarios, Constraints and, where it is needed, Columns: those that the workbook lacks."""
    tabs = []
    if given.value is not None:
        kpi: dict[str, Value] = {"kpi_key": given.value, "kpi_level": "north_star", "direction": "higher"}
        if given.unit:
            kpi["unit"] = given.unit
        tabs.append(_tab(KPIS, [kpi]))
    if given.capacity is not None:
        goal = f"Most {given.value}" if given.value else "First plan"
        scenario: dict[str, Value] = {
            "scenario_name": goal,
            "run": True,
            "objective_mode": "north_star",
            "capacity_total_tokens": given.capacity,
        }
        tabs.append(_tab(SCENARIOS, [scenario], {"period_key": _values(frame, "period_key")}))
    tabs.append(_tab(CONSTRAINTS, [], {"dimension_key": _values(frame, "department")}))
    if given.meanings or given.sizes:
        rows: list[dict[str, Value]] = [
            {"tab": given.title, "header": header, "field": meaning} for header, meaning in given.meanings.items()
        ]
        rows += [{"size": size, "tokens": tokens} for size, tokens in given.sizes.items()]
        tabs.append(_tab(COLUMNS, rows))
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
