"""Periods equal in meaning are equal, whatever their spelling; nothing that could mean two things is read."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.inputs.periods import Period, PeriodKind, parse_period, period_of_date

QUARTERS = [
    "2026-Q3", "2026Q3", "2026 q3", "2026–Q3", "2026/Q3", "2026_Q3", "Q3 2026", "Q3-2026", "Q3/26", "Q3'26", "Q3 '26",
    "Q326", "3Q26", "3Q 2026", "26Q3", "2026 Quarter 3", "Quarter 3, 2026", " Q3  2026 ", "2026.Q3", "Qtr 3 2026",
]  # fmt: skip
MONTHS = ["2026-03", "2026-3", "202603", "2026/03", "03/2026", "3.2026", "Mar 2026", "March 2026", "Mar-26", "mar'26",
          "2026 March", "2026-M03", "M03 2026", "March, 2026"]  # fmt: skip


@pytest.mark.parametrize("text", QUARTERS)
def test_spelling_of_a_quarter_is_the_quarter(text: str) -> None:
    assert parse_period(text) == Period(PeriodKind.QUARTER, 2026, 3)


@pytest.mark.parametrize("text", MONTHS)
def test_spelling_of_a_month_is_the_month(text: str) -> None:
    assert parse_period(text) == Period(PeriodKind.MONTH, 2026, 3)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("H2 2026", "2026-H2"), ("2H26", "2026-H2"), ("2026-H2", "2026-H2"), ("2026", "2026"), ("W7 2026", "2026-W07"),
        ("2026-W07", "2026-W07"), ("KW 7 2026", "2026-W07"), ("Q3", "Q3"), ("3q", "Q3"), ("H1", "H1"), ("May", "may"),
        ("FY26", "FY2026"), ("FY2026/27", "FY2026"), ("FY26 Q3", "FY2026-Q3"), ("Q3 FY26", "FY2026-Q3"),
        ("FY26-Q3", "FY2026-Q3"), ("Q3 FY'26", "FY2026-Q3"), ("2026-08-15", "2026-08-15"), ("CY26", "2026"),
    ],
)  # fmt: skip
def test_key_is_the_same_for_all_spellings(text: str, key: str) -> None:
    period = parse_period(text)
    assert period is not None
    assert period.key == key


@pytest.mark.parametrize(
    "text",
    ["", "later", "Sprint 12", "03/04", "3/26", "26", "Q5 2026", "2026-13", "2026-00", "W54 2026", "W53 2025", "H3",
     "2026-02-30", "PAY-1", "Q", "week", "Marching", "2026-Q3-b", "Q3 2026 / Q4 2026", "13Q26"],
)  # fmt: skip
def test_what_is_no_period_or_could_be_two_is_not_read(text: str) -> None:
    assert parse_period(text) is None


def test_fiscal_periods_equal_only_fiscal_ones() -> None:
    assert parse_period("FY26 Q3") != parse_period("2026 Q3")
    fiscal, calendar = parse_period("FY26 Q3"), parse_period("2026")
    assert fiscal is not None
    assert calendar is not None
    assert not fiscal.lies_in(calendar)


def test_date_lies_in_its_month_quarter_half_and_year() -> None:
    day = period_of_date(date(2026, 8, 15))
    inside = [text for text in ("2026-08", "2026-Q3", "2026-H2", "2026", "2026-08-15") if _lies_in(day, text)]
    assert inside == ["2026-08", "2026-Q3", "2026-H2", "2026", "2026-08-15"]
    assert not any(_lies_in(day, text) for text in ("2026-07", "2026-Q2", "2026-H1", "2025", "Q3", "FY26 Q3"))


def test_part_of_a_year_lies_only_in_what_holds_all_of_it() -> None:
    quarter = parse_period("2026-Q3")
    assert quarter is not None
    assert _lies_in(quarter, "2026-H2")
    assert not _lies_in(quarter, "2026-09")
    week = parse_period("2026-W31")
    assert week is not None
    assert _lies_in(week, "2026")
    assert not _lies_in(week, "2026-Q3")


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2099, 12, 31)))
def test_key_of_a_date_is_the_date(moment: date) -> None:
    period = period_of_date(moment)
    assert period.key == moment.isoformat()
    assert parse_period(period.key) == period


@given(st.text())
def test_any_text_is_a_period_or_none(text: str) -> None:
    period = parse_period(text)
    assert period is None or parse_period(period.key) == period


def _lies_in(period: Period, text: str) -> bool:
    other = parse_period(text)
    assert other is not None
    return period.lies_in(other)
