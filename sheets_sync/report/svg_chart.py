"""The chart of a study as an SVG document."""

from xml.sax.saxutils import escape

from sheets_sync.report.study_chart import WIDTH, Dot, Drawing, Label, Line, Shape

_FONT = "font-family='Arial, Helvetica, sans-serif'"


def render_svg(drawing: Drawing) -> str:
    """A chart as an SVG document."""
    size = f"width='{WIDTH}' height='{drawing.height}'"
    return "\n".join(
        [
            f"<svg xmlns='http://www.w3.org/2000/svg' {size} viewBox='0 0 {WIDTH} {drawing.height}'>",
            f"<title>{escape(drawing.title)}</title>",
            f"<rect {size} fill='white'/>",
            *map(_element, drawing.shapes),
            "</svg>",
            "",
        ]
    )


def _element(shape: Shape) -> str:
    match shape:
        case Line(x1, y1, x2, y2, colour):
            return f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' stroke='#{colour}'/>"
        case Dot(x, y, colour, radius):
            return f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{radius:g}' fill='#{colour}'/>"
        case Label():
            weight = "bold" if shape.bold else "normal"
            return (
                f"<text x='{shape.x:.1f}' y='{shape.y:.1f}' {_FONT} font-size='{shape.size}' font-weight='{weight}' "
                f"text-anchor='{shape.anchor}' fill='#{shape.colour}'>{escape(shape.text)}</text>"
            )
