"""The example workbooks: what they promise to show, and that their scripts still make them."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from config.tabs import CAPACITY, CONSTRAINT_TYPES, INITIATIVES, INPUT_TABS, PERIODS, SCENARIOS, find_tab
from sheets_sync.checks.timing import OF_PLANS_OVER_PERIODS

EXAMPLES = Path(__file__).parent.parent / "examples"
OF_ONE_PERIOD = [tab for tab in INPUT_TABS if tab not in (PERIODS, CAPACITY)]
"""The tabs of a plan of one quarter."""
EXAMPLE = EXAMPLES / "marketplace-q3.xlsx"
ROADMAP = EXAMPLES / "roadmap-2026.xlsx"
SCRIPTS = {EXAMPLE: "build_marketplace.py", ROADMAP: "build_roadmap.py"}
OWN_TABS = {"Read me", "Assumptions"}
OWN_COLUMNS = {"Owner", "Confidence", "Notes", "Link", "Question", "Definition"}

Row = dict[str, Any]


def header_row(sheet: Worksheet) -> int:
    """The number of the row below the title block that holds the tab's key column."""
    tab = find_tab(sheet.title)
    assert tab
    for cells in sheet.iter_rows(max_row=20):
        headers = [cell.value for cell in cells if isinstance(cell.value, str)]
        if any(tab.find_column(header) is tab.column(tab.key_column) for header in headers):
            return cells[0].row
    raise AssertionError(f"no header in {sheet.title}")


def rows(sheet: Worksheet) -> list[Row]:
    """The rows of a tab by header, blank ones left out."""
    first = header_row(sheet)
    headers = [cell.value for cell in sheet[first]]
    found = [dict(zip(headers, values, strict=True)) for values in sheet.iter_rows(min_row=first + 1, values_only=True)]
    return [row for row in found if any(value is not None for value in row.values())]


@pytest.fixture(scope="module")
def values() -> openpyxl.Workbook:
    """The workbook with the values that its formulas had when it was last calculated."""
    return openpyxl.load_workbook(EXAMPLE, data_only=True)


@pytest.fixture(scope="module")
def formulas() -> openpyxl.Workbook:
    """The workbook with its formulas."""
    return openpyxl.load_workbook(EXAMPLE)


@pytest.mark.parametrize(("example", "script"), SCRIPTS.items(), ids=SCRIPTS.values())
def test_script_makes_the_workbook_that_is_shipped(tmp_path: Path, example: Path, script: str) -> None:
    """Member by member, because compression may differ between versions of Python."""
    made = tmp_path / "made.xlsx"
    subprocess.run([sys.executable, EXAMPLES / script, made], check=True, timeout=120)
    with zipfile.ZipFile(made) as new, zipfile.ZipFile(example) as shipped:
        assert new.namelist() == shipped.namelist()
        assert [name for name in new.namelist() if new.read(name) != shipped.read(name)] == []


@pytest.mark.parametrize("example", SCRIPTS, ids=SCRIPTS.values())
def test_package_ships_the_same_workbook(example: Path) -> None:
    assert (files("sheets_sync.demo") / example.name).read_bytes() == example.read_bytes()


def test_the_roadmap_shows_every_column_of_plans_over_several_periods() -> None:
    """Two quarters long, with and without a profile, in progress, done, with dates; each tab that is about time."""
    roadmap = openpyxl.load_workbook(ROADMAP, data_only=True)
    assert set(roadmap.sheetnames) == {tab.name for tab in INPUT_TABS} | OWN_TABS
    initiatives = rows(roadmap["Initiatives"])
    used = {
        column.name for h in initiatives[0] if any(r[h] for r in initiatives) and (column := INITIATIVES.find_column(h))
    }
    profile = {name for name in OF_PLANS_OVER_PERIODS if name.startswith("tokens_in_")}
    of_time = {*OF_PLANS_OVER_PERIODS, "remaining_tokens", "status"}
    assert of_time - used == profile - {"tokens_in_1", "tokens_in_2"}
    assert set(Counter(row["Status"] for row in initiatives)) == {"Proposed", "In progress", "Done", "Stopped"}
    assert len({row["Team"] for row in initiatives}) == 7
    assert {row["Accrues"] for row in rows(roadmap["KPIs"])} == {"once", "each_period"}
    assert {row["Period"] for row in rows(roadmap["Targets"])} == {"2026-Q4", "2027-Q1", "2027-Q2"}


def test_every_input_tab_is_there_between_the_teams_own(values: openpyxl.Workbook) -> None:
    assert set(values.sheetnames) == {tab.name for tab in OF_ONE_PERIOD} | OWN_TABS


@pytest.mark.parametrize("tab", OF_ONE_PERIOD, ids=lambda tab: tab.name)
def test_headers_stand_below_a_title_block_and_are_known_or_the_teams_own(values: openpyxl.Workbook, tab: Any) -> None:
    sheet = values[tab.name]
    first = header_row(sheet)
    assert first > 2
    assert sheet.freeze_panes
    kpis = "|".join(re.escape(str(row[column])) for row in rows(values["KPIs"]) for column in ("KPI key", "KPI name"))
    families = [
        spelling.replace("<kpi>", f"({kpis})").replace("<resource>", "design days")
        for family in tab.families
        for spelling in family.spellings
    ]
    unknown = {
        header
        for header in (cell.value for cell in sheet[first])
        if not tab.find_column(header) and not any(re.fullmatch(f, header, re.IGNORECASE) for f in families)
    }
    assert unknown <= OWN_COLUMNS


def test_initiatives_are_many_and_spread(values: openpyxl.Workbook) -> None:
    initiatives = rows(values["Initiatives"])
    assert len(initiatives) == len({row["Initiative key"] for row in initiatives}) == 48
    assert set(Counter(row["Department"] for row in initiatives).values()) == {8}
    assert {row["Market"] for row in initiatives} == {"UK", "DE", "FR", "Global"}
    assert {row["Period key"] for row in initiatives} == {"2026-Q3", "2026-Q4", None}
    assert all(5 <= row["Engineering tokens"] <= 120 for row in initiatives)


def test_initiatives_show_every_column_that_sheetplan_reads(values: openpyxl.Workbook) -> None:
    """Each column of the table is there, and used by at least one initiative."""
    initiatives = rows(values["Initiatives"])
    shown = {column.name for header in initiatives[0] if (column := INITIATIVES.find_column(header))}
    others = {"size", "status", "priority"}  # of teams that do not estimate in numbers, or keep their progress here
    others |= {*OF_PLANS_OVER_PERIODS, "remaining_tokens"}  # this is a plan of one quarter
    others |= {"tokens_low", "tokens_high"}  # its ranges are those of contributions
    assert shown == {column.name for column in INITIATIVES.columns if not column.is_written} - others
    assert [header for header in initiatives[0] if not any(row[header] for row in initiatives)] == []
    assert 0 < sum(not row["Is candidate"] for row in initiatives) < 5
    assert all(row["Mandate reason"] for row in initiatives if row["Is mandatory"])
    assert any(json.loads(row["KPI contribution JSON"] or "{}").get("gmv") == row["GMV"] for row in initiatives)


def test_kpis_have_different_units_one_north_star_and_one_that_is_better_lower(values: openpyxl.Workbook) -> None:
    kpis = rows(values["KPIs"])
    assert [row["Unit"] for row in kpis] == ["GBP", "fraction", "fraction", "count", "days"]
    assert [row["KPI key"] for row in kpis if row["KPI level"] == "north_star"] == ["gmv"]
    assert [row["KPI key"] for row in kpis if row["Direction"] == "lower"] == ["delivery_days"]
    assert [(row["KPI key"], row["Feeds"]) for row in kpis if row["Feeds"]] == [("conversion_rate", "gmv")]


def test_scenarios_cover_the_modes_and_compare_normalizations(values: openpyxl.Workbook) -> None:
    scenarios = rows(values["Scenarios"])
    assert [(row["Scenario name"], row["Objective mode"], row["Normalization"]) for row in scenarios] == [
        ("GMV first", "north_star", None),
        ("Balanced (scale)", "weighted_kpis", "scale"),
        ("Balanced (raw units)", "weighted_kpis", "none"),
        ("Retention then GMV", "lexicographic", None),
        ("Stretch targets", "lexicographic", "scale"),
    ]
    scale, raw = ({h: v for h, v in row.items() if h.startswith("Weight:")} for row in scenarios[1:3])
    assert scale == raw
    assert {choice for row in scenarios if (choice := row["Objective mode"])} == set(
        SCENARIOS.column("objective_mode").choices
    )


def test_capacity_affords_about_half_of_the_tokens(values: openpyxl.Workbook) -> None:
    wanted = sum(row["Engineering tokens"] for row in rows(values["Initiatives"]))
    for row in rows(values["Scenarios"]):
        assert 0.4 < row["Capacity total tokens"] / wanted < 0.6


def test_constraints_show_every_type(values: openpyxl.Workbook) -> None:
    assert {row["Constraint type"] for row in rows(values["Constraints"])} == set(CONSTRAINT_TYPES)


def test_keys_that_are_mentioned_exist(values: openpyxl.Workbook) -> None:
    initiatives = rows(values["Initiatives"])
    known = {row["Initiative key"] for row in initiatives}
    cells = [row[header] for row in initiatives for header in ("Prerequisite keys", "Exclusion keys")]
    cells += [row["Member keys"] for row in rows(values["Constraints"])]
    mentioned = {key.strip() for cell in cells if cell for key in re.split("[,;]", cell)}
    assert mentioned
    assert mentioned <= known
    names = {row["Scenario name"] for row in rows(values["Scenarios"])}
    for tab in ("Constraints", "Targets"):
        assert {row["Scenario name"] for row in rows(values[tab])} <= names | {None}


def formula_cells(book: openpyxl.Workbook) -> list[tuple[str, str]]:
    """(tab, address) of every formula."""
    return [
        (sheet.title, cell.coordinate)
        for sheet in book
        for cells in sheet.iter_rows()
        for cell in cells
        if cell.data_type == "f"
    ]


def test_formulas_stand_on_input_tabs_and_carry_values(formulas: openpyxl.Workbook, values: openpyxl.Workbook) -> None:
    places = formula_cells(formulas)
    assert {"Initiatives", "Targets", "Assumptions"} <= {tab for tab, _ in places}
    assert all(isinstance(values[tab][address].value, int | float) for tab, address in places)


@pytest.fixture
def recalculated(tmp_path: Path) -> openpyxl.Workbook:
    """The workbook after LibreOffice calculated every formula anew."""
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice is not installed (make test-deps)")
    bare = tmp_path / "bare.xlsx"
    with zipfile.ZipFile(EXAMPLE) as shipped, zipfile.ZipFile(bare, "w") as stripped:
        for name in shipped.namelist():
            # Without values, and without Excel's name as the author, LibreOffice computes on loading.
            content = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", shipped.read(name))
            stripped.writestr(name, content.replace(b"<Application>Microsoft Excel", b"<Application>bare"))
    without = openpyxl.load_workbook(bare, data_only=True)
    assert all(without[tab][address].value is None for tab, address in formula_cells(openpyxl.load_workbook(bare)))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [soffice, "--headless", profile, "--convert-to", "xlsx", "--outdir", tmp_path / "out", bare]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return openpyxl.load_workbook(tmp_path / "out" / "bare.xlsx", data_only=True)


def test_values_of_formulas_are_those_of_a_spreadsheet_program(
    formulas: openpyxl.Workbook, values: openpyxl.Workbook, recalculated: openpyxl.Workbook
) -> None:
    for tab, address in formula_cells(formulas):
        assert recalculated[tab][address].value == pytest.approx(values[tab][address].value, rel=1e-12), (tab, address)
