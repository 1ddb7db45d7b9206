"""The status columns of the input tabs, as data to write; they are never read as input."""

from collections import defaultdict
from collections.abc import Mapping

from openpyxl.utils.cell import coordinate_to_tuple

from config.tabs import INITIATIVES, SCENARIOS
from sheets_sync.checks import Checked
from sheets_sync.inputs.frames import Frame
from sheets_sync.issues.issue import Issue, Severity
from sheets_sync.workbook.changes import StatusColumn

OK = "OK"
"""The status of a row of which nothing is wrong."""


def sync_status(checked: Checked) -> StatusColumn | None:
    """OK, or what is wrong, for every row of the Initiatives tab; None where the tab has no header row.

    Statuses beside rows that have been cleared since are cleared too.
    """
    frame = checked.frames.get(INITIATIVES.name)
    if frame is None or not frame.header_found:
        return None
    issues = _by_row(checked, frame)
    values = dict.fromkeys(frame.written_rows, "") | {row: _row_status(issues[row]) for row in frame.rows}
    return _column(frame, values)


def run_status(checked: Checked, texts: Mapping[str, str]) -> StatusColumn | None:
    """The given text at each scenario's row, by scenario name; a row without a name gets what is wrong with it.

    Rows of scenarios without a text keep the status that they have.
    """
    frame = checked.frames.get(SCENARIOS.name)
    if frame is None or not frame.header_found:
        return None
    issues = _by_row(checked, frame)
    cleared = [row for row in frame.written_rows if row not in frame.rows]
    values = dict.fromkeys(cleared, "")
    for scenario in checked.scenarios:
        if not scenario.name:
            values[scenario.row] = _row_status(issues[scenario.row])
        elif scenario.name in texts:
            values[scenario.row] = texts[scenario.name]
    return _column(frame, values)


def _column(frame: Frame, values: Mapping[int, str]) -> StatusColumn:
    """Our column where the tab has it; else the first one right of everything that the tab holds."""
    written = frame.written
    column = frame.spec.written_column
    if column is None:
        raise ValueError(f"the table has no status column for {frame.spec.name}")
    return StatusColumn(
        tab=frame.title,
        header=column.name if written is None else written.header,
        header_row=frame.header_row,
        column=frame.width + 1 if written is None else written.number,
        creates=written is None,
        values=dict(sorted(values.items())),
    )


def _by_row(checked: Checked, frame: Frame) -> dict[int, list[Issue]]:
    rows: dict[int, list[Issue]] = defaultdict(list)
    for issue in checked.issues:
        if issue.tab == frame.title and issue.cell is not None:
            rows[coordinate_to_tuple(issue.cell)[0]].append(issue)
    return rows


def _row_status(issues: list[Issue]) -> str:
    """``OK``, ``OK, but ...`` for warnings only, or the errors; one line."""
    errors = [f"{issue.cell}: {issue.message}" for issue in issues if issue.severity is Severity.ERROR]
    warnings = [f"{issue.cell}: {issue.message}" for issue in issues if issue.severity is Severity.WARNING]
    if errors:
        return " ".join(("Error", *errors))
    return " ".join((f"{OK}, but", *warnings)) if warnings else OK
