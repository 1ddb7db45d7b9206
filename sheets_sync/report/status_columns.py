"""The status columns of the input tabs, as data to write; they are never read as input."""

from collections import defaultdict
from collections.abc import Mapping

from openpyxl.utils.cell import coordinate_to_tuple

from config.tabs import INITIATIVES, RUN_STATUS, SCENARIOS, SYNC_STATUS
from sheets_sync.checks import Checked
from sheets_sync.inputs.frames import Frame, WrittenColumn
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
    written = written_column(frame, SYNC_STATUS)
    values = dict.fromkeys(_filled_rows(written), "") | {row: _row_status(issues[row]) for row in frame.rows}
    return _column(frame, SYNC_STATUS, written, values)


def run_status(checked: Checked, texts: Mapping[str, str]) -> StatusColumn | None:
    """The given text at each scenario's row, by scenario name; a row without a name gets what is wrong with it.

    Rows of scenarios without a text keep the status that they have.
    """
    frame = checked.frames.get(SCENARIOS.name)
    if frame is None or not frame.header_found:
        return None
    issues = _by_row(checked, frame)
    written = written_column(frame, RUN_STATUS)
    cleared = [row for row in _filled_rows(written) if row not in frame.rows]
    values = dict.fromkeys(cleared, "")
    for scenario in checked.scenarios:
        if not scenario.name:
            values[scenario.row] = _row_status(issues[scenario.row])
        elif scenario.name in texts:
            values[scenario.row] = texts[scenario.name]
    return _column(frame, RUN_STATUS, written, values)


def written_column(frame: Frame, name: str) -> WrittenColumn | None:
    """The column of a tab that is headed as one that sheetplan writes; of several, the one that says it best."""
    return next((one for one in frame.written if one.field.name == name), None)


def _filled_rows(written: WrittenColumn | None) -> list[int]:
    return [] if written is None else [row for row, cell in written.cells.items() if not cell.is_blank]


def _column(frame: Frame, name: str, written: WrittenColumn | None, values: Mapping[int, str]) -> StatusColumn:
    """Our column where the tab has it; else the first one right of everything that the tab holds."""
    return StatusColumn(
        tab=frame.title,
        header=name if written is None else written.field.header,
        header_row=frame.header_row,
        column=frame.width + 1 if written is None else written.field.number,
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
