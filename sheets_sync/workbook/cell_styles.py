"""How each role of a cell looks, as plain data that every backend draws from.

The palette is blue and orange on neutral greys (after Okabe and Ito), which people with any of the common colour vision
deficiencies tell apart; good and bad also differ in weight, so that a print in black and white still shows them.
"""

from dataclasses import dataclass

from sheets_sync.workbook.changes import Role

INK = "1F2933"
INPUT_BLUE = "0B4F8A"
"""Text of what is good, and of headings."""
BURNT_ORANGE = "9A4A00"
"""Text of what is bad."""


@dataclass(frozen=True, slots=True)
class Look:
    """The appearance of one role; colours are RRGGBB, None is the workbook's own."""

    bold: bool = False
    italic: bool = False
    size: int | None = None
    """Font size in points; None is the workbook's own."""
    font: str | None = None
    fill: str | None = None
    line_above: str | None = None
    line_below: str | None = None
    centred: bool = False


LOOKS: dict[Role, Look] = {
    Role.TITLE: Look(bold=True, size=16, font=INPUT_BLUE),
    Role.HEADING: Look(bold=True, size=12, font=INPUT_BLUE),
    Role.HEADER: Look(bold=True, font=INK, fill="DCE6F1", line_below="7B8794"),
    Role.LABEL: Look(font="52606D"),
    Role.BODY: Look(),
    Role.TOTAL: Look(bold=True, line_above="CBD2D9"),
    Role.FIRST: Look(line_above="CBD2D9"),
    Role.BLANK_LINE: Look(line_below="7B8794"),
    Role.FIGURE: Look(bold=True),
    Role.NOTE: Look(italic=True, font="52606D"),
    Role.GOOD: Look(font=INPUT_BLUE, fill="D6E8F7"),
    Role.BAD: Look(bold=True, font=BURNT_ORANGE, fill="FCE3CC"),
    Role.CAUTION: Look(italic=True, font="6B5200", fill="FFF6D6"),
    Role.BAR: Look(font="FFFFFF", fill="2F7FBF"),
    Role.LOAD_LOW: Look(fill="F1F6FA"),
    Role.LOAD_MEDIUM: Look(fill="D3E5F3"),
    Role.LOAD_HIGH: Look(fill="9CC7E6"),
    Role.LOAD_FULL: Look(bold=True, font="FFFFFF", fill="1F6299"),
}

SERIES_COLOURS = ("0072B2", "E69F00", "56B4E9", "D55E00", "7B8794", "009E73", "CC79A7")
"""Colours of a chart's series, in order; the first ones are the furthest apart."""
GOOD_BAR, BAD_BAR, TOTAL_BAR = SERIES_COLOURS[0], SERIES_COLOURS[3], SERIES_COLOURS[4]
"""Bars of a waterfall: what makes it better, worse, and what it comes to."""
