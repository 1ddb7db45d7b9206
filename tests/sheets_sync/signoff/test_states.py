"""Every edit of an approved tab is found, by the machine that recorded the approval and by the seal alone."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.report.approvals import StateKind
from sheets_sync.request import RunRequest
from sheets_sync.run.approve import Ask, approve
from sheets_sync.run.known_approvals import known_here
from sheets_sync.run.read_inputs import wanted_tabs
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.signoff.carried import carried_approvals
from sheets_sync.signoff.seal import Seal
from sheets_sync.signoff.states import KnownHere, approval_states
from sheets_sync.store import RunStore
from sheets_sync.workbook.snapshot import BLANK, Cell, CellKind, Snapshot, Tab
from tests.workbooks import WORKED_EXAMPLE, write_workbook

SCENARIO = "Weighted"
TAB = f"Approved {SCENARIO}"
EDITS = 500
Rows = list[list[Cell]]


@dataclass(frozen=True)
class Approved:
    """A workbook with an approval, and what the machine that gave it knows."""

    snapshot: Snapshot
    here: KnownHere


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> Approved:
    path = write_workbook(tmp_path_factory.mktemp("approved") / "plan.xlsx", WORKED_EXAMPLE)
    store = RunStore(path.with_name("runs.sqlite3"), keep_runs=5)
    run_workbook(ExcelWorkbook(path), RunRequest(), store=store)
    at = datetime(2026, 7, 1, 12, tzinfo=UTC)
    approve(ExcelWorkbook(path), store, Ask(SCENARIO, "ana", "Ana B.", "fine"), clock=lambda: at)
    snapshot = ExcelWorkbook(path).read(wanted_tabs)
    return Approved(snapshot, known_here(snapshot, store))


def kind(snapshot: Snapshot, here: KnownHere) -> StateKind:
    state = approval_states(snapshot, here).get(SCENARIO.casefold())
    return StateKind.NONE if state is None else state.kind


def with_rows(snapshot: Snapshot, rows: Rows) -> Snapshot:
    return replace(snapshot, tabs={**snapshot.tabs, TAB: Tab(TAB, rows)})


def a_number(rng: random.Random, cell: Cell) -> Cell:
    if cell.kind is CellKind.NUMBER:
        value = cell.number * rng.choice((1 + 1e-9, 1.1, 2, -1, 10)) if cell.number else rng.choice((1e-6, 1.0))
        return replace(cell, value=value)
    return Cell(CellKind.NUMBER, rng.uniform(1, 1e6), "x")


def a_text(rng: random.Random, cell: Cell) -> Cell:
    return Cell(CellKind.TEXT, f"{cell.shown}{rng.choice('.xé0')}", f"{cell.shown}.")


def as_text(_: random.Random, cell: Cell) -> Cell:
    """A number as text, or a text as an error value."""
    kind = CellKind.TEXT if cell.kind is CellKind.NUMBER else CellKind.ERROR
    return Cell(kind, str(cell.value or "#N/A"), cell.shown or "#N/A")


def as_formula(_: random.Random, cell: Cell) -> Cell:
    """A formula that gives what the cell held."""
    return replace(cell, kind=cell.kind if cell.kind is not CellKind.BLANK else CellKind.TEXT, formula="=1*1")


def shown_otherwise(rng: random.Random, cell: Cell) -> Cell:
    """The same number under a format that shows another one."""
    if cell.kind is not CellKind.NUMBER:
        return a_text(rng, cell)
    return replace(cell, format=rng.choice(('#,##0"0"', ";;;", '"5,000,000"', "0,", "[$9]0")))


CELL_EDITS: tuple[Callable[[random.Random, Cell], Cell], ...] = (
    *(a_number, a_text, as_text, as_formula, shown_otherwise, lambda _, __: BLANK),
)


def edited(rng: random.Random, tab: Tab, open_places: set[tuple[int, int]]) -> Rows:
    """The tab after one edit of a person."""
    rows = [list(row) for row in tab.rows]
    before = [list(row) for row in rows]
    while rows == before:
        at = rng.randrange(len(rows))
        what = rng.randrange(10)
        if what == 0:
            del rows[at]
        elif what == 1:
            rows.insert(at, list(rng.choice(before)))
        elif what == 2:
            other = rng.randrange(len(rows))
            rows[at], rows[other] = rows[other], rows[at]
        else:
            row = rows[at] if what < 9 else rows[rng.choice((19, 20, 21, len(rows) - 1))]
            column = rng.randrange(len(row) + 2)
            row.extend([BLANK] * (column + 1 - len(row)))
            if (rows.index(row) + 1, column + 1) not in open_places:
                row[column] = rng.choice(CELL_EDITS)(rng, row[column])
        rows = rows if _cells(rows) != _cells(before) else [list(row) for row in before]
    return rows


def _cells(rows: Rows) -> dict[tuple[int, int], Cell]:
    return {(r, c): cell for r, row in enumerate(rows) for c, cell in enumerate(row) if cell != BLANK}


def random_edits(approved: Approved) -> Iterator[tuple[int, Snapshot]]:
    (approval,) = approved.here.approvals
    for seed in range(EDITS):
        rows = edited(random.Random(seed), approved.snapshot.tabs[TAB], set(approval.open_places))
        yield seed, with_rows(approved.snapshot, rows)


def test_what_nobody_touched_is_unchanged(approved: Approved) -> None:
    assert kind(approved.snapshot, approved.here) is StateKind.UNCHANGED
    assert kind(approved.snapshot, KnownHere()) is StateKind.UNCHANGED
    assert kind(replace(approved.snapshot, properties={}), KnownHere()) is StateKind.UNCHANGED


def test_every_edit_is_found_where_the_approval_is_recorded_and_by_the_seal_alone(approved: Approved) -> None:
    """Where a program dropped the properties, the tab may be no approval any more, but it is never an intact one."""
    missed = []
    for seed, found in random_edits(approved):
        alone, bare = kind(found, KnownHere()), kind(replace(found, properties={}), KnownHere())
        recorded = kind(found, approved.here)
        if {recorded, alone} != {StateKind.ALTERED} or bare is StateKind.UNCHANGED:
            missed.append((seed, recorded, alone, bare))
    assert missed == []


def test_a_seal_that_names_our_key_and_was_not_made_with_it_is_found(approved: Approved) -> None:
    """Who can compute the digest cannot make the code."""
    (key,) = approved.here.keys
    (item,) = carried_approvals(approved.snapshot.properties)
    assert item.seal is not None
    forged = replace(Seal.made("0" * 64, b"another key"), key_id=item.seal.key_id)
    rows = [
        [replace(cell, value=str(forged)) if cell.value == str(item.seal) else cell for cell in row]
        for row in approved.snapshot.tabs[TAB].rows
    ]
    bare = replace(with_rows(approved.snapshot, rows), properties={})
    assert kind(bare, KnownHere(keys=(key,))) is StateKind.ALTERED


def test_the_seal_shows_the_key_without_showing_it(approved: Approved, tmp_path: Path) -> None:
    seal = Seal.made("ab" * 32, b"a key")
    assert Seal.parse(str(seal)) == seal
    assert seal.is_made_with(b"a key")
    assert not seal.is_made_with(b"another")
    assert seal.holds("ab" * 32)
    assert not seal.holds("ac" * 32)
    assert Seal.parse("something else") is None
