"""Draws the pictures of docs/images anew: runs the example workbook, prints Results, and cuts out what is shown.

Needs LibreOffice and pdftoppm (``make test-deps`` installs both where apt-get may be used).
"""

import re
import shutil
import subprocess
import tempfile
import zipfile
from contextlib import chdir
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.request import RunRequest
from sheets_sync.run.run_workbook import run_workbook

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "marketplace-q3.xlsx"
IMAGES = ROOT / "docs" / "images"
SHOWN_TAB = "Results"
LARGE_PAPER = b'paperSize="66"'
"""A2: the larger the paper, the less the text has to shrink."""
LARGEST_BYTES = 400_000


@dataclass(frozen=True)
class Picture:
    """A part of the tab, from the row with one text to above the row with another, cut off at a share of its width."""

    name: str
    first: str
    after: str
    share: float
    pixels: int
    """Width of the picture."""


PICTURES = (
    Picture(
        "results.png", first="Results", after="Targets: achieved in % of what they ask for", share=0.352, pixels=1_400
    ),
    Picture("selection.png", first="Selection, with the figures of this run", after="LOG-501", share=0.8, pixels=2_200),
)


def main() -> None:
    """Run, print, cut."""
    programs = {name: shutil.which(name) for name in ("soffice", "pdftoppm", "pdftotext")}
    missing = [name for name, path in programs.items() if path is None]
    if missing:
        raise SystemExit(f"Not installed: {', '.join(missing)}. Run: make test-deps")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        pdf = _printed(_solved(Path(folder)), Path(folder))
        for picture in PICTURES:
            _draw(pdf, picture)


def _solved(folder: Path) -> Path:
    """The example after a run whose time and person do not change from drawing to drawing."""
    path = folder / EXAMPLE.name
    shutil.copy(EXAMPLE, path)
    moment = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)
    request = RunRequest(person="ana@example.com", trigger="menu")
    with chdir(folder):
        run_workbook(ExcelWorkbook(path.name), request, clock=lambda: moment)
    return path


def _printed(workbook: Path, folder: Path) -> Path:
    """A PDF of the one tab on one page; the others are hidden, and what is hidden is not printed."""
    alone = folder / "shown.xlsx"
    with zipfile.ZipFile(workbook) as before, zipfile.ZipFile(alone, "w", zipfile.ZIP_DEFLATED) as after:
        for item in before.infolist():
            content = before.read(item)
            if item.filename.startswith("xl/worksheets/sheet"):
                content = re.sub(rb'fitToWidth="\d+" fitToHeight="\d+"', b'fitToWidth="1" fitToHeight="1"', content)
                content = content.replace(b'paperSize="9"', LARGE_PAPER)
                # The foot is as wide as the page, and would count as a part of the tab.
                content = re.sub(rb"<headerFooter>.*?</headerFooter>", b"", content)
            if item.filename == "xl/workbook.xml":
                content = _hide_others(content.decode()).encode()
            after.writestr(item, content)
    profile = (folder / "profile").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf", "--outdir", folder]
    subprocess.run([*command, alone], check=True, capture_output=True)
    return alone.with_suffix(".pdf")


def _hide_others(workbook: str) -> str:
    tabs = re.findall(r"<sheet [^>]*>", workbook)
    index = next(at for at, tab in enumerate(tabs) if f'name="{SHOWN_TAB}"' in tab)
    for tab in tabs:
        if f'name="{SHOWN_TAB}"' not in tab:
            workbook = workbook.replace(tab, tab.replace("<sheet ", '<sheet state="hidden" '))
    workbook = re.sub(r' (activeTab|firstSheet)="\d+"', "", workbook)
    return workbook.replace("<workbookView ", f'<workbookView activeTab="{index}" ')


def _draw(pdf: Path, picture: Picture) -> None:
    """Cut a picture out of the page and keep it."""
    lines = _lines(pdf)
    left = min(x for x, _, _, _ in lines)
    right = left + (max(end for _, _, end, _ in lines) - left) * picture.share
    top = next(y for _, y, _, text in lines if text == picture.first)
    bottom = next(y for _, y, _, text in lines if text == picture.after and y > top)
    scale = picture.pixels / (right - left)
    margin = picture.pixels // 100
    corner = ["-x", f"{left * scale - margin:.0f}", "-y", f"{top * scale - margin:.0f}"]
    size = ["-W", str(picture.pixels + 2 * margin), "-H", f"{(bottom - top) * scale + margin // 2:.0f}"]
    target = IMAGES / picture.name
    page = ["-r", f"{72 * scale:.2f}", "-f", "1", "-l", "1", "-singlefile", "-png"]
    subprocess.run(["pdftoppm", *page, *corner, *size, pdf, target.with_suffix("")], check=True)
    if target.stat().st_size > LARGEST_BYTES:
        raise SystemExit(f"{target} has {target.stat().st_size:,} bytes; at most {LARGEST_BYTES:,} are wanted")


def _lines(pdf: Path) -> list[tuple[float, float, float, str]]:
    """(left, top, right, text) of every line of text on the page, in points."""
    told = subprocess.run(["pdftotext", "-bbox-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout
    lines = []
    for place, words in re.findall(r"<line ([^>]*)>(.*?)</line>", told, re.DOTALL):
        left, top, right, _ = (float(number) for number in re.findall(r'"([-\d.]+)"', place))
        lines.append((left, top, right, unescape(" ".join(re.findall(r"<word [^>]*>([^<]*)</word>", words)))))
    return lines


if __name__ == "__main__":
    main()
