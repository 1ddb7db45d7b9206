"""The names of Office Open XML that more than one module here needs, and the one safe way to parse it."""

import re
from collections.abc import Iterator, Sequence
from typing import IO, Final

from lxml import etree
from openpyxl.utils.cell import range_boundaries

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DRAWING: Final = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
ART: Final = "http://schemas.openxmlformats.org/drawingml/2006/main"
CHART: Final = "http://schemas.openxmlformats.org/drawingml/2006/chart"
RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_RELATIONS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPES: Final = "http://schemas.openxmlformats.org/package/2006/content-types"
XML_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"
RELATION_ID: Final = f"{{{RELATION}}}id"

MOST_TAGS: Final = 2_000_000
"""Tags of what is held in memory as a tree, about 100 bytes each."""

MOST_TAGS_APART: Final = 400_000
"""Tags of a row or another item that is read at once; a row over all columns has about 100,000."""

_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,18}\s*", re.ASCII)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MAY_NEED_ESCAPE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_x")
_NEEDS_ESCAPE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class BrokenPartError(Exception):
    """A part of the file is missing or says what cannot be; whoever opened the file reports it in a sentence."""


class TooLargeError(Exception):
    """A part of the file holds more than a plan can need, and reading it would take memory and time without end."""


def tag(name: str, namespace: str = MAIN) -> str:
    """The qualified name of an element, as lxml writes it."""
    return f"{{{namespace}}}{name}"


_TEXT, _RUN = tag("t"), tag("r")


def parse(data: bytes) -> etree._Element:
    """The root of an XML part.

    Raises:
        BrokenPartError: see `refuse_document_type`.
        TooLargeError: it has more than `MOST_TAGS`.
    """
    if data.count(b"<") > MOST_TAGS:
        raise TooLargeError(f"a part with more than {MOST_TAGS:,} tags")
    root = etree.fromstring(data, _parser())
    refuse_document_type(root)
    return root


def refuse_document_type(root: etree._Element) -> None:
    """Report a document type in a part: no spreadsheet program writes one, only attacks do.

    Raises:
        BrokenPartError: there is one.
    """
    if root.getroottree().docinfo.doctype:
        raise BrokenPartError("an XML part declares a document type")


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True)


class MeteredStream:
    """A part as a stream for a parser that hands on its items one by one and forgets them.

    Raises:
        TooLargeError: too much comes before, between or behind the items.
    """

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._tags = 0

    def read(self, size: int = -1) -> bytes:
        """Some bytes of the part."""
        data = self._source.read(size)
        self._tags += data.count(b"<")
        if self._tags > MOST_TAGS_APART:
            raise TooLargeError(f"a part with more than {MOST_TAGS_APART:,} tags beside its items")
        return data

    def forgotten(self) -> None:
        """All that was read so far is out of memory again."""
        self._tags = 0


def serialize(root: etree._Element) -> bytes:
    """The bytes of a part, in the manner of spreadsheet programs."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def local(element: etree._Element) -> str:
    """The name of an element without its namespace; empty for comments and processing instructions."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def children(element: etree._Element | None, name: str, namespace: str = MAIN) -> Iterator[etree._Element]:
    """The children of that name; none where the element itself is missing."""
    if element is not None:
        yield from element.iterchildren(tag(name, namespace))


def number_in(element: etree._Element, name: str, default: int = 0) -> int:
    """The whole number in an attribute; `default` where there is none.

    Raises:
        BrokenPartError: it holds anything else.
    """
    text = element.get(name) or str(default)
    if not _NUMBER.fullmatch(text):
        raise BrokenPartError(f'{local(element)} has {name}="{text[:40]}", which is no number')
    return int(text)


def rectangle(reference: str) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a reference such as ``A1:B2``.

    Raises:
        BrokenPartError: it is no such reference.
    """
    try:
        left, top, right, bottom = range_boundaries(reference)
        return int(left), int(top), int(right), int(bottom)
    except (ValueError, TypeError):
        raise BrokenPartError(f'"{reference[:40]}" is no range of cells') from None


def place(parent: etree._Element, element: etree._Element, order: Sequence[str]) -> etree._Element:
    """Insert an element where the schema's `order` of children wants it, after others of its name; returns it."""
    rank = {name: number for number, name in enumerate(order)}
    mine = rank[local(element)]
    for position, sibling in enumerate(parent):
        if rank.get(local(sibling), -1) > mine:
            parent.insert(position, element)
            return element
    parent.append(element)
    return element


def child(parent: etree._Element, name: str, order: Sequence[str]) -> etree._Element:
    """The child of that name, made where the schema wants it if it is missing."""
    found = parent.find(tag(name))
    if found is not None:
        return found
    return place(parent, etree.Element(tag(name)), order)


def escape(text: str) -> str:
    """Text as a part can hold it: what XML forbids becomes ``_xHHHH_``, which spreadsheet programs turn back."""
    if _MAY_NEED_ESCAPE.search(text) is None:
        return text
    text = _LONE_SURROGATE.sub("\ufffd", text)
    return _NEEDS_ESCAPE.sub(lambda match: f"_x{ord(match.group()):04X}_", text)


def xml_text(text: str) -> str:
    """Text escaped for XML that is not written by a library."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """The text that `escape` was given."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), text)


def rich_text(element: etree._Element) -> str:
    """The text of a string item, its formatted runs joined, without phonetic guides."""
    parts: list[str] = []
    for item in element:
        name = item.tag
        if name == _TEXT:
            parts.append(item.text or "")
        elif name == _RUN:
            parts.extend(text.text or "" for text in item.iterchildren(_TEXT))
    return unescape("".join(parts))
