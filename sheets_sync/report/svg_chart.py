"""A chart of points as an SVG file: what a study draws in the workbook, to be put into slides and documents."""

from collections.abc import Callable, Iterator, Sequence
from math import floor, log10
from xml.sax.saxutils import escape

from sheets_sync.report.analysis import AnalysisTable
from sheets_sync.workbook.cell_styles import INK, SERIES_COLOURS

WIDTH, HEIGHT = 760, 440
_LEFT, _RIGHT, _TOP, _BOTTOM = 110, 24, 48, 84
_FONT = "font-family='Arial, Helvetica, sans-serif'"
_TICKS = 5


def render_svg(table: AnalysisTable) -> str:
    """The chart of a table of a study, which has one, as an SVG document.

    Raises:
        ValueError: the table has no chart, or no rows.
    """
    chart = table.chart
    if chart is None or not table.rows:
        raise ValueError(f"{table.title} has no chart")
    xs = _numbers(table, chart.categories)
    series = [(table.headers[column][0], _numbers(table, column)) for column in chart.series]
    across, up = _Axis(xs), _Axis([y for _, ys in series for y in ys])
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{HEIGHT}' viewBox='0 0 {WIDTH} {HEIGHT}'>",
        f"<title>{escape(chart.title)}</title>",
        f"<rect width='{WIDTH}' height='{HEIGHT}' fill='white'/>",
        _text(_LEFT, 28, chart.title, size=16, weight="bold"),
        *_grid(across, up, chart.category_words, chart.value_words),
        _text((_LEFT + WIDTH - _RIGHT) / 2, HEIGHT - 44, table.headers[chart.categories][0], anchor="middle"),
    ]
    for number, (name, ys) in enumerate(series):
        colour = SERIES_COLOURS[number % len(SERIES_COLOURS)]
        parts += [
            f"<circle cx='{_x(across, x):.1f}' cy='{_y(up, y):.1f}' r='4' fill='#{colour}'/>"
            for x, y in zip(xs, ys, strict=True)
        ]
        left = _LEFT + number * 240
        parts.append(f"<circle cx='{left + 4}' cy='{HEIGHT - 20}' r='4' fill='#{colour}'/>")
        parts.append(_text(left + 14, HEIGHT - 16, name))
    return "\n".join([*parts, "</svg>", ""])


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
) -> Iterator[str]:
    bottom, right = HEIGHT - _BOTTOM, WIDTH - _RIGHT
    for tick in up.ticks:
        y = _y(up, tick)
        yield f"<line x1='{_LEFT}' y1='{y:.1f}' x2='{right}' y2='{y:.1f}' stroke='#D9DEE3'/>"
        yield _text(_LEFT - 8, y + 4, up_words(tick), anchor="end")
    for tick in across.ticks:
        x = _x(across, tick)
        yield f"<line x1='{x:.1f}' y1='{bottom}' x2='{x:.1f}' y2='{bottom + 5}' stroke='#7B8794'/>"
        yield _text(x, bottom + 20, across_words(tick), anchor="middle")
    yield f"<line x1='{_LEFT}' y1='{bottom}' x2='{right}' y2='{bottom}' stroke='#7B8794'/>"


def _x(axis: _Axis, value: float) -> float:
    return _LEFT + axis.share(value) * (WIDTH - _LEFT - _RIGHT)


def _y(axis: _Axis, value: float) -> float:
    return HEIGHT - _BOTTOM - axis.share(value) * (HEIGHT - _TOP - _BOTTOM)


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: int = 12, weight: str = "normal") -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' {_FONT} font-size='{size}' font-weight='{weight}' text-anchor='{anchor}' "
        f"fill='#{INK}'>{escape(text)}</text>"
    )


def _numbers(table: AnalysisTable, column: int) -> list[float]:
    return [float(value) for row in table.rows if isinstance(value := row[column].value, int | float)]
