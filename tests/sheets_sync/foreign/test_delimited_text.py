"""Separators, encodings and types of text files."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.foreign.delimited_text import SEPARATORS, UnreadableTextError, decoded, rows_of, separator_of
from sheets_sync.workbook.snapshot import CellKind

FIELD = st.text(st.characters(blacklist_categories=["Cs", "Cc"]) | st.sampled_from("\n,;|\t\"'"), max_size=12)


@pytest.mark.parametrize("separator", SEPARATORS)
@given(rows=st.lists(st.lists(FIELD.filter(bool), min_size=2, max_size=2), min_size=1, max_size=6))
def test_every_field_comes_back_as_it_was_written(separator, rows):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(rows)
    read = rows_of(out.getvalue(), separator)
    assert [[cell.shown for cell in row] for row in read] == rows


@pytest.mark.parametrize("separator", SEPARATORS)
def test_the_separator_is_found_although_texts_hold_others(separator):
    rows = [["key", "title", "effort"], ["A", "one, two; three", "1"], ["B", "four\nfive", "2"], ["C", "x|y\tz", "3"]]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, quoting=csv.QUOTE_ALL).writerows(rows)
    assert separator_of(out.getvalue()) == separator
    assert [[cell.shown for cell in row] for row in rows_of(out.getvalue())] == rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encodings(encoding):
    assert decoded("key;größe\nA;€ 5\n".encode(encoding)) == "key;größe\nA;€ 5\n"


def test_other_bytes_are_reported():
    with pytest.raises(UnreadableTextError, match="no text in UTF-8, UTF-16 or Windows-1252"):
        decoded(b"\x81\x8d\x90")


def values(text: str) -> list[list[object]]:
    return [[cell.value for cell in row] for row in rows_of(text)]


def test_numbers_are_typed_only_where_they_can_mean_nothing_else():
    text = "a,b,c,d,e,f\n12,-1.5,007,1234567890123456,5k,20%\n"
    assert values(text)[1] == [12, -1.5, "007", "1234567890123456", "5k", 0.2]


def test_decimal_commas_need_semicolons_and_a_column_that_agrees():
    text = "a;b;c;d\n1,5;1,234;1,5;1.5\n2;2,345;1.5;2\n"
    assert values(text)[1:] == [[1.5, "1,234", "1,5", 1.5], [2, "2,345", "1.5", 2]]


def test_iso_dates_are_dates_and_other_dates_are_text():
    (row,) = rows_of("2026-03-01,2026-02-30,01/03/2026,2026-03\n")
    assert [cell.kind for cell in row] == [CellKind.DATE, CellKind.TEXT, CellKind.TEXT, CellKind.TEXT]


def test_a_declared_separator_is_followed():
    assert values("sep=;\na;b\n1;2\n") == [["a", "b"], [1, 2]]


@pytest.mark.parametrize(
    ("text", "value", "pattern"), [("80%", 0.8, "0%"), ("12.5 %", 0.125, "0.0%"), ("-5%", -0.05, "0%")]
)
def test_a_percentage_is_a_number_that_is_shown_in_per_cent(text, value, pattern):
    """As a spreadsheet takes it when it is typed."""
    ((cell,),) = rows_of(text, ",")
    assert (cell.kind, cell.value, cell.format, cell.shown) == (CellKind.NUMBER, value, pattern, text)


@pytest.mark.parametrize("text", ["%", "80%%", "about 80%", "1,5%"])
def test_what_only_holds_a_percent_sign_is_text(text):
    assert rows_of(f'"{text}"', ",")[0][0].kind is CellKind.TEXT
