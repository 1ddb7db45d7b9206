"""What a workbook of any kind refuses to do, decided and worded once; each backend supplies the facts."""

from collections.abc import Callable, Iterable

from openpyxl.utils import get_column_letter

from config.names import fold_header
from sheets_sync.workbook.backend import WorkbookBusyError, WorkbookRefusedError
from sheets_sync.workbook.changes import Log, StatusColumn
from sheets_sync.workbook.snapshot import Area, Cell, a1

SEARCHED_ROWS = 20
"""Rows from the top in which the header of Runs is looked for."""
SHOWN_CHARACTERS = 40
NOTHING_WRITTEN = "Nothing was written."


def busy(locator: str, holder: str = "", file: str = "") -> WorkbookBusyError:
    """The error of a run while another one, by `holder`, holds the workbook.

    `file` is the lock that stays where that run was killed; empty for one that goes away by itself.
    """
    by = f": {holder}" if holder else ""
    cure = f" If that run was killed, or its machine is off, delete {file}." if file else ""
    return WorkbookBusyError(
        f"A run of {locator} is already under way{by}. Wait until it has finished, then run again.{cure}"
    )


def refuse_taken_cells(
    owned: Area | None, wanted: Area, filled: Iterable[tuple[int, int]], cell_at: Callable[[int, int], Cell]
) -> None:
    """Refuse to take a cell that holds something and was not ours.

    `owned` is the rectangle of the last write, None for a tab that we did not write; `wanted` the rectangle of this
    one, on the tab as people call it; `filled` the row and column of every cell of the tab that holds something.

    Raises:
        WorkbookRefusedError: there is such a cell.
    """
    foreign = [place for place in filled if owned is None or not _inside(owned, *place)]
    if owned is None and foreign:
        row, column = foreign[0]
        raise WorkbookRefusedError(
            f'There is a tab "{wanted.tab}" that sheetplan did not write (its cell {a1(row, column)} holds '
            f"{_quoted(cell_at(row, column))}). Rename that tab, then run again; sheetplan makes its own. "
            f"{NOTHING_WRITTEN}"
        )
    taken = [place for place in foreign if _inside(wanted, *place)]
    if taken:
        row, column = taken[0]
        more = f" (and {len(taken) - 1} more)" if len(taken) > 1 else ""
        raise WorkbookRefusedError(
            f"{wanted.tab}!{a1(row, column)} holds {_quoted(cell_at(row, column))}{more}, where this run has to write. "
            f"Move it to the right of column {get_column_letter(wanted.right)} or below row {wanted.bottom}, then run "
            f"again. {NOTHING_WRITTEN}"
        )


def refuse_locked_edit(place: str, lock: object, account: str | None) -> None:
    """Refuse to change a cell that our account may not edit.

    Raises:
        WorkbookRefusedError: always.
    """
    who = account or "the account that runs sheetplan"
    raise WorkbookRefusedError(
        f"{place} is protected ({lock}), and {who} may not edit it. Open Data > Protect sheets and ranges and add "
        f"{who} to those who may edit it, then try again. {NOTHING_WRITTEN}"
    )


def edited_tab_gone(title: str) -> WorkbookRefusedError:
    """The error where a tab that is to be edited is no longer there."""
    return WorkbookRefusedError(f'The tab "{title}" is no longer there. Try again. {NOTHING_WRITTEN}')


def refuse_existing_tab(title: str, *, exists: bool) -> None:
    """Refuse to write a tab that is written once where one of its title is.

    Raises:
        WorkbookRefusedError: it exists.
    """
    if exists:
        raise WorkbookRefusedError(f'There is a tab "{title}" already. {NOTHING_WRITTEN}')


def tab_gone(status: StatusColumn) -> WorkbookRefusedError:
    """The error where an input tab has vanished since it was read."""
    return WorkbookRefusedError(f'The tab "{status.tab}" is not in the workbook any more. {NOTHING_WRITTEN}')


def refuse_taken_header(tab: str, status: StatusColumn, header: Cell) -> None:
    """Refuse to put a new status column where another header is; `header` is that cell, `tab` as people call it.

    Raises:
        WorkbookRefusedError: the cell holds something else.
    """
    if header.is_blank or fold_header(header.shown) == fold_header(status.header):
        return
    raise WorkbookRefusedError(
        f"{tab}!{a1(status.header_row, status.column)} holds {_quoted(header)}, where the header "
        f'"{status.header}" belongs. Move it, then run again. {NOTHING_WRITTEN}'
    )


def not_a_history(log: Log) -> WorkbookRefusedError:
    """The error where the tab of past runs holds something, but no column of run ids."""
    return WorkbookRefusedError(
        f'The tab "{log.title}" has no column headed "{log.run_id_column}" in its first {SEARCHED_ROWS} rows, so runs '
        "cannot be told apart. Give that column its header back, or rename the tab; sheetplan then makes a new one. "
        f"{NOTHING_WRITTEN}"
    )


def _inside(area: Area, row: int, column: int) -> bool:
    return area.top <= row <= area.bottom and area.left <= column <= area.right


def _quoted(cell: Cell) -> str:
    text = cell.formula or cell.shown or str(cell.value)
    return f'"{text[:SHOWN_CHARACTERS]}…"' if len(text) > SHOWN_CHARACTERS else f'"{text}"'
