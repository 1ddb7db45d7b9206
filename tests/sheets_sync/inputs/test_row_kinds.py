"""Headings and totals are no entries; what only looks like a total is doubtful, and ordinary rows are entries."""

import pytest

from sheets_sync.inputs.row_kinds import ListColumns, RowKinds, TotalSign, classify_rows, sums_its_column
from sheets_sync.workbook.snapshot import BLANK, Cell, CellKind, Tab

COLUMNS = ListColumns(names_row=(1, 2), classes=(3,), numbers=(4, 5), names=frozenset({"effort", "gmv"}))


def cell(value: object) -> Cell:
    if value is None:
        return BLANK
    if isinstance(value, bool):
        return Cell(CellKind.BOOLEAN, value)
    if isinstance(value, int | float):
        return Cell(CellKind.NUMBER, value)
    text = str(value)
    if text.startswith("="):
        return Cell(CellKind.NUMBER, 60, formula=text)
    return Cell(CellKind.TEXT, text)


def kinds(*rows: tuple[object, ...], totals_rows: tuple[int, ...] = (), columns: ListColumns = COLUMNS) -> RowKinds:
    """Rows from row 2 on: key, title, team, effort, gmv."""
    tab = Tab("Initiatives", [[], *([cell(value) for value in row] for row in rows)])
    return classify_rows(tab, range(2, len(rows) + 2), columns, totals_rows)


ENTRIES = (("A", "One", "Growth", 10, 100), ("B", "Two", "Growth", 20, 250), ("C", "Three", "Core", 30, 300))


def test_ordinary_rows_are_entries() -> None:
    assert kinds(*ENTRIES) == RowKinds()


def test_row_with_nothing_but_a_name_is_a_heading() -> None:
    found = kinds(
        ("GROWTH", None, None, None, None), *ENTRIES, (None, "Later", None, None, None), (7, None, None, None)
    )
    assert found.headings == (2, 6, 7)


def test_tick_box_beside_a_number_makes_no_entry_of_it() -> None:
    columns = ListColumns(names_row=(1,), numbers=(3,), others=(2,))
    assert kinds((7, True, None), (8, False, None), (9, "Ann", None), columns=columns).headings == (2, 3)


@pytest.mark.parametrize("formula", ["=SUM(D2:D4)", "=SUBTOTAL(9,D2:D4)", "=SUBTOTAL(109;$D$2:$D$4)",
                                     "=AGGREGATE(9,5,D$2:D$4)",
                                     "=D2+D3+D4", "=ROUND(SUM(D2:D4),0)", "=SUBTOTAL(109,[Effort])"])  # fmt: skip
def test_row_whose_formula_sums_its_own_column_is_a_total(formula: str) -> None:
    assert kinds(*ENTRIES, ("Z", None, None, formula, None)).totals == {5: TotalSign.FORMULA}


@pytest.mark.parametrize("formula", ["=SUM(F5:H5)", "=D2*1.1", "=E5/SUM(E2:E4)", "=SUM(Other!D2:D9)",
                                     "=SUM('My tab'!D2:D9)",
                                     "=D2", "=F5+G5", "=VLOOKUP(A5,M2:N9,2)", "=LOG10(F5)"])  # fmt: skip
def test_formula_over_other_cells_is_that_of_an_entry(formula: str) -> None:
    assert kinds(*ENTRIES, ("Z", "Four", "Core", formula, 5)) == RowKinds()


def test_parent_row_above_its_parts_is_a_total() -> None:
    assert sums_its_column("=SUM(D3:D6)", row=2, column=4)
    assert not sums_its_column("=SUM(D3:D6)", row=2, column=5)
    assert not sums_its_column(None, row=2, column=4)


def test_totals_row_of_a_table_is_a_total() -> None:
    assert kinds(*ENTRIES, ("Z", None, None, 1, 2), totals_rows=(5,)).totals == {5: TotalSign.TABLE}


@pytest.mark.parametrize(
    "name", ["Total", "TOTAL:", "Grand total", "Total effort", "Sum", "Gesamt", "Total (3 items)", "Subtotal Core"]
)
def test_word_for_total_beside_the_sum_of_the_rows_above_is_a_total(name: str) -> None:
    assert kinds(*ENTRIES, (name, None, None, 60, 650)).totals == {5: TotalSign.WORD_AND_SUM}


def test_a_total_may_leave_columns_blank() -> None:
    """Nobody adds up ranks: the sum of the effort alone, called a total, is one."""
    assert kinds(*ENTRIES, ("Total", None, None, 60, None)).totals == {5: TotalSign.WORD_AND_SUM}
    assert kinds(*ENTRIES, ("D", None, "Core", 60, None)) == RowKinds()


def test_subtotals_by_group_and_a_grand_total_over_all() -> None:
    found = kinds(
        ("GROWTH", None, None, None, None),
        ("A", None, "Growth", 10, 100),
        ("B", None, "Growth", 20, 250),
        ("Subtotal Growth", None, None, 30, 350),
        ("CORE", None, None, None, None),
        ("C", None, "Core", 30, 300),
        ("D", None, "Core", 5, 50),
        ("Subtotal Core", None, None, 35, 350),
        ("Total", None, None, 65, 700),
    )
    assert found.headings == (2, 6)
    assert list(found.totals) == [5, 9, 10]
    assert found.doubtful == {}


def test_word_alone_or_sum_alone_is_doubtful() -> None:
    assert kinds(*ENTRIES, ("Total", None, None, 61, 650)).doubtful == {5: TotalSign.WORD}
    assert kinds(*ENTRIES, ("Everything", None, None, 60, 650)).doubtful == {5: TotalSign.SUM}


@pytest.mark.parametrize(
    "title", ["Total rewards page", "Sum up invoices", "All-in-one checkout", "Overall latency budget"]
)
def test_title_that_only_holds_such_a_word_is_an_entry(title: str) -> None:
    assert kinds(*ENTRIES, ("D", title, "Core", 1, 2)) == RowKinds()


def test_two_rows_that_add_up_by_chance_are_entries() -> None:
    rows = (("A", None, "Growth", 10, 100), ("B", None, "Growth", 20, 200), ("C", None, "Growth", 30, 300))
    assert kinds(*rows) == RowKinds()
