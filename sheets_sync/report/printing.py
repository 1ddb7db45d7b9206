"""Where a print of Results begins a new page: between blocks, so that no table or chart that fits a page is cut."""

from collections.abc import Sequence
from math import ceil

from sheets_sync.report.charts import pixels
from sheets_sync.workbook.changes import OutCell

PAGE_WIDTH, PAGE_HEIGHT = 784.0, 537.0
"""Points of A4 landscape inside its margins."""
ROW = 15.0
"""Points of a row of one line."""
POINTS_PER_PIXEL = 0.75
BOLD = 1.1
"""How much wider bold text is."""
CERTAIN = 1.0
"""The share of a page that is counted on; margins leave a little more."""
DOUBTFUL = 0.1
"""What is left over of a block for one more page is perhaps not, up to this share of a page."""


def rows_per_page(widths: Sequence[int]) -> int:
    """How many rows of one line a page holds, once columns of these widths are shrunk to its width."""
    width = sum(map(pixels, widths)) * POINTS_PER_PIXEL
    scale = min(1.0, PAGE_WIDTH / width) if width else 1.0
    return max(int(PAGE_HEIGHT / scale / ROW * CERTAIN), 1)


def lines_of(cells: Sequence[OutCell | None], widths: Sequence[int]) -> int:
    """How many lines a row takes: more than one where text is wrapped."""
    wrapped = (
        ceil(len(cell.value) * BOLD / width)
        for cell, width in zip(cells, widths, strict=False)
        if cell is not None and cell.wrap and isinstance(cell.value, str)
    )
    return max([1, *wrapped])


def page_breaks(tops: Sequence[int], lines: Sequence[int], capacity: int, repeated: int) -> list[int]:
    """The first rows of pages that begin with a block.

    `tops` are the first rows of the blocks; the first block, and one that is longer than a page, may be cut between
    rows. `lines` are what each row takes of the `capacity` of a page; every page after the first repeats `repeated`.
    """
    breaks: list[int] = []
    room = capacity
    for top, after in zip(tops, (*tops[1:], len(lines) + 1), strict=True):
        height = sum(lines[top - 1 : after - 1])
        if height > room and top != tops[0]:
            breaks.append(top)
            room = capacity - repeated
        is_cut = height > room
        while height > room:
            height -= room
            room = capacity - repeated
        # Nobody knows then whether the next block would begin below a few rows, or at the foot of the page before.
        room = 0 if is_cut and height <= DOUBTFUL * capacity else room - height
    return breaks
