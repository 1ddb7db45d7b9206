"""A1 notation, moving references, number formats: properties and corner cases without HTTP."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sheets_server.a1 import Area, column_letters, column_number, format_area, parse_area, split_sheet
from tests.sheets_server.entered import parse_entered
from tests.sheets_server.fieldmask import merge_masked, parse_mask, project
from tests.sheets_server.locales import find_locale
from tests.sheets_server.number_format import format_number, general
from tests.sheets_server.references import shift_span

EN, DE = find_locale("en_US"), find_locale("de_DE")


@given(st.integers(0, 18_277))
def test_columns_round_trip(column):
    assert column_number(column_letters(column)) == column


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20),
    st.tuples(*[st.integers(0, 999)] * 4),
)
def test_ranges_round_trip(name, corners):
    area = Area(
        min(corners[0], corners[2]),
        min(corners[1], corners[3]),
        max(corners[0], corners[2]) + 1,
        max(corners[1], corners[3]) + 1,
    )
    sheet, rest = split_sheet(format_area(name, area))
    assert sheet == name
    assert parse_area(rest) == area


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("B2", Area(1, 1, 2, 2)),
        ("A1:B", Area(0, 0, None, 2)),
        ("A:C", Area(None, 0, None, 3)),
        ("2:5", Area(1, None, 5, None)),
        ("B3:A1", Area(0, 0, 3, 2)),
        ("$A$1:B$2", Area(0, 0, 2, 2)),
        ("A0", None),
        ("A1:", None),
        ("A", None),
        ("", None),
    ],
)
def test_areas(text, area):
    assert parse_area(text) == area


@given(st.integers(0, 50), st.integers(1, 50), st.integers(0, 60), st.integers(1, 20))
def test_an_insertion_and_its_deletion_leave_a_span_as_it_was(start, size, at, count):
    moved = shift_span(start, start + size, at, count)
    assert moved is not None
    assert shift_span(*moved, at, -count) == (start, start + size)


@given(st.integers(0, 50), st.integers(1, 50), st.integers(0, 60), st.integers(1, 20))
def test_a_deletion_leaves_the_cells_that_it_did_not_touch(start, size, at, count):
    kept = [cell for cell in range(start, start + size) if not at <= cell < at + count]
    moved = shift_span(start, start + size, at, -count)
    assert (0 if moved is None else moved[1] - moved[0]) == len(kept)


@pytest.mark.parametrize(
    ("number", "pattern", "shown"),
    [
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (0.125, "0%", "13%"),
        (0.125, "0.0%", "12.5%"),
        (-5, "#,##0;(#,##0)", "(5)"),
        (0, '0;-0;"none"', "none"),
        (1.005, "0.00", "1.01"),
        (0.5, "#.##", ".5"),
        (1500000, '#,##0.0,,"m"', "1.5m"),
        (12345, "0.00E+00", "1.23E+04"),
        (7, "000", "007"),
        (3.5, '"£"#,##0.00', "£3.50"),
        (3.5, "[$€-407]#,##0.00", "€3.50"),
        (5, "+#,##0;-#,##0", "+5"),
    ],
)
def test_number_formats(number, pattern, shown):
    assert format_number(number, {"type": "NUMBER", "pattern": pattern}, EN) == shown


@pytest.mark.parametrize(
    ("serial", "pattern", "shown"),
    [
        (46086, "yyyy-mm-dd", "2026-03-05"),
        (46086.75, "d mmm yyyy h:mm am/pm", "5 Mar 2026 6:00 PM"),
        (46086.5, "dddd, dd/mm/yy hh:mm:ss", "Thursday, 05/03/26 12:00:00"),
        (1.5, "[h]:mm", "36:00"),
    ],
)
def test_date_formats(serial, pattern, shown):
    assert format_number(serial, {"type": "DATE_TIME", "pattern": pattern}, EN) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (1 / 3, "0,3333333333"),
        (1e21, "1E+21"),
        (123456789012, "123456789012"),
        (-0.0, "0"),
        (1e-12, "1E-12"),
        (2.5, "2,5"),
    ],
)
def test_numbers_without_a_format(number, shown):
    assert general(number, DE) == shown


@pytest.mark.parametrize("text", ["1,23", "12 3", "1.2.3", "13/13/2026", "2026-13-01", "abc", "1,2,3", "--5", "#N/A"])
def test_what_looks_like_a_number_but_is_text(text):
    assert parse_entered(text, EN) == (text, None)


def test_masks():
    value = {"a": {"b": 1, "c": [{"d": 1, "e": 2}]}, "f": 3}
    assert project(value, parse_mask("a(b,c/d)")) == {"a": {"b": 1, "c": [{"d": 1}]}}
    assert project(value, parse_mask("*")) == value
    assert merge_masked(value, {"a": {"b": 5}}, parse_mask("a.b,f")) == {"a": {"b": 5, "c": [{"d": 1, "e": 2}]}}
