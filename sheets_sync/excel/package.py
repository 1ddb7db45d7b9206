"""The zip package of an .xlsx file: its parts, how they relate, and the file that comes out when some are changed.

Only parts that were edited are written anew; every other part keeps its bytes. This is what lets pivot tables, macros,
charts and cached values of other tabs survive: we never need to understand them.
"""

import io
import posixpath
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from lxml import etree

from sheets_sync.excel.ooxml import (
    CONTENT_TYPES,
    PACKAGE_RELATIONS,
    RELATION,
    RELATION_ID,
    BrokenPartError,
    TooLargeError,
    children,
    local,
    parse,
    serialize,
    tag,
)

_TYPES_PART = "[Content_Types].xml"
MOST_PARTS = 20_000
_COPIED = 1 << 18
"""Bytes of an unchanged part that are copied at a time."""
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
"""Time of parts that we write, so that the same content gives the same bytes."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A link from one part to another: `kind` is the last word of its type, `target` a part or an outside address."""

    id: str
    kind: str
    target: str
    external: bool


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """One tab as the workbook lists it; `part` is None for tabs that are no worksheets (chart sheets, dialogs)."""

    title: str
    part: str | None
    index: int


class Package:
    """The parts of one .xlsx file, read on demand and edited in memory.

    Raises:
        zipfile.BadZipFile: not a zip file, or a damaged one.
        TooLargeError: it has more than `MOST_PARTS`.
    """

    def __init__(self, data: bytes) -> None:
        self._zip = zipfile.ZipFile(io.BytesIO(data))
        if len(self._zip.infolist()) > MOST_PARTS:
            raise TooLargeError(f"more than {MOST_PARTS:,} parts")
        self._infos = {info.filename.lstrip("/"): info for info in self._zip.infolist() if not info.is_dir()}
        self._by_lower = {name.lower(): name for name in self._infos}
        self._trees: dict[str, etree._Element] = {}
        self._written: dict[str, bytes] = {}
        self._edited: set[str] = set()
        self._pieces: dict[str, Callable[[], Iterator[bytes]]] = {}
        self._last: set[str] = set()
        self._removed: set[str] = set()

    @property
    def unpacked_size(self) -> int:
        """What the parts claim to unpack to, in bytes; the zip reader never unpacks more than claimed."""
        return sum(info.file_size for info in self._infos.values())

    @property
    def names(self) -> Sequence[str]:
        """Every part, in the file's order, those that were added last."""
        kept = [name for name in self._infos if name not in self._removed]
        return kept + [name for name in self._written if name not in self._infos]

    def __contains__(self, name: str) -> bool:
        return name in self._written or (self._actual(name) in self._infos and name not in self._removed)

    def stream(self, name: str) -> IO[bytes]:
        """The bytes of a part as they were before it was edited, as a stream."""
        if self._actual(name) in self._written:
            return io.BytesIO(self._written[self._actual(name)])
        return self._zip.open(self._info(name))

    def content(self, name: str) -> bytes:
        """The bytes of a part as they would be saved now."""
        name = self._actual(name)
        if name in self._pieces:
            return b"".join(self._pieces[name]())
        if name in self._edited:
            return serialize(self._trees[name])
        if name in self._written:
            return self._written[name]
        return self._zip.read(self._info(name))

    def tree(self, name: str) -> etree._Element:
        """The root element of a part, for reading."""
        name = self._actual(name)
        if name not in self._trees:
            self._trees[name] = parse(self.content(name))
        return self._trees[name]

    def edit(self, name: str) -> etree._Element:
        """The root element of a part, to be changed in place and saved."""
        root = self.tree(name)
        self._edited.add(self._actual(name))
        return root

    def stream_in(self, name: str, root: etree._Element, pieces: Callable[[], Iterator[bytes]]) -> None:
        """Have a part written as `pieces` gives its bytes when the file is saved; `edit` gives `root` meanwhile.

        For parts that are too large to be held as a tree: root is what remains of it without the bulk.
        """
        name = self._actual(name)
        self._trees[name] = root
        self._edited.add(name)
        self._pieces[name] = pieces

    def write_last(self, name: str) -> None:
        """Write a part after all others: it is still edited while pieces of others are asked for."""
        self._last.add(self._actual(name))

    def add(self, name: str, root: etree._Element | bytes, content_type: str) -> None:
        """Add a part, or replace it."""
        self._removed.discard(name)
        self._trees.pop(name, None)
        self._edited.discard(name)
        self._pieces.pop(name, None)
        self._written[name] = root if isinstance(root, bytes) else serialize(root)
        self._by_lower[name.lower()] = name
        if self.content_type(name) != content_type:
            self._forget_type(name)
            override = etree.SubElement(self.edit(_TYPES_PART), tag("Override", CONTENT_TYPES))
            override.set("PartName", f"/{name}")
            override.set("ContentType", content_type)

    def declare_extension(self, extension: str, content_type: str) -> None:
        """Say what parts with that extension hold, unless the package says so already."""
        defaults = children(self.tree(_TYPES_PART), "Default", CONTENT_TYPES)
        declared = {str(item.get("Extension")).lower() for item in defaults}
        if extension not in declared:
            item = etree.Element(tag("Default", CONTENT_TYPES), Extension=extension, ContentType=content_type)
            self.edit(_TYPES_PART).insert(0, item)

    def remove(self, name: str) -> None:
        """Remove a part with its own relations, and parts that only it led to."""
        targets = [relation.target for relation in self.relations(name) if not relation.external]
        for gone in (name, relations_part(name)):
            self._written.pop(gone, None)
            self._trees.pop(gone, None)
            self._edited.discard(gone)
            self._pieces.pop(gone, None)
            if gone in self._infos:
                self._removed.add(gone)
        if targets:
            still_used = {relation.target for part in self.names for relation in self.relations(part)}
            for target in targets:
                if target in self and target not in still_used:
                    self.remove(target)

    def free_name(self, pattern: str) -> str:
        """The first name that no part has, `pattern` holding ``{}`` for a number from 1."""
        number = 1
        taken = {name.lower() for name in self.names}
        while pattern.format(number).lower() in taken:
            number += 1
        return pattern.format(number)

    def content_type(self, name: str) -> str:
        """What the package says that a part holds; empty where it does not say."""
        types = self.tree(_TYPES_PART)
        for override in children(types, "Override", CONTENT_TYPES):
            if str(override.get("PartName")).lower() == f"/{name}".lower():
                return override.get("ContentType") or ""
        extension = posixpath.splitext(name)[1].lstrip(".").lower()
        for default in children(types, "Default", CONTENT_TYPES):
            if str(default.get("Extension")).lower() == extension:
                return default.get("ContentType") or ""
        return ""

    def relations(self, name: str) -> Sequence[Relation]:
        """Where a part leads to; the empty name is the package itself."""
        part = relations_part(name)
        if part not in self or name.endswith(".rels"):
            return ()
        return [
            Relation(
                id=item.get("Id") or "",
                kind=posixpath.basename(item.get("Type") or ""),
                target=(item.get("Target") or "") if external else _resolve(name, item.get("Target") or ""),
                external=external,
            )
            for item in children(self.tree(part), "Relationship", PACKAGE_RELATIONS)
            for external in [item.get("TargetMode") == "External"]
        ]

    def relate(self, name: str, kind: str, target: str) -> str:
        """Link a part to another; returns the id of the link, the old one where it exists already."""
        known = self.relations(name)
        for relation in known:
            if relation.kind == kind and relation.target == target:
                return relation.id
        part = relations_part(name)
        if part not in self:
            empty = etree.Element(tag("Relationships", PACKAGE_RELATIONS), nsmap={None: PACKAGE_RELATIONS})
            self._removed.discard(part)
            self._written[part] = serialize(empty)
        taken = {relation.id for relation in known}
        number = 1
        while f"rId{number}" in taken:
            number += 1
        relative = posixpath.relpath(target, posixpath.dirname(name) or ".")
        etree.SubElement(
            self.edit(part),
            tag("Relationship", PACKAGE_RELATIONS),
            Id=f"rId{number}",
            Type=f"{RELATION}/{kind}",
            Target=relative,
        )
        return f"rId{number}"

    def unrelate(self, name: str, relation_id: str) -> None:
        """Remove one link of a part; the link's target stays."""
        for item in list(children(self.edit(relations_part(name)), "Relationship", PACKAGE_RELATIONS)):
            if item.get("Id") == relation_id:
                item.getparent().remove(item)  # type: ignore[union-attr]  # a child has a parent

    @property
    def workbook_part(self) -> str:
        """The part that lists the tabs.

        Raises:
            BrokenPartError: the package is no workbook.
        """
        for relation in self.relations(""):
            if relation.kind == "officeDocument" and relation.target in self:
                return relation.target
        raise BrokenPartError("the package names no main part")

    @property
    def sheets(self) -> Sequence[SheetEntry]:
        """Every tab, in sheet order."""
        part = self.workbook_part
        worksheets = {relation.id: relation.target for relation in self.relations(part) if relation.kind == "worksheet"}
        listed = self.tree(part).find(tag("sheets"))
        return [
            SheetEntry(item.get("name") or "", worksheets.get(item.get(RELATION_ID) or ""), index)
            for index, item in enumerate(children(listed, "sheet"))
        ]

    def related(self, name: str, kind: str) -> str | None:
        """The first part of that kind that a part leads to."""
        for relation in self.relations(name):
            if relation.kind == kind and not relation.external and relation.target in self:
                return relation.target
        return None

    def save(self) -> bytes:
        """The whole file."""
        # Only now, so that a part that was removed and added again keeps its place in the list.
        for override in list(children(self.tree(_TYPES_PART), "Override", CONTENT_TYPES)):
            name = (override.get("PartName") or "").lstrip("/")
            if name not in self:
                self._forget_type(name)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
            for name in sorted(self.names, key=self._last.__contains__):
                info = self._infos.get(name)
                changed = name in self._edited or name in self._written
                entry = zipfile.ZipInfo(name, _FIXED_TIME if changed or info is None else info.date_time)
                entry.compress_type = zipfile.ZIP_DEFLATED if info is None else info.compress_type
                if name in self._pieces:
                    with target.open(entry, "w") as sink:
                        for piece in self._pieces[name]():
                            sink.write(piece)
                elif changed:
                    target.writestr(entry, self.content(name))
                else:
                    with self.stream(name) as source, target.open(entry, "w") as sink:
                        shutil.copyfileobj(source, sink, _COPIED)
        return out.getvalue()

    def _actual(self, name: str) -> str:
        # Part names are compared without regard to case (ECMA-376 part 2), and some writers rely on it.
        return self._by_lower.get(name.lower(), name)

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = self._infos.get(self._actual(name))
        if info is None:
            raise BrokenPartError(f"the part {name} is missing")
        return info

    def _forget_type(self, name: str) -> None:
        for override in list(children(self.tree(_TYPES_PART), "Override", CONTENT_TYPES)):
            if override.get("PartName") == f"/{name}":
                self.edit(_TYPES_PART).remove(override)


def relations_part(name: str) -> str:
    """The part that holds a part's relations."""
    folder, base = posixpath.split(name)
    return posixpath.join(folder, "_rels", f"{base}.rels")


def _resolve(source: str, target: str) -> str:
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), target))


def is_strict(package: Package) -> bool:
    """True for the rare "Strict Open XML" flavour, whose names all differ."""
    root = package.tree(package.workbook_part)
    return local(root) == "workbook" and root.tag != tag("workbook")
