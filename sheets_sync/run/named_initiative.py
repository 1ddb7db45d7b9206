"""What a person names in a question: an initiative by key, title or a cell of its row; a cell of the workbook."""

import re

from openpyxl.utils.cell import coordinate_to_tuple

from config.names import fold_key
from config.tabs import INITIATIVES
from optimizer.plan import Plan
from optimizer.wording import listing
from sheets_sync.inputs.cell_text import shown
from sheets_sync.inputs.name_matching import Vocabulary
from sheets_sync.run.question_errors import UnknownInitiativeError
from sheets_sync.run.read_inputs import Reading
from sheets_sync.workbook.snapshot import Snapshot

_CELL = re.compile(r"(?P<tab>.+)!\$?(?P<column>[A-Za-z]{1,3})\$?(?P<row>[1-9]\d{0,6})")
_NOT_IN_THE_LIST = "{cell} is not in the list of initiatives. Select a cell of an initiative there."


def initiative_named(reading: Reading, plan: Plan, text: str) -> str:
    """The key of the initiative that a key, a title or a cell of its row names, however it is spelt.

    Raises:
        UnknownInitiativeError: there is none, and the message has the nearest one; or several have that title.
    """
    found = titled(plan, text)
    if found is not None:
        return found
    place = cell_named(reading.snapshot, text)
    if place is not None:
        return _in_row(reading, plan, text, *place[:2])
    if _CELL.fullmatch(text.strip()):
        raise UnknownInitiativeError(_NOT_IN_THE_LIST.format(cell=text))
    near = _names(plan).nearest(text)
    raise UnknownInitiativeError(
        f'There is no initiative "{text}" in the workbook.' + (f" Did you mean {near}?" if near else "")
    )


def titled(plan: Plan, text: str) -> str | None:
    """The key of the initiative of that key or title; None where there is none.

    Raises:
        UnknownInitiativeError: several have that title.
    """
    names = _names(plan)
    several = names.meanings(text)
    if several:
        keys = [one.key for one in plan.initiatives if one.key in several]
        raise UnknownInitiativeError(
            f'"{text}" is the title of {listing(keys)}. Give the key of the one that you mean.'
        )
    return names.find(text)


def _names(plan: Plan) -> Vocabulary:
    titles = [(one.title, one.key) for one in plan.initiatives if one.title]
    return Vocabulary([one.key for one in plan.initiatives], titles)


def _in_row(reading: Reading, plan: Plan, text: str, title: str, row: int) -> str:
    frame = reading.checked.frames.get(INITIATIVES.name)
    if frame is None or frame.title != title:
        raise UnknownInitiativeError(_NOT_IN_THE_LIST.format(cell=text))
    cells = zip(frame.rows, frame.column(INITIATIVES.key_column), strict=True)
    key = next((fold_key(shown(cell)) for number, cell in cells if number == row), None)
    found = next((one.key for one in plan.initiatives if fold_key(one.key) == key), None)
    if found is None:
        raise UnknownInitiativeError(f"The row of {text} holds no initiative that can be planned.")
    return found


def cell_named(snapshot: Snapshot, text: str) -> tuple[str, int, int] | None:
    """The tab, row and column of a cell such as ``Constraints!E5``; None where the text is no cell of a tab read."""
    found = _CELL.fullmatch(text.strip())
    title = None if found is None else next((t for t in snapshot.tabs if fold_key(t) == fold_key(found["tab"])), None)
    if found is None or title is None:
        return None
    row, column = coordinate_to_tuple(f"{found['column']}{found['row']}".upper())
    return title, row, column
