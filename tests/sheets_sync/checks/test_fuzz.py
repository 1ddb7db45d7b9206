"""Random edits of a valid workbook: never an exception, and never a row that disappears without a word.

A row is planned, or an error names it, or it is reported as a heading or as a row of totals.
"""

from datetime import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.cell import coordinate_to_tuple, get_column_letter

from sheets_sync.checks import check
from sheets_sync.inputs.fingerprint import fingerprint
from sheets_sync.inputs.frames import has_content
from sheets_sync.report.status_columns import run_status, sync_status
from tests.sheets_sync.sheets import VALID, Error, Uncalculated, cell, edited, snapshot

ODD_TEXT = st.sampled_from(
    ["", " ", "\u200b", "\u00a0", "4,500", "1.234,5", "PAY-1", "pay-1, PAY-2", "gmv", "gmv > churn", "TRUE", "#N/A",
     "=1+1", "north_star", "lexicographic", "2026-Q1", '{"gmv": 1}', '{"gmv": NaN}', "{", "North", "Growth",
     "initiative_key", ":", "contribution: gmv", "weight: gmv", "bundle", "synergy_bonus", "count_floor", "\ud800",
     "\u0130", "\ufb01", "e\u0301"]
)  # fmt: skip
LEFT_OUT = ("heading_row", "repeated_header_row", "total_row")
"""The warnings that name a row which is no initiative."""
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.integers(),
    st.just(10**400),
    ODD_TEXT,
    st.text(max_size=12),
    st.datetimes(datetime(1900, 1, 1), datetime(9999, 1, 1)),
    st.sampled_from(["#N/A", "#REF!", "#DIV/0!"]).map(Error),
    st.just(Uncalculated("=A1")),
)


@st.composite
def workbooks(draw: st.DrawFn) -> dict[str, list[list[Any]]]:
    """The valid workbook with cells changed, rows and columns deleted or doubled, and tabs taken away."""
    places = st.tuples(st.sampled_from(sorted(VALID)), st.integers(1, 8), st.integers(1, 20))
    edits = {
        f"{title}!{get_column_letter(column)}{row}": draw(VALUES)
        for title, row, column in draw(st.lists(places, max_size=12))
    }
    tabs = edited(edits)
    for title in draw(st.lists(st.sampled_from(sorted(VALID)), max_size=2, unique=True)):
        change = draw(st.sampled_from(["no tab", "no column", "double column", "no row", "double row"]))
        rows = tabs[title]
        if change == "no tab":
            del tabs[title]
        elif change == "no row":
            del rows[draw(st.integers(0, len(rows) - 1))]
        elif change == "double row":
            rows.append(list(rows[draw(st.integers(0, len(rows) - 1))]))
        else:
            at = draw(st.integers(0, 15))
            for row in rows:
                row[at : at + 1] = [] if change == "no column" else row[at : at + 1] * 2
    return tabs


@given(workbooks(), st.sampled_from([None, "de_DE", "en_GB"]))
def test_nothing_raises_and_no_row_is_lost(tabs: dict[str, list[list[Any]]], locale: str | None) -> None:
    result = check(snapshot(tabs, locale))
    assert len(fingerprint(result.frames)) == 64
    for column in (sync_status(result), run_status(result, {})):
        assert column is None or all("\n" not in text or text for text in column.values.values())
    telling = [issue for issue in result.issues if issue.severity == "error" or issue.code in LEFT_OUT]
    named = {issue.tab: set() for issue in telling}
    for issue in telling:
        if issue.cell is not None:
            named[issue.tab].add(coordinate_to_tuple(issue.cell)[0])
    frame = result.frames.get("Initiatives")
    if result.plan is None or frame is None:
        return
    planned = {str(initiative.source) for initiative in result.plan.initiatives}
    for row, values in enumerate(tabs["Initiatives"][frame.header_row :], start=frame.header_row + 1):
        ours = [cell(values[field.number - 1]) for field in frame.fields.values() if field.number <= len(values)]
        if any(map(has_content, ours)):
            key = frame.number_of("initiative_key")
            assert f"{frame.title}!{get_column_letter(key)}{row}" in planned or row in named.get(frame.title, ())


@given(workbooks())
def test_a_plan_is_made_exactly_of_the_scenarios_that_no_error_stops(tabs: dict[str, list[list[Any]]]) -> None:
    result = check(snapshot(tabs))
    valid = [row.name for row in result.scenarios if row.is_chosen and not row.errors]
    assert valid == ([] if result.plan is None else [scenario.name for scenario in result.plan.scenarios])
    if result.scenarios and not any(issue.severity == "error" for issue in result.issues):
        assert all(not row.errors for row in result.scenarios)
