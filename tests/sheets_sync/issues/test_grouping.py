"""One mistake in many cells is one line, with a count and the cells; different mistakes stay apart."""

from sheets_sync.issues.grouping import grouped
from sheets_sync.issues.issue import Issue, Severity


def issue(
    cell: str | None, code: str = "not_a_number", severity: Severity = Severity.ERROR, message: str = ""
) -> Issue:
    return Issue(severity, code, None if cell is None else "Initiatives", cell, message or f"{cell} is text.")


def test_one_mistake_in_a_column_is_one_line() -> None:
    lines = grouped([issue(cell) for cell in ("F2", "F3", "F4", "F7", "F9")])
    assert [str(line) for line in lines] == [
        "Initiatives!F2: F2 is text. Also in 4 more cells: F3:F4, F7, F9. [not_a_number]"
    ]
    assert len(lines[0].issues) == 5


def test_two_issues_are_two_lines() -> None:
    assert len(grouped([issue("F2"), issue("F3")])) == 2


def test_other_columns_codes_and_scenarios_stay_apart() -> None:
    issues = [*(issue(f"F{row}") for row in range(2, 6)), *(issue(f"G{row}") for row in range(2, 6))]
    issues += [issue("F2", "negative_number"), issue(None, "missing_tab"), issue(None, "missing_tab"), issue(None)]
    issues += [issue("A1", "no_candidates", message=f"scenario {n}") for n in range(4)]
    assert len(grouped(issues)) == 2 + 1 + 3 + 4


def test_errors_come_first_and_long_lists_end_in_a_count() -> None:
    warnings = [issue(f"A{row}", "heading_row", Severity.WARNING) for row in range(2, 62, 2)]
    lines = grouped([*warnings, issue("F9")])
    assert [line.first.cell for line in lines] == ["F9", "A2"]
    assert str(lines[1]).endswith("A22, A24, A26 and 17 more. [heading_row]")
