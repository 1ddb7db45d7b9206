"""Tabs and headers: missing, repeated, misspelt, and numbers that nothing reads."""

from collections.abc import Mapping
from typing import Any

import pytest

from sheets_sync.issues.issue import Severity
from tests.sheets_sync.sheets import Case, Error, brief, checked

CASES = {
    "a tab of prose called Constraints": Case(
        {"Constraints": [["What we must keep in mind"], ["Legal wants the cookie banner first"]]},
        [
            'Constraints!A1: The tab "Constraints" has no header row of Constraints, so it is not read. Nothing to do '
            "if it is yours; otherwise give it the headers of Constraints. [tab_of_another_meaning]"
        ],
    ),
    "a required tab is missing": Case(
        {"Initiatives": None},
        [
            'workbook: There is no Initiatives tab; its tabs are "KPIs", "Scenarios", "Constraints", "Targets". Run '
            "sheetplan adopt to set up the workbook around a list that you have, or sheetplan init for empty tabs. "
            "[missing_tab]"
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "the KPIs tab is missing": Case(
        {"KPIs": None},
        [
            'workbook: There is no KPIs tab; its tabs are "Initiatives", "Scenarios", "Constraints", "Targets". Run '
            "sheetplan adopt to set up the workbook around a list that you have, or sheetplan init for empty tabs. "
            "[missing_tab]"
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "two tabs are the same input": Case(
        {"Backlog": [["initiative_key"], ["X"]]},
        [
            'Backlog!A1: The tabs "Initiatives" and "Backlog" both match Initiatives. Rename the one that sheetplan '
            "should ignore. [ambiguous_tab]"
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "a tab has an input's alias but no header": Case(
        {"Backlog": [["stuff"], ["X"]]},
        [
            'Backlog!A1: The tab "Backlog" also matches Initiatives, but "Initiatives" is read. Rename it to clear '
            "this warning. [ignored_tab]"
        ],
    ),
    "no row holds the key column": Case(
        {"KPIs": [["Our measures"], ["gmv"]]},
        [
            "KPIs!A1: None of the first 20 rows has a header kpi_key. Give the KPIs tab a header row with kpi_key "
            "(or kpi, key, metric, metric_key, kpi_id). [missing_header_row]"
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "a required column is missing": Case(
        {"Initiatives!C1": "weeks"},
        [
            "Initiatives!A1: The Initiatives tab has no column engineering_tokens. Add a column headed "
            "engineering_tokens (or tokens, effort, engineering_effort). [missing_column]",
            'Initiatives!C1: The column "weeks" contains numbers, but is neither a column of the Initiatives tab '
            "nor a KPI. If it should count, add it to the KPIs tab, or use a header from the documentation. "
            "[ignored_numeric_column]",
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "a required column is misspelt": Case(
        {"Initiatives!C1": "enginering_tokens"},
        [
            'Initiatives!A1: The Initiatives tab has no column engineering_tokens. Rename "enginering_tokens" in '
            "C1, if that is the column you mean. [missing_column]"
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "a required tab has no rows": Case(
        {
            "Scenarios": [["scenario_name", "objective_mode", "capacity_total_tokens"]],
            "Targets": None,
            "Constraints": None,
        },
        [
            "Scenarios!A1: The Scenarios tab has a header but no rows. Add one row per plan that you want to see: a "
            "name, an objective mode and a capacity. [no_rows]"
        ],
    ),
    "a KPI has two columns": Case(
        {"Initiatives!S1": "GMV", "Initiatives!S2": 5},
        [
            'Initiatives!S1: "GMV" and "gmv" in F1 both mean contribution of "gmv". Keep one of the two columns, '
            "or rename the other. [repeated_header]"
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "two aliases of one column": Case(
        {"Initiatives!C1": "Tokens", "Initiatives!S1": "Effort", "Initiatives!S2": 5},
        [
            'Initiatives!S1: "Effort" also matches engineering_tokens, but the column "Tokens" in C1 is read. Rename '
            "or remove it to clear this warning. [ignored_alias]"
        ],
    ),
    "one alias with two units": Case(
        {"Initiatives!C1": "Effort (days)", "Initiatives!S1": "Effort (weeks)", "Initiatives!S2": 5},
        [
            'Initiatives!S1: "Effort (weeks)" and "Effort (days)" in C1 both mean engineering_tokens. Keep one of the '
            "two columns, or rename the other. [repeated_header]"
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "an alias beside the column itself": Case(
        {"Initiatives!S1": "Effort", "Initiatives!S2": 5},
        [
            'Initiatives!S1: "Effort" also matches engineering_tokens, but the column "engineering_tokens" in C1 is '
            "read. Rename or remove it to clear this warning. [ignored_alias]"
        ],
    ),
    "a foreign header stands twice": Case(
        {"Initiatives!S1": "comment", "Initiatives!T1": "Comment"},
        [
            'Initiatives!T1: "Comment" is also the header in S1; sheetplan reads neither column. Rename one of them '
            "to clear this warning. [repeated_other_header]"
        ],
    ),
    "a header is both a column and a KPI": Case(
        {"KPIs!A6": "effort", "Initiatives!C1": "effort"},
        [
            'Initiatives!C1: "effort" is read as the column engineering_tokens, not as the KPI "effort". Change the '
            'header of the KPI\'s column to "contribution: effort". [header_means_column]'
        ],
    ),
    "an alias beside the column itself is a KPI": Case(
        {"KPIs!A6": "points", "Initiatives!S1": "points", "Initiatives!S2": "x"},
        [
            'Initiatives!S2: points is "x", which is text, not a number. Type a plain number, or clear the cell. '
            "[not_a_number]"
        ],
        stopped=["North", "Weighted"],
    ),
    "an optional column is misspelt": Case(
        {"Initiatives!N1": "prerequisit_keys", "Initiatives!N2": "PAY-2"},
        [
            'Initiatives!N1: "prerequisit_keys" is not a column that sheetplan reads on the Initiatives tab. Did '
            'you mean "prerequisite_keys"? [misspelt_header]'
        ],
        stopped=["North", "Weighted"],
    ),
    "a column of text that is only shown is misspelt": Case(
        {"Initiatives!B1": "titel"},
        [
            'Initiatives!B1: "titel" is not a column that sheetplan reads on the Initiatives tab. Did you mean '
            '"title"? [similar_header]'
        ],
    ),
    "the word before the colon is misspelt": Case(
        {"Scenarios!G1": "wieght: gmv"},
        [
            'Scenarios!G1: "wieght: gmv" begins with "wieght:", which sheetplan does not know. Did you mean '
            '"weight: gmv"? [misspelt_prefix]'
        ],
        stopped=["Weighted"],
    ),
    "nothing stands after the colon": Case(
        {"Initiatives!Q1": "cost:", "Scenarios!M2": None},
        ['Initiatives!Q1: "cost:" does not name a resource. Add its name after the colon. [missing_name_in_header]'],
        stopped=["North", "Weighted"],
    ),
    "a prefixed contribution names no KPI": Case(
        {"Initiatives!S1": "contribution: orders", "Initiatives!S2": 1},
        [
            'Initiatives!S1: "orders" is not a KPI in the KPIs tab. Add it to the KPIs tab, or correct the name. '
            "[unknown_kpi]"
        ],
        stopped=["North", "Weighted"],
    ),
    "a numeric column is nearly a KPI": Case(
        {"Initiatives!H1": "chrun"},
        ['Initiatives!H1: "chrun" is not a KPI in the KPIs tab. Did you mean "churn"? [unknown_kpi]'],
        stopped=["North", "Weighted", "Targets"],
    ),
    "a numeric column is a KPI with a remark": Case(
        {"Initiatives!H1": "Churn (customers)"},
        ['Initiatives!H1: "Churn (customers)" is not a KPI in the KPIs tab. Did you mean "churn"? [unknown_kpi]'],
        stopped=["North", "Weighted", "Targets"],
    ),
    "a KPI with a remark stands beside the KPI's own column": Case(
        {"Initiatives!S1": "Churn (last year)", "Initiatives!S2": 7},
        [
            'Initiatives!S1: The column "Churn (last year)" contains numbers, but is neither a column of the '
            "Initiatives tab nor a KPI. If it should count, add it to the KPIs tab, or use a header from the "
            "documentation. [ignored_numeric_column]",
        ],
    ),
    "a column of text is nearly a KPI": Case(
        {"Initiatives!H1": "chrun", "Initiatives!H4": "-0,002", "Initiatives!H5": "0 %"},
        [
            'Initiatives!H1: "chrun" is not a KPI in the KPIs tab. Did you mean "churn"? [unknown_kpi]',
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "a prefixed column is nearly a KPI": Case(
        {"Initiatives!H1": "impact: chrn"},
        ['Initiatives!H1: "chrn" is not a KPI in the KPIs tab. Did you mean "churn"? [unknown_kpi]'],
        stopped=["North", "Weighted", "Targets"],
    ),
    "a range column is nearly a KPI": Case(
        {"Initiatives!S1": "gvm low", "Initiatives!S2": 1},
        ['Initiatives!S1: "gvm" is not a KPI in the KPIs tab. Did you mean "gmv"? [unknown_kpi]'],
        stopped=["North", "Weighted"],
    ),
    "a weight column names no KPI": Case(
        {"Scenarios!H1": "weight: retentoin_30d"},
        ['Scenarios!H1: "retentoin_30d" is not a KPI in the KPIs tab. Did you mean "retention_30d"? [unknown_kpi]'],
        stopped=["Weighted"],
    ),
    "a header is the name of two KPIs": Case(
        {"KPIs!B4": "30-day retention", "Initiatives!H1": "30-Day Retention"},
        [
            'KPIs!B4: "30-day retention" also means the KPI "retention_30d" in B3. Use the KPI\'s key as the '
            "column header, not this name. [shared_kpi_name]",
            'Initiatives!H1: "30-Day Retention" matches several KPIs: churn, retention_30d. Use the key of the one '
            "you mean. [ambiguous_kpi]",
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "a numeric column is not read": Case(
        {"Initiatives!S1": "Reach", "Initiatives!S2": 5},
        [
            'Initiatives!S1: The column "Reach" contains numbers, but is neither a column of the Initiatives tab '
            "nor a KPI. If it should count, add it to the KPIs tab, or use a header from the documentation. "
            "[ignored_numeric_column]"
        ],
    ),
    "a numeric column has no header": Case(
        {"Initiatives!S2": 5},
        [
            "Initiatives!S1: Column S contains numbers, but its header is blank, so it is ignored. If it should "
            "count, give it a header. [numbers_without_header]"
        ],
    ),
}


EVERYTHING = ["North", "Weighted", "Targets"]


@pytest.mark.parametrize(
    ("edits", "near", "stopped"),
    [
        ({"Initiatives!K1": "is_mandatroy"}, "is_mandatory", EVERYTHING),
        ({"Initiatives!M1": "bundel_key", "Initiatives!M5": "b"}, "bundle_key", ["Weighted", "Targets"]),
        ({"Constraints!A1": "scenario_nam"}, "scenario_name", EVERYTHING),
        ({"Constraints!E1": "min_token", "Constraints!E2": 5}, "min_tokens", EVERYTHING),
        ({"Targets!G1": "baselin_value", "Targets!G2": 1}, "baseline_value", EVERYTHING),
        ({"Targets!E1": "floor_or_gaol"}, "floor_or_goal", EVERYTHING),
        ({"Scenarios!B1": "runn", "Scenarios!B2": False}, "run", EVERYTHING),
        ({"Scenarios!C1": "perod_key"}, "period_key", EVERYTHING),
        ({"Scenarios!L1": "normalizaton"}, "normalization", ["Weighted"]),
        ({"KPIs!E1": "directon"}, "direction", EVERYTHING),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_misspelt_column_that_decides_something_stops_what_it_touches(
    edits: Mapping[str, Any], near: str, stopped: list[str]
) -> None:
    result = checked(edits)
    reported = [issue for issue in result.issues if issue.code == "misspelt_header"]
    assert [issue.message.endswith(f'Did you mean "{near}"?') for issue in reported] == [True]
    assert reported[0].severity is Severity.ERROR
    assert list(result.stopped) == stopped


@pytest.mark.parametrize(
    ("place", "header"),
    [
        ("Initiatives!D1", "Term"),
        ("Initiatives!D1", "TAM"),
        ("Initiatives!D1", "Department ID"),
        ("Initiatives!D1", "Depth"),
        ("Initiatives!E1", "market size"),
        ("Initiatives!O1", "inclusion_keys"),
        ("KPIs!C1", "Lever"),
        ("KPIs!I1", "inactive"),
        ("Scenarios!O1", "Target"),
        ("Scenarios!B1", "rank"),
    ],
)
def test_a_column_of_ones_own_that_resembles_ours_is_no_error(place: str, header: str) -> None:
    reported = [issue for issue in checked({place: header, f"{place[:-1]}2": "x"}).issues if issue.place == place]
    assert [issue for issue in reported if issue.severity is Severity.ERROR] == []


def test_a_misspelt_column_without_content_or_beside_the_column_itself_is_no_error() -> None:
    assert brief(checked({"Initiatives!M1": "bundel_key"})) == []
    assert brief(checked({"Initiatives!S1": "bundel_key", "Initiatives!S2": "b"})) == []


@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("chrn", "0,5 %", "unknown_kpi"),
        ("chrn", Error("#N/A"), "unknown_kpi"),
        ("impact chrun", "much", "unknown_kpi"),
        ("retention_30", "some", "unknown_kpi"),
        ("churm", "some", "similar_header"),
        ("torn", "some", None),
    ],
)
def test_a_column_that_is_nearly_a_kpis_counts_whatever_it_holds(header: str, value: Any, code: str | None) -> None:
    column = "G" if header.startswith("ret") else "H"
    edits = {f"Initiatives!{column}{row}": None for row in range(2, 7)}
    reported = checked({**edits, f"Initiatives!{column}1": header, f"Initiatives!{column}2": value}).issues
    assert [issue.code for issue in reported if issue.cell == f"{column}1"] == ([] if code is None else [code])


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_everything_wrong_is_reported(case: Case) -> None:
    case.assert_reported()
