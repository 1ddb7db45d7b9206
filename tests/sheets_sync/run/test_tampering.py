"""100 random edits of an approved tab are found, here and on a machine without a store; saving raises no alarm."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.report.approvals import StateKind
from sheets_sync.request import RunRequest
from sheets_sync.run.approve import Ask, approve
from sheets_sync.run.known_approvals import states_of
from sheets_sync.run.read_inputs import wanted_tabs
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.store import RunStore
from sheets_sync.workbook.snapshot import BLANK, Cell, CellKind, Snapshot
from tests.sheets_sync.run.conftest import plan_file

SCENARIO = "Reachable"
TAB = f"Approved {SCENARIO}"
EDITS = 100
Cells = list[list[Cell]]


@pytest.fixture(scope="module")
def approved(tmp_path_factory) -> tuple[Snapshot, RunStore]:
    """A workbook with an approval, as it was read, and the store that has recorded it."""
    folder: Path = tmp_path_factory.mktemp("approved")
    planned, store = plan_file(folder / "plan.xlsx"), RunStore(folder / "runs.sqlite3", keep_runs=9)
    run_workbook(planned.open(), RunRequest(person="ben"), store=store)
    approve(planned.open(), store, Ask(SCENARIO, "ana@example.com", comment="Board of 1 July"))
    return ExcelWorkbook(folder / "plan.xlsx").read(wanted_tabs), store


def kind(snapshot: Snapshot, store: RunStore | None) -> StateKind:
    return states_of(snapshot, store)[SCENARIO.casefold()].kind


def with_cells(snapshot: Snapshot, cells: Cells) -> Snapshot:
    return replace(snapshot, tabs={**snapshot.tabs, TAB: replace(snapshot.tabs[TAB], rows=cells)})


def text(value: str) -> Cell:
    return Cell(CellKind.TEXT, value, value)


def filled(cells: Cells) -> list[tuple[int, int]]:
    return [(row, at) for row, line in enumerate(cells) for at, cell in enumerate(line) if not cell.is_blank]


def change_a_value(cells: Cells, random: Random) -> str:
    row, at = random.choice(filled(cells))
    cell = cells[row][at]
    if cell.kind is CellKind.NUMBER:
        value = cell.number * (1 + random.choice([-1, 1]) * 10 ** -random.randrange(1, 14)) if cell.number else 1e-9
        cells[row][at] = replace(cell, value=value)
    else:
        letters = list(str(cell.value))
        place = random.randrange(len(letters))
        letters[place] = "x" if letters[place] != "x" else "y"
        cells[row][at] = text("".join(letters))
    return f"{cell.value!r} in row {row + 1} became {cells[row][at].value!r}"


def clear_a_cell(cells: Cells, random: Random) -> str:
    row, at = random.choice(filled(cells))
    cell, cells[row][at] = cells[row][at], BLANK
    return f"{cell.value!r} in row {row + 1} was cleared"


def swap_two_cells(cells: Cells, random: Random) -> str:
    places = filled(cells)
    while True:
        (row, at), (other, column) = random.sample(places, 2)
        if cells[row][at].value != cells[other][column].value:
            break
    cells[row][at], cells[other][column] = cells[other][column], cells[row][at]
    return f"rows {row + 1} and {other + 1} were swapped in a cell"


def type_into_a_blank(cells: Cells, random: Random) -> str:
    row = random.randrange(len(cells))
    cells[row].append(text("approved by the CFO herself"))
    return f"something new in row {row + 1}"


def delete_a_row(cells: Cells, random: Random) -> str:
    row = random.choice([row for row, _ in filled(cells)])
    del cells[row]
    return f"row {row + 1} was deleted"


def make_a_formula(cells: Cells, random: Random) -> str:
    row, at = random.choice(filled(cells))
    cells[row][at] = replace(cells[row][at], formula="=Results!A1")
    return f"row {row + 1} became a formula of the same value"


def show_another_number(cells: Cells, random: Random) -> str:
    row, at = random.choice([(row, at) for row, at in filled(cells) if cells[row][at].kind is CellKind.NUMBER])
    cells[row][at] = replace(cells[row][at], format=random.choice(['"1,550,000"', "0,", ";;;"]))
    return f"row {row + 1} shows another number than it holds"


TAMPERINGS: list[Callable[[Cells, Random], str]] = [
    change_a_value, change_a_value, change_a_value, clear_a_cell, swap_two_cells, type_into_a_blank, delete_a_row,
    make_a_formula, show_another_number,
]  # fmt: skip


def test_every_random_edit_is_found(approved: tuple[Snapshot, RunStore]) -> None:
    snapshot, store = approved
    missed = []
    for seed in range(EDITS):
        random = Random(seed)
        cells = [list(row) for row in snapshot.tabs[TAB].rows]
        what = TAMPERINGS[seed % len(TAMPERINGS)](cells, random)
        edited = with_cells(snapshot, cells)
        found = [kind(edited, machine) for machine in (store, None)]
        if found != [StateKind.ALTERED] * 2:
            missed.append((seed, what, found))
    assert missed == []


def as_saved(cell: Cell, random: Random) -> Cell:
    """What programs make of a cell when they save the file, and what people do to its looks."""
    if cell.kind is CellKind.NUMBER:
        value = float(f"{cell.number:.15g}")
        return replace(cell, value=int(value) if value.is_integer() and random.random() < 0.5 else value)
    if cell.kind is CellKind.TEXT:
        form = random.choice(["NFC", "NFD"])
        return text(unicodedata.normalize(form, str(cell.value)) + random.choice(["", " "]))
    return cell


def test_saving_and_work_elsewhere_raise_no_alarm(approved: tuple[Snapshot, RunStore]) -> None:
    snapshot, store = approved
    assert kind(snapshot, store) is kind(snapshot, None) is StateKind.UNCHANGED
    for seed in range(EDITS):
        random = Random(seed)
        cells = [[as_saved(cell, random) for cell in row] for row in snapshot.tabs[TAB].rows]
        cells += [[BLANK]] * random.randrange(3)
        elsewhere = replace(snapshot.tabs["Initiatives"], rows=[[text(str(seed))]])
        edited = with_cells(snapshot, cells)
        edited = replace(edited, tabs={**edited.tabs, "Initiatives": elsewhere})
        assert [kind(edited, machine) for machine in (store, None)] == [StateKind.UNCHANGED] * 2, seed
