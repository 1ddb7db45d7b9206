"""What is not as it was sealed in an approved tab, cell by cell, in words."""

from collections.abc import Mapping, Sequence

from sheets_sync.report import approved_tab
from sheets_sync.signoff.frozen_cells import FrozenCell, Place, cells_of, oddities
from sheets_sync.workbook.snapshot import Tab, a1

_TOTAL_COLUMN = 3
_LONGEST = 60


def differences(frozen: Sequence[FrozenCell], tab: Tab, open_places: Sequence[Place]) -> list[str]:
    """One sentence part for each cell that is not as it was frozen: totals first, then by row."""
    then = {(cell.row, cell.column): cell for cell in frozen}
    now = {(cell.row, cell.column): cell for cell in cells_of(tab, open_places)}
    odd = oddities(tab, open_places)
    places = [
        place
        for place in then.keys() | now.keys() | odd.keys()
        if place in odd or _text(then.get(place)) != _text(now.get(place))
    ]
    return [_difference(place, then, now, odd) for place in sorted(places, key=lambda place: _rank(place, then))]


def _text(cell: FrozenCell | None) -> str | None:
    return None if cell is None else cell.text


def _difference(
    place: Place, then: Mapping[Place, FrozenCell], now: Mapping[Place, FrozenCell], odd: Mapping[Place, str]
) -> str:
    name, was, is_ = _name(place, then), then.get(place), now.get(place)
    before = "blank" if was is None else _short(was.shown)
    if place in odd:
        return f"{name} was {before}, and {_short(odd[place])} now"
    after = "blank" if is_ is None else _short(is_.shown)
    if was is not None and is_ is not None and before == after:
        # Rounded, or cut, they look alike.
        before, after = was.text[1:], is_.text[1:]
    return f"{name} was {before}, and is {after} now"


def _name(place: Place, then: Mapping[Place, FrozenCell]) -> str:
    """What people call the cell: the KPI of a total, label and header, or its address."""
    row, column = place
    label = then.get((row, 1))
    if place not in then or column == 1 or label is None:
        return a1(row, column)
    header_row = _header_row(row, then)
    if header_row is None:
        return str(label.value)
    if header_row == row:
        return a1(row, column)
    heading = then.get((header_row, column))
    if then[header_row, 1].value == approved_tab.KPI and column == _TOTAL_COLUMN:
        named = then.get((row, 2))
        return str(label.value if named is None else named.value)
    return f"{label.value}, {heading.value}" if heading is not None else a1(row, column)


def _header_row(row: int, then: Mapping[Place, FrozenCell]) -> int | None:
    """The header row of the table that a row is in; None for the facts at the top."""
    for above in range(row, 0, -1):
        cell = then.get((above, 1))
        if cell is not None and cell.value in approved_tab.HEADERS:
            return above
    return None


def _rank(place: Place, then: Mapping[Place, FrozenCell]) -> tuple[bool, Place]:
    row, column = place
    header_row = _header_row(row, then)
    is_total = (
        place in then
        and header_row is not None
        and then[header_row, 1].value == approved_tab.KPI
        and column == _TOTAL_COLUMN
    )
    return not is_total, place


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
