"""Draws the pictures of docs/images anew: Results of the example workbook, printed and on screens.

Needs LibreOffice and pdftoppm (``make test-deps`` installs both where apt-get may be used). LibreOffice shows no window
here: what a screen shows is drawn as one page of its size, with row and column headings and without a zoom.
"""

import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from contextlib import chdir
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lxml import etree

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.request import RunRequest
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.store import RunStore

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
IMAGES = ROOT / "docs" / "images"
SHOWN_TAB = "Results"
MARKETPLACE = "marketplace-q3.xlsx"
RESOLUTION = 125
PIXELS_PER_INCH, MM_PER_INCH = 96, 25.4


@dataclass(frozen=True)
class Picture:
    """One page of a print of an example; `height` and `width` are the share of the page that is kept."""

    example: str
    page: int
    name: str
    height: float = 1.0
    width: float = 1.0


PICTURES = (
    Picture(MARKETPLACE, 1, "results.png"),
    Picture(MARKETPLACE, 2, "results-second-page.png"),
    Picture("roadmap-2026.xlsx", 4, "roadmap.png", height=0.67, width=0.83),
)
A4_INCHES = (11.69, 8.27)
LARGEST_BYTES = 400_000
MORE_CAPACITY = (("<v>850</v>", "<v>900</v>"),)
"""What changes in the example's Scenarios between two runs, for the picture of what changed."""
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_PAGE_PARTS = ("printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks")
_AFTER_PAGE = ("rowBreaks", "colBreaks", "drawing", "legacyDrawing", "tableParts", "extLst")


@dataclass(frozen=True)
class Screen:
    """A window of so many pixels on the upper left corner of the tab."""

    width: int
    height: int


DESK, PHONE, WIDE = Screen(1600, 900), Screen(390, 760), Screen(3200, 1800)


def main() -> None:
    """Run, draw, keep each picture."""
    programs = {name: shutil.which(name) for name in ("soffice", "pdftoppm")}
    missing = [name for name, path in programs.items() if path is None]
    if missing:
        raise SystemExit(f"Not installed: {', '.join(missing)}. Run: make test-deps")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        workbooks: dict[str, Path] = {}
        prints: dict[str, Path] = {}
        for picture in PICTURES:
            example = picture.example
            if example not in prints:
                workbooks[example] = solved(EXAMPLES / example, folder)
                prints[example] = printed(workbooks[example], folder)
            draw(prints[example], picture)
        workbook = workbooks[MARKETPLACE]
        for screen, name in ((DESK, "results-screen.png"), (PHONE, "results-phone.png")):
            draw_screen(on_screen(workbook, folder), screen, IMAGES / name)
        draw(printed(changed(workbook, folder), folder), Picture(MARKETPLACE, 2, "results-changed.png"))


def solved(source: Path, folder: Path, hours: int = 0) -> Path:
    """A copy of a workbook after a run whose time and person do not change from drawing to drawing."""
    path = folder / source.name
    if path != source:
        shutil.copy(source, path)
    moment = datetime(2026, 6, 15, 9, 0, tzinfo=UTC) + timedelta(hours=hours)
    request = RunRequest(person="ana@example.com", trigger="menu")
    store = RunStore(folder / "runs.sqlite3", keep_runs=5)
    with chdir(folder):
        run_workbook(ExcelWorkbook(path.name), request, clock=lambda: moment, store=store)
    return path


def changed(workbook: Path, folder: Path) -> Path:
    """The workbook after another run with more capacity."""
    index = _index_of(workbook, "Scenarios")

    def edit(content: bytes) -> bytes:
        text = content.decode()
        for old, new in MORE_CAPACITY:
            text = text.replace(old, new)
        return text.encode()

    _rewrite(workbook, workbook.with_suffix(".new"), {_part_of(workbook, index): edit})
    workbook.with_suffix(".new").replace(workbook)
    return solved(workbook, folder, hours=1)


def printed(workbook: Path, folder: Path) -> Path:
    """A PDF of the one tab; the others are hidden, and what is hidden is not printed."""
    return _as_pdf(workbook, folder, lambda sheet: sheet)


def on_screen(workbook: Path, folder: Path) -> Path:
    """A PDF whose first page is the upper left of the tab as a screen shows it, with row and column headings."""

    def as_window(content: bytes) -> bytes:
        root = etree.fromstring(content)
        for name in _PAGE_PARTS:
            for item in root.findall(_MAIN + name):
                root.remove(item)
        for item in root.findall(f"{_MAIN}sheetPr/{_MAIN}pageSetUpPr"):
            item.set("fitToPage", "0")
        width, height = (f"{size / PIXELS_PER_INCH * MM_PER_INCH:.1f}mm" for size in (WIDE.width, WIDE.height))
        margins = dict.fromkeys(("left", "right", "top", "bottom", "header", "footer"), "0")
        parts = [
            etree.Element(f"{_MAIN}printOptions", headings="1"),
            etree.Element(f"{_MAIN}pageMargins", margins),
            etree.Element(f"{_MAIN}pageSetup", paperWidth=width, paperHeight=height, scale="100"),
        ]
        after = next((at for at, item in enumerate(root) if etree.QName(item).localname in _AFTER_PAGE), len(root))
        for at, part in enumerate(parts):
            root.insert(after + at, part)
        written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        return written

    return _as_pdf(workbook, folder, as_window)


def draw(pdf: Path, picture: Picture) -> None:
    """Keep one page, or its upper left part, as a picture."""
    size = (picture.width * A4_INCHES[0] * RESOLUTION, picture.height * A4_INCHES[1] * RESOLUTION)
    _keep(pdf, picture.page, IMAGES / picture.name, RESOLUTION, Screen(*map(round, size)))


def draw_screen(pdf: Path, screen: Screen, target: Path) -> None:
    """Keep what a window of that size shows before anybody scrolls."""
    _keep(pdf, 1, target, PIXELS_PER_INCH, screen)


def _keep(pdf: Path, page: int, target: Path, resolution: int, part: Screen) -> None:
    corner = ["-x", "0", "-y", "0", "-W", str(part.width), "-H", str(part.height)]
    options = ["-r", str(resolution), "-f", str(page), "-l", str(page), "-singlefile", "-png", *corner]
    subprocess.run(["pdftoppm", *options, pdf, target.with_suffix("")], check=True)
    if target.stat().st_size > LARGEST_BYTES:
        raise SystemExit(f"{target} has {target.stat().st_size:,} bytes; at most {LARGEST_BYTES:,} are wanted")


def _as_pdf(workbook: Path, folder: Path, edit_sheet: Callable[[bytes], bytes]) -> Path:
    alone = folder / f"{workbook.stem}-shown.xlsx"
    part = _part_of(workbook, _index_of(workbook, SHOWN_TAB))
    _rewrite(workbook, alone, {"xl/workbook.xml": _hide_others, part: edit_sheet})
    profile = (folder / "profile").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf", "--outdir", folder]
    subprocess.run([*command, alone], check=True, capture_output=True)
    return alone.with_suffix(".pdf")


def _rewrite(source: Path, target: Path, edits: dict[str, Callable[[bytes], bytes]]) -> None:
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for item in before.infolist():
            content = before.read(item)
            after.writestr(item, edits.get(item.filename, bytes)(content))


def _tabs(workbook: etree._Element) -> Iterable[etree._Element]:
    return workbook.iterfind(f"{_MAIN}sheets/{_MAIN}sheet")


def _index_of(workbook: Path, title: str) -> int:
    with zipfile.ZipFile(workbook) as opened:
        root = etree.fromstring(opened.read("xl/workbook.xml"))
    return next(at for at, tab in enumerate(_tabs(root)) if tab.get("name") == title)


def _part_of(workbook: Path, index: int) -> str:
    """The part of a tab, by its place."""
    with zipfile.ZipFile(workbook) as opened:
        root = etree.fromstring(opened.read("xl/workbook.xml"))
        relations = etree.fromstring(opened.read("xl/_rels/workbook.xml.rels"))
    (wanted,) = (value for name, value in list(_tabs(root))[index].items() if name.endswith("}id"))
    target = next(item.get("Target") for item in relations if item.get("Id") == wanted)
    return re.sub(r"^/?(xl/)?", "xl/", target or "")


def _hide_others(content: bytes) -> bytes:
    root = etree.fromstring(content)
    for at, tab in enumerate(_tabs(root)):
        if tab.get("name") != SHOWN_TAB:
            tab.set("state", "hidden")
            continue
        for view in root.iterfind(f"{_MAIN}bookViews/{_MAIN}workbookView"):
            view.attrib.pop("firstSheet", None)
            view.set("activeTab", str(at))
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return written


if __name__ == "__main__":
    main()
