"""Draws Results of made-up workbooks of many sizes into build/pictures: to be looked at, not kept.

Every size is printed (one picture per page) and shown on a desk's screen and on a phone, after one run and after a
second one with more capacity and another estimate. The question to each picture: would I sign this?
"""

import shutil
import subprocess
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import openpyxl

from scripts.pictures import DESK, PHONE, RESOLUTION, ROOT, draw_screen, on_screen, printed, solved

SIZES = ((3, 1), (3, 5), (48, 1), (48, 5), (48, 12), (300, 5), (300, 12))
"""Initiatives and scenarios."""
FOLDER = ROOT / "build" / "pictures"
TEAMS = ("Growth", "Checkout", "Platform", "Trust & Safety", "Logistics")
DOES, WHAT = ("Faster", "Guest", "Smart", "Personal"), ("checkout", "search", "returns label", "loyalty club")
NAMES = (
    "Most revenue", "Balanced", "Retention first", "Lean team", "Stretch", "Expansion plan", "Cost saver",
    "No new hires", "Platform year", "Quick wins", "Board proposal", "Fallback",
)  # fmt: skip
Rows = list[list[Any]]


def main() -> None:
    """Draw every size."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    for initiatives, scenarios in SIZES:
        name = f"{initiatives}x{scenarios}"
        with tempfile.TemporaryDirectory() as text:
            folder = Path(text)
            workbook = _written(_tabs(initiatives, scenarios), folder / "plan.xlsx")
            _draw(solved(workbook, folder), folder, name)
            book = openpyxl.load_workbook(workbook)
            book["Scenarios"]["C2"].value *= 1.2
            book["Initiatives"]["E3"].value *= 1.5
            book.save(workbook)
            _draw(solved(workbook, folder, hours=1), folder, f"{name}-changed")
        print(f"{name}: drawn")  # noqa: T201 -- it takes minutes


def _draw(workbook: Path, folder: Path, name: str) -> None:
    pages = ["pdftoppm", "-r", str(RESOLUTION), "-png", printed(workbook, folder), FOLDER / name]
    subprocess.run(pages, check=True)
    window = on_screen(workbook, folder)
    for screen, kind in ((DESK, "screen"), (PHONE, "phone")):
        draw_screen(window, screen, FOLDER / f"{name}-{kind}.png")


def _written(tabs: dict[str, Rows], path: Path) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in tabs.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def _tabs(initiatives: int, scenarios: int) -> dict[str, Rows]:
    """A team's list, the same for the same size."""
    random = Random(initiatives)
    listed: Rows = [["Issue key", "Summary", "Effort (days)", "Team", "Revenue", "Retention", "Support tickets"]]
    for number in range(initiatives):
        retention = random.randrange(1, 40) / 10_000 if number % 3 else None
        tickets = None if number % 3 else -random.randrange(1, 90)
        title = f"{random.choice(DOES)} {random.choice(WHAT)} for German customers"
        effort, revenue = random.randrange(3, 60), random.randrange(5, 900) * 1_000
        listed.append([f"PRJ-{100 + number}", title, effort, random.choice(TEAMS), revenue, retention, tickets])
    total, most = sum(row[2] for row in listed[1:]), sum(row[5] or 0 for row in listed[1:])
    planned: Rows = [["Scenario", "Mode", "Capacity", "weight: revenue", "weight: retention", "target: retention"]]
    for number, name in enumerate(NAMES[:scenarios]):
        capacity, target = round(total * (0.3 + 0.05 * (number % 8))), round(most * (0.95 if number == 2 else 0.5), 4)
        if number % 3 == 1:
            planned.append([name, "weighted_kpis", capacity, 1, 2_000_000, None])
        else:
            planned.append([name, "lexicographic" if number % 3 else "north_star", capacity, None, None, target])
    return {
        "KPIs": [
            ["kpi_key", "kpi_name", "kpi_level", "unit", "direction"],
            ["revenue", "Annual revenue", "north_star", "EUR", "higher"],
            ["retention", "Retention", None, "fraction", "higher"],
            ["support tickets", "Support tickets", None, "count", "lower"],
        ],
        "Initiatives": listed,
        "Scenarios": planned,
        "Constraints": [
            ["constraint_type", "dimension", "dimension_key", "max_tokens"],
            *(["capacity_cap", "team", team, round(total / 4)] for team in sorted({row[3] for row in listed[1:]})),
        ],
    }


if __name__ == "__main__":
    main()
