"""The style sheet of a workbook: finds the style of a look or adds it at the end, so that no other style id moves."""

from collections.abc import Sequence
from typing import Final

from lxml import etree
from openpyxl.styles.numbers import BUILTIN_FORMATS_REVERSE

from sheets_sync.excel.ooxml import child, children, number_in, tag
from sheets_sync.workbook.cell_styles import LOOKS, Look
from sheets_sync.workbook.changes import Align, Role

_ORDER: Final = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles",
                 "colors", "extLst")  # fmt: skip
_FIRST_OWN_FORMAT = 164
"""Number format ids below are the built-in ones."""


class StyleBook:
    """Finds or adds styles in the root of ``styles.xml``."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._known: dict[str, dict[bytes, int]] = {}
        self._styles: dict[tuple[Role, str | None, Align | None, bool, bool], int] = {}
        self._quoted: dict[int, int] = {}
        for name in ("fonts", "fills", "borders", "cellXfs", "dxfs"):
            listed = root.find(tag(name))
            self._known[name] = {}
            for index, item in enumerate(() if listed is None else listed.iterchildren(etree.Element)):
                self._known[name].setdefault(_canonical(item), index)

    def style(
        self,
        role: Role,
        number_format: str | None = None,
        align: Align | None = None,
        *,
        wrap: bool = False,
        text: bool = False,
    ) -> int:
        """The cell style of that role; `text` marks text that must not become a formula when someone edits the cell."""
        key = (role, number_format, align, wrap, text)
        known = self._styles.get(key)
        if known is None:
            known = self._index("cellXfs", self._xf(LOOKS[role], number_format, align, wrap=wrap, text=text))
            self._styles[key] = known
        return known

    def quoted(self, style: int) -> int:
        """The same style, for text that begins like a formula: it stays text when someone edits the cell."""
        if style not in self._quoted:
            styles = list(children(self._root.find(tag("cellXfs")), "xf"))
            if style < len(styles):
                copy = _copy(styles[style])
                copy.set("quotePrefix", "1")
                self._quoted[style] = self._index("cellXfs", copy)
            else:
                self._quoted[style] = self.style(Role.BODY, text=True)
        return self._quoted[style]

    def highlight(self, look: Look) -> int:
        """The differential style of a look, for conditional formats."""
        dxf = _element("dxf", {})
        font = etree.SubElement(dxf, tag("font"))
        if look.bold:
            etree.SubElement(font, tag("b"))
        if look.italic:
            etree.SubElement(font, tag("i"))
        if look.font:
            etree.SubElement(font, tag("color"), rgb=f"FF{look.font}")
        if look.fill:
            fill = etree.SubElement(dxf, tag("fill"))
            etree.SubElement(etree.SubElement(fill, tag("patternFill")), tag("bgColor"), rgb=f"FF{look.fill}")
        return self._index("dxfs", dxf)

    def _xf(
        self, look: Look, number_format: str | None, align: Align | None, *, wrap: bool, text: bool
    ) -> etree._Element:
        attributes = {
            "numFmtId": str(self._number_format(number_format)),
            "fontId": str(self._font(look)),
            "fillId": str(self._fill(look)),
            "borderId": str(self._border(look)),
            "xfId": "0",
            "applyNumberFormat": "1",
            "applyFont": "1",
            "applyFill": "1",
            "applyBorder": "1",
            "applyAlignment": "1",
        }
        xf = _element("xf", attributes)
        if text:
            xf.set("quotePrefix", "1")
        alignment = {"vertical": "top"}
        if align is not None:
            alignment["horizontal"] = align.value
        elif look.centred:
            alignment["horizontal"] = "center"
        if wrap:
            alignment["wrapText"] = "1"
        xf.append(_element("alignment", alignment))
        return xf

    def _number_format(self, code: str | None) -> int:
        if code is None:
            return 0
        if code in BUILTIN_FORMATS_REVERSE:
            return int(BUILTIN_FORMATS_REVERSE[code])
        listed = child(self._root, "numFmts", _ORDER)
        highest = _FIRST_OWN_FORMAT - 1
        for item in children(listed, "numFmt"):
            number = number_in(item, "numFmtId")
            if item.get("formatCode") == code:
                return number
            highest = max(highest, number)
        etree.SubElement(listed, tag("numFmt"), numFmtId=str(highest + 1), formatCode=code)
        listed.set("count", str(len(listed)))
        return highest + 1

    def _font(self, look: Look) -> int:
        base = next(children(self._root.find(tag("fonts")), "font"), None)
        font = _element("font", {})
        # The schema fixes this order; the workbook's own font gives name, size and colour where the look does not say.
        if look.bold:
            etree.SubElement(font, tag("b"))
        if look.italic:
            etree.SubElement(font, tag("i"))
        for name, own in (("sz", look.size), ("color", look.font), ("name", None), ("family", None), ("scheme", None)):
            inherited = None if base is None else base.find(tag(name))
            if own is not None:
                key, value = ("val", str(own)) if name == "sz" else ("rgb", f"FF{own}")
                etree.SubElement(font, tag(name), {key: value})
            elif inherited is not None:
                font.append(_copy(inherited))
        return self._index("fonts", font)

    def _fill(self, look: Look) -> int:
        fill = _element("fill", {})
        pattern = etree.SubElement(fill, tag("patternFill"), patternType="solid" if look.fill else "none")
        if look.fill:
            etree.SubElement(pattern, tag("fgColor"), rgb=f"FF{look.fill}")
            etree.SubElement(pattern, tag("bgColor"), indexed="64")
        return self._index("fills", fill)

    def _border(self, look: Look) -> int:
        border = _element("border", {})
        for side, colour in (("left", None), ("right", None), ("top", look.line_above), ("bottom", look.line_below)):
            line = etree.SubElement(border, tag(side))
            if colour:
                line.set("style", "thin")
                etree.SubElement(line, tag("color"), rgb=f"FF{colour}")
        etree.SubElement(border, tag("diagonal"))
        return self._index("borders", border)

    def _index(self, collection: str, item: etree._Element) -> int:
        known = self._known[collection]
        key = _canonical(item)
        if key not in known:
            listed = child(self._root, collection, _ORDER)
            listed.append(item)
            known[key] = len(listed) - 1
            listed.set("count", str(len(listed)))
        return known[key]


def _element(name: str, attributes: dict[str, str]) -> etree._Element:
    return etree.Element(tag(name), attributes)


def _copy(element: etree._Element) -> etree._Element:
    return etree.fromstring(etree.tostring(element, with_tail=False))


def _canonical(element: etree._Element) -> bytes:
    """Bytes that are equal for equal elements, wherever they stand and whatever namespaces are in scope."""
    return b"".join(_tokens(element))


def _tokens(element: etree._Element) -> Sequence[bytes]:
    attributes = sorted((str(key), str(value)) for key, value in element.attrib.items())
    inner = [token for item in element.iterchildren(etree.Element) for token in _tokens(item)]
    return [repr((element.tag, attributes)).encode(), b"(", *inner, b")"]
