"""Has the workbook changed? Two readings, compared without what we wrote ourselves."""

from collections.abc import Iterator, Mapping, Sequence

from openpyxl.utils import get_column_letter

from sheets_sync.google.cells_in import LOADING
from sheets_sync.google.sheet_state import SheetState, WorkbookState
from sheets_sync.workbook.changes import StatusColumn
from sheets_sync.workbook.snapshot import BLANK, Cell, CellKind, Tab


def input_titles(state: WorkbookState, outputs: Sequence[str]) -> list[str]:
    """The tabs that were asked for, without those that we write."""
    ours = {title.casefold() for title in (*outputs, *state.report_titles)}
    return [title for title in state.wanted if title.casefold() not in ours]


def is_loading(state: WorkbookState) -> bool:
    """True where a cell that was asked for has no value yet: Google still fetches it from elsewhere."""
    tabs = (sheet.tab for sheet in state.sheets if sheet.tab is not None and sheet.title in state.wanted)
    return any(
        cell.kind is CellKind.ERROR and cell.value == LOADING for tab in tabs for row in tab.rows for cell in row
    )


def inputs_differ(
    before: WorkbookState, after: WorkbookState, statuses: Sequence[StatusColumn], outputs: Sequence[str]
) -> bool:
    """True where an input tab came, went, or holds something else, status columns aside."""
    written: dict[str, set[int]] = {}
    for status in statuses:
        written.setdefault(status.tab.casefold(), set()).add(status.column)
    titles = input_titles(before, outputs)
    if titles != input_titles(after, outputs):
        return True
    return any(
        _differ(before.sheet(title), after.sheet(title), written.get(title.casefold(), set())) for title in titles
    )


def _differ(before: SheetState | None, after: SheetState | None, written: set[int]) -> bool:
    if before is None or after is None or before.tab is None or after.tab is None:
        return before is not after
    if set(before.tab.merges) != set(after.tab.merges):
        return True
    return list(_cells(before.tab, written)) != list(_cells(after.tab, written))


def _cells(tab: Tab, written: set[int]) -> Iterator[tuple[int, int, Cell]]:
    """Every cell that holds something, with its place; rows of our own texts alone leave no trace."""
    for row, cells in enumerate(tab.rows, start=1):
        for column, cell in enumerate(cells, start=1):
            if cell is not BLANK and cell.kind is not CellKind.BLANK and column not in written:
                yield row, column, cell


def misplaced(before: WorkbookState, after: WorkbookState, statuses: Sequence[StatusColumn]) -> Iterator[str]:
    """Sentences about statuses that went into another column, because columns were moved after the read.

    The API cannot refuse a write on that ground, so at least nobody has to find out alone.
    """
    for status in statuses:
        old, new = before.sheet(status.tab), after.sheet(status.tab)
        if old is None or new is None or old.tab is None or new.tab is None:
            continue
        known = _headers(old.tab, status)
        # A header that was added at the right moves nothing.
        if _headers(new.tab, status)[: len(known)] != known:
            column = get_column_letter(status.column)
            yield (
                f"Columns of {new.title} were moved while the run was solving, so {status.header} was written into "
                f"column {column} as it stands now. Look whether cells of yours were overwritten there: File > Version "
                "history has them as they were."
            )


def _headers(tab: Tab, status: StatusColumn) -> list[str]:
    cells = tab.rows[status.header_row - 1] if status.header_row <= len(tab.rows) else ()
    texts = [cell.shown for column, cell in enumerate(cells, start=1) if column != status.column]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def outline(state: WorkbookState) -> Mapping[str, object]:
    """All that a write's requests depend on beside cells: equal outlines mean that a refusal has another reason."""
    return {
        "marks": state.marks,
        "properties": state.properties,
        "names": state.named,
        "sheets": [
            (
                sheet.sheet_id,
                sheet.title,
                sheet.row_count,
                sheet.column_count,
                # Of tabs that were not read only the title is sure to be known.
                [] if sheet.tab is None else list(sheet.protections),
                [] if sheet.tab is None else [item.get("chartId") for item in sheet.charts],
                0 if sheet.tab is None else len(sheet.rules),
            )
            for sheet in state.sheets
        ],
    }
