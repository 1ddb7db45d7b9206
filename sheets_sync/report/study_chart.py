"""The chart of a study as lines, dots and labels: what it draws in the workbook, to be put into slides and documents.

`svg_chart` and `png_chart` make files of it. All sizes are in pixels, from the upper left corner.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Literal

from sheets_sync.report.analysis import AnalysisTable
from sheets_sync.workbook.cell_styles import INK, SERIES_COLOURS

WIDTH, HEIGHT = 760, 440
_LEFT, _RIGHT, _TOP, _BOTTOM = 110, 24, 48, 84
_LETTER, _LEGEND_GAP, _LEGEND_ROW = 6.5, 34, 20
"""A letter of the legend is about as wide; an entry has that much around it, and a further row of them that height."""
_SMALL, _LARGE, _RING = 4.0, 6.0, 3.0
"""Radius of the dots of the first series, and of others; each dot on top of one of those makes it wider."""
_TICKS = 5
_GRID, _AXIS = "D9DEE3", "7B8794"

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line, one pixel wide."""

    x1: float
    y1: float
    x2: float
    y2: float
    colour: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled circle."""

    x: float
    y: float
    colour: str
    radius: float = 4.0


@dataclass(frozen=True, slots=True)
class Label:
    """Text on a base line; `anchor` is the part of it that is at `x`."""

    x: float
    y: float
    text: str
    anchor: Anchor = "start"
    size: int = 12
    bold: bool = False
    colour: str = INK


Shape = Line | Dot | Label


@dataclass(frozen=True)
class Drawing:
    """A chart, `WIDTH` by `height` on white; later shapes are above earlier ones."""

    title: str
    shapes: Sequence[Shape]
    height: int = HEIGHT


def draw_chart(table: AnalysisTable) -> Drawing:
    """The chart of a table of a study, which has one.

    Raises:
        ValueError: the table has no chart, or no rows.
    """
    chart = table.chart
    if chart is None or not table.rows:
        raise ValueError(f"{table.title} has no chart")
    series = [(table.headers[column][0], _points(table, chart.categories, column)) for column in chart.series]
    points = [point for _, some in series for point in some]
    across, up = _Axis([x for x, _ in points]), _Axis([y for _, y in points])
    shapes: list[Shape] = [
        Label(_LEFT, 28, chart.title, size=16, bold=True),
        *_grid(across, up, chart.category_words, chart.value_words),
        Label((_LEFT + WIDTH - _RIGHT) / 2, HEIGHT - 44, table.headers[chart.categories][0], "middle"),
    ]
    left, row = float(_LEFT), 0
    for number, (name, some) in enumerate(series):
        colour = SERIES_COLOURS[number % len(SERIES_COLOURS)]
        radius = _LARGE if number else _SMALL
        above = Counter(point for _, later in series[number + 1 :] for point in later)
        # Points in one place are rings around each other; further series are single points on those of the first.
        shapes += [
            Dot(_x(across, x), _y(up, y), colour, radius + (_RING * above[x, y] if number else 0.0)) for x, y in some
        ]
        width = _LEGEND_GAP + _LETTER * len(name)
        if left > _LEFT and left + width > WIDTH - _RIGHT:
            left, row = float(_LEFT), row + 1
        base = HEIGHT - 16 + row * _LEGEND_ROW
        shapes += [Dot(left + 4, base - 4, colour, radius), Label(left + 14, base, name)]
        left += width
    return Drawing(chart.title, shapes, HEIGHT + row * _LEGEND_ROW)


class _Axis:
    """An axis over some numbers: from where to where, and the round numbers that are marked on it."""

    def __init__(self, values: Sequence[float]) -> None:
        low, high = min(values), max(values)
        span = (high - low) or abs(high) or 1.0
        rough = span / _TICKS
        power = 10.0 ** floor(log10(rough))
        step = next(power * nice for nice in (1, 2, 5, 10) if power * nice >= rough)
        self.first, self.last = floor(low / step) * step, -floor(-high / step) * step
        if self.first == self.last:
            self.last += step
        count = round((self.last - self.first) / step)
        self.ticks = [float(f"{self.first + step * number:.10g}") for number in range(count + 1)]

    def share(self, value: float) -> float:
        """Where a number is between the ends, 0 to 1."""
        return (value - self.first) / (self.last - self.first)


def _grid(
    across: _Axis, up: _Axis, across_words: Callable[[float], str], up_words: Callable[[float], str]
) -> Iterator[Shape]:
    bottom, right = HEIGHT - _BOTTOM, WIDTH - _RIGHT
    for tick in up.ticks:
        y = _y(up, tick)
        yield Line(_LEFT, y, right, y, _GRID)
        yield Label(_LEFT - 8, y + 4, up_words(tick), "end")
    for tick in across.ticks:
        x = _x(across, tick)
        yield Line(x, bottom, x, bottom + 5, _AXIS)
        yield Label(x, bottom + 20, across_words(tick), "middle")
    yield Line(_LEFT, bottom, right, bottom, _AXIS)


def _x(axis: _Axis, value: float) -> float:
    return _LEFT + axis.share(value) * (WIDTH - _LEFT - _RIGHT)


def _y(axis: _Axis, value: float) -> float:
    return HEIGHT - _BOTTOM - axis.share(value) * (HEIGHT - _TOP - _BOTTOM)


def _points(table: AnalysisTable, across: int, up: int) -> list[tuple[float, float]]:
    """The rows that have a number in both columns."""
    pairs = [(row[across].value, row[up].value) for row in table.rows]
    return [(float(x), float(y)) for x, y in pairs if isinstance(x, int | float) and isinstance(y, int | float)]
