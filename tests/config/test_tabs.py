"""The table of tabs and columns is consistent, and says what the specification says."""

import pytest

from config.columns import InputTab, ValueType
from config.names import fold_header
from config.tabs import DIMENSIONS, INITIATIVES, INPUT_TABS, SCENARIOS, find_tab, input_tabs

IDS = [tab.name for tab in INPUT_TABS]


@pytest.mark.parametrize("tab", INPUT_TABS, ids=IDS)
def test_no_two_columns_share_a_spelling(tab: InputTab) -> None:
    spellings = [spelling for column in tab.columns for spelling in column.spellings]
    assert len(spellings) == len(set(spellings))


@pytest.mark.parametrize("tab", INPUT_TABS, ids=IDS)
def test_every_column_has_help_and_a_legal_example(tab: InputTab) -> None:
    for column in tab.columns:
        assert column.help.endswith(".")
        if column.choices:
            assert column.example in column.choices
            assert column.default in (None, *column.choices)
        if column.type is ValueType.NUMBER:
            assert isinstance(column.example, float)
            assert column.minimum is None or column.example >= column.minimum
        if column.type is ValueType.BOOLEAN:
            assert isinstance(column.example, bool)
            assert isinstance(column.default, bool)


@pytest.mark.parametrize("tab", INPUT_TABS, ids=IDS)
def test_the_key_column_is_a_required_column(tab: InputTab) -> None:
    assert tab.column(tab.key_column).required


def test_no_two_tabs_share_a_title() -> None:
    spellings = [spelling for tab in INPUT_TABS for spelling in tab.spellings]
    assert len(spellings) == len(set(spellings))


@pytest.mark.parametrize(
    ("title", "name"),
    [("kpis", "KPIs"), ("KPI", "KPIs"), ("Metrics_Config", "KPIs"), ("metrics-config", "KPIs"),
     ("Candidates", "Initiatives"), ("BACKLOG", "Initiatives"), ("Scenario_Config", "Scenarios"),
     ("scenario config", "Scenarios"), ("Constraints", "Constraints"), ("Targets", "Targets")],
)  # fmt: skip
def test_tabs_are_found_by_alias(title: str, name: str) -> None:
    tab = find_tab(title)
    assert tab is not None
    assert tab.name == name
    assert input_tabs(title)


@pytest.mark.parametrize("title", ["Results", "Runs", "Notes", "Initiatives 2024", ""])
def test_other_tabs_are_not_inputs(title: str) -> None:
    assert not input_tabs(title)


@pytest.mark.parametrize(
    ("tab", "header", "name"),
    [(INITIATIVES, "Tokens", "engineering_tokens"), (INITIATIVES, "effort", "engineering_tokens"),
     (INITIATIVES, "Country", "market"), (INITIATIVES, "team", "department"), (INITIATIVES, "Initiative Key",
      "initiative_key"), (SCENARIOS, "capacity", "capacity_total_tokens"), (SCENARIOS, "Objective-Mode",
      "objective_mode")],
)  # fmt: skip
def test_columns_are_found_by_alias(tab: InputTab, header: str, name: str) -> None:
    column = tab.find_column(header)
    assert column is not None
    assert column.name == name


def test_dimensions_are_columns_of_initiatives() -> None:
    assert all(INITIATIVES.column(name).type is ValueType.KEY for name in DIMENSIONS)


def test_example_headers_of_families_are_spelt_as_the_family_is() -> None:
    for tab in INPUT_TABS:
        for family in tab.families:
            folded = [fold_header(spelling).replace("<kpi>", "gmv").replace("<resource>", "designdays")
                      for spelling in family.spellings]  # fmt: skip
            assert fold_header(family.example_header) in folded
