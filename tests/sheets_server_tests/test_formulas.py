"""Formulas: values, errors, references that move, references that break."""

import time

import pytest


def values_of(book, sheet, formulas):
    sheet.update([[text] for text in formulas], "F1", value_input_option="USER_ENTERED")
    return [row[0] for row in sheet.get(f"F1:F{len(formulas)}", value_render_option="UNFORMATTED_VALUE")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=1+2*3^2-4/2", 17),
        ("=-2^2", 4),
        ("=50%*4", 2),
        ('="a"&1&TRUE', "a1TRUE"),
        ("=0.1+0.2=0.3", True),
        ('="abc"="ABC"', True),
        ("=SUM(A1:B3)", 66),
        ("=SUM(A:A,100)", 106),
        ("=SUM(A1:A3)*2", 12),
        ("=SUMPRODUCT(A1:A3,B1:B3)", 140),
        ('=SUMPRODUCT((C1:C3="x")*A1:A3)', 4),
        ('=SUMPRODUCT(--(C1:C3="x"),A1:A3,B1:B3)', 100),
        ('=SUMIF(C1:C3,"x",B1:B3)', 40),
        ('=SUMIFS(B1:B3,C1:C3,"x",A1:A3,">1")', 30),
        ('=COUNTIF(A1:A3,">=2")', 2),
        ('=COUNTIF(C1:C3,"?")', 3),
        ("=COUNT(A1:C3)", 6),
        ("=COUNTA(A1:D3)", 9),
        ("=COUNTBLANK(D1:D3)", 3),
        ('=IF(A1<B1,"yes",1/0)', "yes"),
        ('=IFERROR(1/0,"none")', "none"),
        ("=IFERROR(A2,0)", 2),
        ('=INDEX(B1:B3,MATCH("y",C1:C3,0))', 20),
        ("=MATCH(2.5,A1:A3,1)", 2),
        ('=SUM(INDIRECT("$A$1:$A"&3))', 6),
        ('=IFERROR(SUM(INDIRECT("\'No such tab\'!A:A")),"none")', "none"),
        ("=VLOOKUP(2,A1:C3,3,FALSE)", "y"),
        ('=XLOOKUP("q",C1:C3,A1:A3,"?")', "?"),
        ("=AND(A1=1,B1=10)", True),
        ("=OR(A1=2,B1=11)", False),
        ("=NOT(FALSE)", True),
        ("=ABS(-3.5)", 3.5),
        ("=ROUND(2.345,2)", 2.35),
        ("=ROUND(-2.5,0)", -3),
        ("=ROUND(1234,-2)", 1200),
        ("=MAX(A1:B3)-MIN(A1:B3)+AVERAGE(A1:A3)", 31),
        ('=TEXT(1234.5,"#,##0.00")', "1,234.50"),
        ('=TEXTJOIN(", ",TRUE,C1:C3)', "x, y, x"),
        ('=LEN("abc")', 3),
        ("=D1", 0),
        ("=ISBLANK(D1)", True),
        ("=ISERROR(1/0)", True),
        ("=DATE(2026,3,5)", 46086),
    ],
)
def test_values(book, sheet, text, expected):
    sheet.update([[1, 10, "x"], [2, 20, "y"], [3, 30, "x"]], "A1")
    assert values_of(book, sheet, [text]) == [pytest.approx(expected) if isinstance(expected, float) else expected]


@pytest.mark.parametrize(
    ("text", "shown", "kind"),
    [
        ("=1/0", "#DIV/0!", "DIVIDE_BY_ZERO"),
        ("=NA()", "#N/A", "N_A"),
        ('=MATCH("q",A1:A3,0)', "#N/A", "N_A"),
        ("=Nope!A1", "#REF!", "REF"),
        ("=FORECAST(1,A1:A2,B1:B2)", "#NAME?", "NAME"),
        ("=unknown_name", "#NAME?", "NAME"),
        ('="a"*2', "#VALUE!", "VALUE"),
        ("=SQRT(-1)", "#NUM!", "NUM"),
        ("=F1", "#REF!", "REF"),
        ("=SUM(1", "#ERROR!", "ERROR"),
        ("=SUM(F2,F3)+1/0", "#DIV/0!", "DIVIDE_BY_ZERO"),
    ],
)
def test_errors(book, sheet, server, text, shown, kind):
    assert values_of(book, sheet, [text]) == [shown]
    cell = server.cell(book.id, "F1")
    assert cell["effectiveValue"]["errorValue"]["type"] == kind
    assert cell["formattedValue"] == shown


def test_a_test_may_decide_what_a_formula_gives(book, sheet, server):
    server.set_formula_result(book.id, '=GOOGLEFINANCE("GBPEUR")', {"numberValue": 1.17})
    assert values_of(book, sheet, ['=GOOGLEFINANCE("GBPEUR")', "=F1*100"]) == [1.17, 117]


def test_references_follow_inserted_and_deleted_rows_and_columns(book, sheet):
    sheet.update([[1], [2], [3], ["=SUM(A1:A3)"], ["=A2"], ["=$A$3"]], "A1", value_input_option="USER_ENTERED")
    sheet.insert_rows([[]], 2)
    sheet.insert_cols([[]], 1)
    formulas = sheet.get("B5:B7", value_render_option="FORMULA")
    assert formulas == [["=SUM(B1:B4)"], ["=B3"], ["=$B$4"]]
    sheet.delete_rows(3)
    formulas = sheet.get("B4:B6", value_render_option="FORMULA")
    assert formulas == [["=SUM(B1:B3)"], ["=#REF!"], ["=$B$3"]]
    assert sheet.get("B4:B6") == [["4"], ["#REF!"], ["3"]]


def test_formulas_follow_a_renamed_sheet_and_break_with_a_deleted_one(book, sheet):
    results = book.add_worksheet("Results", 10, 5)
    results.update([[5], [7]], "A1")
    sheet.update([["=SUM(Results!A1:A2)"]], "A1", value_input_option="USER_ENTERED")
    results.update_title("Results of May")
    assert sheet.acell("A1", value_render_option="FORMULA").value == "=SUM('Results of May'!A1:A2)"
    assert sheet.acell("A1").value == "12"
    book.del_worksheet(results)
    assert sheet.acell("A1", value_render_option="FORMULA").value == "=SUM(#REF!)"
    assert sheet.acell("A1").value == "#REF!"


def test_a_sheet_cleared_in_place_keeps_the_formulas_that_point_at_it(book, sheet):
    results = book.add_worksheet("Results", 10, 5)
    results.update([[5]], "A1")
    sheet.update([["=Results!A1*2"]], "A1", value_input_option="USER_ENTERED")
    results.clear()
    results.update([[6]], "A1")
    assert sheet.acell("A1").value == "12"


def test_a_formula_takes_over_the_number_format_that_it_refers_to(book, sheet):
    sheet.update([["12.5%", "=A1", "=SUM(A1:A1)*2", "=TODAY()"]], "A1", value_input_option="USER_ENTERED")
    shown = sheet.get("A1:D1")[0]
    assert shown[:3] == ["12.50%", "12.50%", "25.00%"]
    assert shown[3].count("/") == 2


def test_named_ranges_in_formulas(book, sheet):
    sheet.update([[1], [2]], "A1")
    sheet.define_named_range("A1:A2", "points")
    assert values_of(book, sheet, ["=SUM(points)"]) == [3]


def test_three_thousand_rows_of_running_totals_are_quick(book, sheet):
    rows = [[1, f"=A{n}+B{n - 1}" if n > 1 else "=A1"] for n in range(1, 3001)]
    big = book.add_worksheet("Big", 3000, 2)
    big.update(rows, "A1", value_input_option="USER_ENTERED")
    started = time.perf_counter()
    assert big.acell("B3000").value == "3000"
    assert time.perf_counter() - started < 2
