"""Draws the pictures of docs/images anew: runs the example workbooks and prints Results, one picture per page.

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
from pathlib import Path

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.request import RunRequest
from sheets_sync.run.run_workbook import run_workbook

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
IMAGES = ROOT / "docs" / "images"
SHOWN_TAB = "Results"
RESOLUTION = 125


@dataclass(frozen=True)
class Picture:
    """One page of a print of an example; `height` and `width` are the share of the page that is kept."""

    example: str
    page: int
    name: str
    height: float = 1.0
    width: float = 1.0


PICTURES = (
    Picture("marketplace-q3.xlsx", 1, "results.png"),
    Picture("marketplace-q3.xlsx", 2, "results-second-page.png"),
    Picture("roadmap-2026.xlsx", 4, "roadmap.png", height=0.67, width=0.83),
)
A4_INCHES = (11.69, 8.27)
LARGEST_BYTES = 400_000


def main() -> None:
    """Run, print, keep each page."""
    programs = {name: shutil.which(name) for name in ("soffice", "pdftoppm")}
    missing = [name for name, path in programs.items() if path is None]
    if missing:
        raise SystemExit(f"Not installed: {', '.join(missing)}. Run: make test-deps")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        prints: dict[str, Path] = {}
        for picture in PICTURES:
            example = picture.example
            if example not in prints:
                prints[example] = _printed(_solved(EXAMPLES / example, Path(folder)), Path(folder))
            _draw(prints[example], picture)


def _solved(example: Path, folder: Path) -> Path:
    """The example after a run whose time and person do not change from drawing to drawing."""
    path = folder / example.name
    shutil.copy(example, path)
    moment = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)
    request = RunRequest(person="ana@example.com", trigger="menu")
    with chdir(folder):
        run_workbook(ExcelWorkbook(path.name), request, clock=lambda: moment)
    return path


def _printed(workbook: Path, folder: Path) -> Path:
    """A PDF of the one tab; the others are hidden, and what is hidden is not printed."""
    alone = folder / f"{workbook.stem}-shown.xlsx"
    with zipfile.ZipFile(workbook) as before, zipfile.ZipFile(alone, "w", zipfile.ZIP_DEFLATED) as after:
        for item in before.infolist():
            content = before.read(item)
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
    """Keep one page, or its upper left part, as a picture."""
    target, page = IMAGES / picture.name, str(picture.page)
    options = ["-r", str(RESOLUTION), "-f", page, "-l", page, "-singlefile", "-png", "-x", "0", "-y", "0"]
    for option, share, inches in zip(("-W", "-H"), (picture.width, picture.height), A4_INCHES, strict=True):
        options += [option, str(round(share * inches * RESOLUTION))]
    subprocess.run(["pdftoppm", *options, pdf, target.with_suffix("")], check=True)
    if target.stat().st_size > LARGEST_BYTES:
        raise SystemExit(f"{target} has {target.stat().st_size:,} bytes; at most {LARGEST_BYTES:,} are wanted")


if __name__ == "__main__":
    main()
