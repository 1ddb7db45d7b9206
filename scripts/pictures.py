"""Draws the pictures of docs/images anew: runs the example workbook and prints Results, one picture per page.

Needs LibreOffice and pdftoppm (``make test-deps`` installs both where apt-get may be used).
"""

import re
import shutil
import subprocess
import tempfile
import zipfile
from contextlib import chdir
from datetime import UTC, datetime
from pathlib import Path

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.request import RunRequest
from sheets_sync.run.run_workbook import run_workbook

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "marketplace-q3.xlsx"
IMAGES = ROOT / "docs" / "images"
SHOWN_TAB = "Results"
PAGES = ("results.png", "results-second-page.png")
RESOLUTION = 125
LARGEST_BYTES = 400_000


def main() -> None:
    """Run, print, keep each page."""
    programs = {name: shutil.which(name) for name in ("soffice", "pdftoppm")}
    missing = [name for name, path in programs.items() if path is None]
    if missing:
        raise SystemExit(f"Not installed: {', '.join(missing)}. Run: make test-deps")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        pdf = _printed(_solved(Path(folder)), Path(folder))
        for number, name in enumerate(PAGES, start=1):
            _draw(pdf, number, IMAGES / name)


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
    """A PDF of the one tab; the others are hidden, and what is hidden is not printed."""
    alone = folder / "shown.xlsx"
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


def _draw(pdf: Path, page: int, target: Path) -> None:
    """Keep one page as a picture."""
    options = ["-r", str(RESOLUTION), "-f", str(page), "-l", str(page), "-singlefile", "-png"]
    subprocess.run(["pdftoppm", *options, pdf, target.with_suffix("")], check=True)
    if target.stat().st_size > LARGEST_BYTES:
        raise SystemExit(f"{target} has {target.stat().st_size:,} bytes; at most {LARGEST_BYTES:,} are wanted")


if __name__ == "__main__":
    main()
