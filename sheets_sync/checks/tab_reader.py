"""Reading the columns of one tab: values by row, and the faults of each row for the check of that row to report."""

from collections import defaultdict
from collections.abc import Callable, Container, Mapping
from datetime import date
from types import MappingProxyType
from typing import TypeVar

from config.columns import Column, Subject
from sheets_sync.checks import cell_values
from sheets_sync.checks.cell_values import Bounds, Fault
from sheets_sync.checks.drafts import Place, ScenarioDraft
from sheets_sync.checks.issue_collector import Findings, Touches
from sheets_sync.inputs.cell_text import shown
from sheets_sync.inputs.frames import Frame
from sheets_sync.inputs.header_matching import Field
from sheets_sync.issues.catalogue import CATALOGUE
from sheets_sync.issues.issue import Severity
from sheets_sync.workbook.snapshot import Cell, CellKind

T = TypeVar("T")


class TabReader:
    """The typed columns of one frame. Absent columns and blank cells have no value; faulty cells have none either."""

    def __init__(self, frame: Frame, findings: Findings, locale: str | None) -> None:
        self.frame = frame
        self.findings = findings
        self._locale = locale
        self._faults: dict[int, list[tuple[str, Fault]]] = defaultdict(list)

    def numbers(self, name: str) -> dict[int, float]:
        """Finite numbers within the bounds of the column or family."""
        field = self.frame.fields.get(name)
        if field is None:
            return {}
        bounds = _bounds(field)
        return self._read(name, lambda cell: cell_values.number(cell, bounds, self._locale))

    def shares(self, name: str) -> dict[int, float]:
        """Parts of a whole: cells that show a percentage, or numbers between 0 and 1."""
        field = self.frame.fields.get(name)
        return {} if field is None else self._read(name, lambda cell: cell_values.share(cell, self._locale))

    def booleans(self, name: str, words: Mapping[str, bool] = MappingProxyType({})) -> dict[int, bool]:
        """Check boxes, and words for them; `words` are further ones, folded, of this column only."""
        return self._read(name, lambda cell: cell_values.boolean(cell, words))

    def texts(self, name: str) -> dict[int, str]:
        """Text as the sheet shows it."""
        return self._read(name, cell_values.text)

    def choices(self, name: str) -> dict[int, str]:
        """Choices by their canonical name."""
        column = self.frame.spec.column(name)
        return self._read(name, lambda cell: cell_values.choice(cell, column))

    def keys(self, name: str) -> dict[int, str]:
        """Keys as the sheet shows them; those that the sheet turned into a date are reported."""
        values = self._read(name, cell_values.key)
        self._report_dates(name)
        return values

    def dates(self, name: str) -> dict[int, date]:
        """Days."""
        return self._read(name, cell_values.day)

    def periods(self, name: str) -> dict[int, str]:
        """Periods as the sheet shows them; a date is the day that it is, which lies in a period."""
        return self._read(name, cell_values.period)

    def key_lists(self, name: str) -> dict[int, tuple[str, ...]]:
        """Lists of keys."""
        values = self._read(name, cell_values.keys)
        self._report_dates(name)
        return values

    def place(self, row: int, name: str | None = None) -> Place:
        """The cell of a row in a column; in the key column where no name is given or the sheet has no such column."""
        number = self.frame.number_of(name) if name is not None else None
        return Place(self.frame.title, row, number or self.frame.number_of(self.frame.spec.key_column) or 1)

    def label(self, name: str) -> str:
        """How messages call a column: as the sheet's own header does."""
        field = self.frame.fields.get(name)
        return name if field is None else field.header

    def cell(self, row: int, name: str) -> Cell:
        """A cell of a column that the sheet has."""
        return self.frame.column(name)[self.frame.rows.index(row)]

    def shown(self, row: int, name: str) -> str:
        """What the sheet shows in a cell; nothing for an error value or a formula without a value."""
        cell = self.cell(row, name)
        return "" if cell.kind in (CellKind.ERROR, CellKind.UNCALCULATED) else shown(cell)

    def filled(self, row: int) -> frozenset[str]:
        """The columns in which a row holds anything, faulty or not."""
        cells_of_row = self.frame.cells.loc[row]
        return frozenset(name for name in self.frame.fields if not cells_of_row[name].is_blank)

    def fault(self, row: int, name: str, fault: Fault) -> None:
        """Note a fault of a cell, to be reported with its row."""
        self._faults[row].append((name, fault))

    def replace_faults(self, row: int, name: str, fault: Fault) -> None:
        """Note this fault instead of those that a cell has."""
        self.forget_faults(row, name)
        self.fault(row, name, fault)

    def forget_faults(self, row: int, name: str) -> None:
        """Drop the faults of a cell that can be read after all."""
        self._faults[row] = [(column, other) for column, other in self._faults[row] if column != name]

    def faulty(self, row: int) -> frozenset[str]:
        """The columns of a row that have a fault."""
        return frozenset(name for name, _ in self._faults.get(row, ()))

    def report(
        self,
        row: int,
        touches: Touches,
        *,
        about: ScenarioDraft | None = None,
        narrower: Mapping[str, Touches] = MappingProxyType({}),
    ) -> bool:
        """Report all faults of a row; returns whether there was an error among them.

        `narrower` has the columns whose faults touch other scenarios than those of the row.
        """
        errors = False
        for name, fault in self._faults.pop(row, ()):
            errors = errors or CATALOGUE[fault.code].severity is Severity.ERROR
            self.findings.add(
                fault.code,
                self.place(row, name),
                narrower.get(name, touches),
                about=about,
                near=fault.near,
                **{"column": self.label(name), **fault.values},
            )
        return errors

    def require(self, name: str, values: Container[int], advice: str = "", code: str = "blank_value") -> None:
        """Note a fault for every row without a value in this column, unless something else says why already."""
        if name not in self.frame.fields:
            return
        for row in self.frame.rows:
            if row not in values and name not in self.faulty(row) and not self._is_covered(row, name):
                self.fault(row, name, Fault(code, {"advice": advice, "row": row}))

    def _is_covered(self, row: int, name: str) -> bool:
        """Whether a merged area that is an error of its own takes the row's cell."""
        areas = (merged.area for merged in self.frame.merged if merged.field.name == name and not merged.holds)
        return any(area.top < row <= area.bottom for area in areas)

    def _read(self, name: str, read: Callable[[Cell], T | Fault | None]) -> dict[int, T]:
        values: dict[int, T] = {}
        if name not in self.frame.fields:
            return values
        for row, cell in zip(self.frame.rows, self.frame.column(name), strict=True):
            if cell.kind is CellKind.BLANK:
                continue
            value = read(cell)
            if isinstance(value, Fault):
                self.fault(row, name, value)
            elif value is not None:
                values[row] = value
        return values

    def _report_dates(self, name: str) -> None:
        if name not in self.frame.fields:
            return
        for row, cell in zip(self.frame.rows, self.frame.column(name), strict=True):
            if cell.kind is CellKind.DATE:
                self.fault(row, name, Fault("date_as_key", {"value": shown(cell)}))


def _bounds(field: Field) -> Bounds:
    of: Column | None = field.column
    if of is not None:
        return Bounds(of.minimum, of.above_minimum, of.is_amount)
    if field.family is None:
        return Bounds()
    return Bounds(field.family.minimum, is_amount=field.family.subject is Subject.RESOURCE)
