"""The rows of a worksheet part, one after the other: however long a tab is, few of them are in memory at a time."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from lxml import etree
from openpyxl.utils.cell import column_index_from_string

from sheets_sync.excel.ooxml import BrokenPartError, MeteredStream, tag

MAX_ROWS: Final = 1_048_576
MAX_COLUMNS: Final = 16_384
MOST_IN_CELL: Final = 100
_DATA, _ROW, _CELL = tag("sheetData"), tag("row"), tag("c")


def row_parser(source: MeteredStream) -> "etree.iterparse[tuple[str, etree._Element]]":
    """A parser for `numbered_rows`; afterwards its `root` is the worksheet without its rows."""
    return etree.iterparse(
        source, ("end",), tag=_ROW, resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True
    )


def numbered_rows(
    parser: "etree.iterparse[tuple[str, etree._Element]]", source: MeteredStream
) -> Iterator[tuple[int, etree._Element]]:
    """Each row with its number; it may be changed, and is gone when the next one comes.

    Raises:
        BrokenPartError: a row has no proper number, or one that is not above the one before.
    """
    number = 0
    first: etree._Element | None = None
    for _, row in parser:
        data = row.getparent()
        if data is None or data.tag != _DATA:
            continue
        first = data if first is None else first
        if data is not first:
            raise BrokenPartError("a worksheet has more than one list of rows")
        number = _number_of(row.get("r"), number)
        yield number, row
        row.clear()
        # Rows that were read still hang on their parent, empty; without this a long tab takes memory for each.
        while (done := row.getprevious()) is not None:
            data.remove(done)
        source.forgotten()


def _number_of(address: str | None, before: int) -> int:
    if address is None:
        return before + 1
    # A row without a number follows the one before, so in another order it cannot be told what was meant.
    if not address.isdecimal() or not before < int(address) <= MAX_ROWS:
        raise BrokenPartError(f'after row {before} comes a row with the number "{address}"')
    return int(address)


def numbered_cells(row: etree._Element) -> Iterator[tuple[int, etree._Element]]:
    """The cells of a row with their column, from the left; a cell without an address follows the one before it.

    Raises:
        BrokenPartError: a cell has no proper address, one that is not right of the one before, or very much in it.
    """
    column = 0
    for element in row.iterchildren(_CELL):
        if len(element) > MOST_IN_CELL:
            raise BrokenPartError(f"a cell holds {len(element):,} elements")
        address = element.get("r")
        before, column = column, column_of(address) if address else column + 1
        if column <= before:
            raise BrokenPartError(f'the cell with the address "{address}" comes after one to its right')
        yield column, element


def column_of(address: str) -> int:
    """The column of an A1 address.

    Raises:
        BrokenPartError: it is no address.
    """
    try:
        return _column(address.rstrip("0123456789"))
    except ValueError:
        raise BrokenPartError(f'a cell has the address "{address}"') from None


@lru_cache(maxsize=MAX_COLUMNS)
def _column(letters: str) -> int:
    return int(column_index_from_string(letters))
