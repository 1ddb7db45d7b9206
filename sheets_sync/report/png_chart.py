"""The chart of a study as a PNG picture, with Pillow (the extra `charts`)."""

from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from sheets_sync.report.study_chart import WIDTH, Dot, Drawing, Label, Line, Shape

SCALE = 2
"""Pixels of the picture for each one of the drawing, so that it is sharp on slides and on paper."""
_FINER = 2
"""Drawn so many times larger and made smaller: Pillow draws circles with steps."""
_ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}
_PLAIN = ("Arial.ttf", "LiberationSans-Regular.ttf", "DejaVuSans.ttf")
_BOLD = ("Arial Bold.ttf", "arialbd.ttf", "LiberationSans-Bold.ttf", "DejaVuSans-Bold.ttf")
_DPI = 96 * SCALE


def render_png(drawing: Drawing) -> bytes:
    """A chart as a PNG file."""
    factor = SCALE * _FINER
    large = Image.new("RGB", (WIDTH * factor, drawing.height * factor), "white")
    pen = ImageDraw.Draw(large)
    for shape in drawing.shapes:
        _put(pen, shape, factor)
    picture = large.resize((WIDTH * SCALE, drawing.height * SCALE), Image.Resampling.BOX)
    file = BytesIO()
    picture.save(file, "PNG", optimize=True, dpi=(_DPI, _DPI))
    return file.getvalue()


def _put(pen: ImageDraw.ImageDraw, shape: Shape, factor: int) -> None:
    match shape:
        case Line(x1, y1, x2, y2, colour):
            ends = [round(number * factor) for number in (x1, y1, x2, y2)]
            pen.line(ends, fill=f"#{colour}", width=factor)
        case Dot(x, y, colour, radius):
            box = [(x - radius) * factor, (y - radius) * factor, (x + radius) * factor, (y + radius) * factor]
            pen.ellipse(box, fill=f"#{colour}")
        case Label():
            at = (shape.x * factor, shape.y * factor)
            font = _font(shape.size * factor, shape.bold)
            pen.text(at, shape.text, fill=f"#{shape.colour}", font=font, anchor=_ANCHORS[shape.anchor])


@cache
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """A font of this machine as the SVG asks for it, or the one that Pillow brings along."""
    for name in _BOLD if bold else _PLAIN:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)
