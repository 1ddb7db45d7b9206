"""Which column of a tab is which field, however its header is spelt."""

import pytest

from config.tabs import INITIATIVES, KPIS, SCENARIOS
from sheets_sync.inputs.frames import Frame, read_frame
from sheets_sync.inputs.header_matching import find_header_row, match_headers
from sheets_sync.inputs.name_matching import Vocabulary
from tests.sheets_sync.sheets import Rows, Uncalculated, cell, snapshot

NAMES = Vocabulary(["gmv", "retention_30d"], [("Revenue", "gmv")], loose=True)


def frame(rows: Rows) -> Frame:
    return read_frame(snapshot({"Initiatives": rows}).tabs["Initiatives"], INITIATIVES, NAMES)


def test_families_name_their_member() -> None:
    read = frame([["key", "gmv", "Retention-30d low", "cost: Design Days", "impact: retention_30d"], ["A", 1, 2, 3, 4]])
    members = {name: (field.family.name, field.member) for name, field in read.fields.items() if field.family}
    assert members == {
        "contribution: gmv": ("contribution", "gmv"),
        "retention_30d low": ("low", "retention_30d"),
        "cost: Design Days": ("cost", "Design Days"),
        "contribution: retention_30d": ("contribution", "retention_30d"),
    }


def test_a_kpi_may_end_like_a_range() -> None:
    names = Vocabulary(["price", "price low"], loose=True)
    tab = snapshot({"Initiatives": [["key", "price low", "price low low"], ["A", 1, 2]]}).tabs["Initiatives"]
    assert list(read_frame(tab, INITIATIVES, names).fields) == [
        "initiative_key",
        "contribution: price low",
        "price low low",
    ]


def test_the_column_itself_goes_before_its_alias_and_the_first_before_the_second() -> None:
    read = frame([["key", "effort", "engineering tokens", "gmv", "Revenue"], ["A", 1, 2, 3, 4]])
    assert read.number_of("engineering_tokens") == 3
    assert [field.number for field in read.outranked] == [2]
    assert read.number_of("contribution: gmv") == 4
    assert [field.number for field in read.repeats] == [5]


def test_an_alias_that_names_a_kpi_is_the_kpis_column_beside_the_column_itself() -> None:
    def numbers(header: list[str]) -> dict[str, int]:
        names = Vocabulary(["points", "gmv"], [("Effort", "gmv")], loose=True)
        tab = snapshot({"Initiatives": [header, ["A", 1, 2, 3][: len(header)]]}).tabs["Initiatives"]
        return {name: field.number for name, field in read_frame(tab, INITIATIVES, names).fields.items()}

    assert numbers(["key", "points", "engineering_tokens"]) == {
        "initiative_key": 1,
        "contribution: points": 2,
        "engineering_tokens": 3,
    }
    assert numbers(["key", "engineering_tokens", "effort"])["contribution: gmv"] == 3
    assert numbers(["key", "points"]) == {"initiative_key": 1, "engineering_tokens": 2}
    assert numbers(["key", "points", "engineering_tokens", "impact: points"])["contribution: points"] == 4


def test_the_header_row_is_the_first_with_the_key_column_and_another() -> None:
    def row_of(rows: Rows) -> int | None:
        return find_header_row(snapshot({"KPIs": rows}).tabs["KPIs"], KPIS)

    assert row_of([["KPI"], [], ["kpi_key", "unit"], ["gmv", "GBP"]]) == 3
    assert row_of([["kpi_key"], ["gmv"]]) == 1
    assert row_of([[]] * 19 + [["kpi_key", "unit"]]) == 20
    assert row_of([[]] * 20 + [["kpi_key", "unit"]]) is None
    assert row_of([]) is None


def test_a_header_that_is_a_formula_never_calculated_is_none() -> None:
    tab = snapshot({"Scenarios": [["scenario_name", Uncalculated("=A1")], ["Base", 5]]}).tabs["Scenarios"]
    assert [stray.header for stray in read_frame(tab, SCENARIOS, NAMES).strays] == [""]


@pytest.mark.parametrize("header", ["GMV (GBP)", "gmv [£]", "GMV (%)"])
def test_kpi_with_a_unit_in_brackets_heads_its_column(header: str) -> None:
    row = [cell(one) for one in ("Initiative", "Effort", header)]
    fields, strays = match_headers(INITIATIVES, row, Vocabulary(["gmv"]))
    assert [field.member for field in fields] == [None, None, "gmv"]
    assert strays == []


@pytest.mark.parametrize("headers", [("GMV", "GMV (GBP)"), ("GMV (GBP)", "GMV (EUR)"), ("GMV (last year)",)])
def test_kpi_with_a_column_of_its_own_or_a_remark_takes_no_other(headers: tuple[str, ...]) -> None:
    row = [cell(header) for header in ("Initiative", "Effort", *headers)]
    fields, _ = match_headers(INITIATIVES, row, Vocabulary(["gmv"]))
    assert [field.header for field in fields if field.member] == [header for header in headers if header == "GMV"]
