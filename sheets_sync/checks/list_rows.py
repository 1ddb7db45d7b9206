"""What a list of people's own holds besides its entries: headings, totals, merged cells, formulas never calculated."""

from collections.abc import Sequence
from math import inf

from config.columns import ValueType
from config.names import clean
from config.words import STATUSES, fold_word
from sheets_sync.checks.cell_values import Fault
from sheets_sync.checks.drafts import InitiativeDraft, Place
from sheets_sync.checks.issue_collector import Findings, Touches, everywhere, where_candidates
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.inputs.cell_text import shown
from sheets_sync.inputs.frames import Frame
from sheets_sync.workbook.snapshot import CellKind, Tab, a1


def report_left_out(frame: Frame, tab: Tab, findings: Findings, drafts: Sequence[InitiativeDraft] = ()) -> None:
    """Warn of each row that is taken for a heading or for totals; `drafts` are the entries of the list."""
    for row in frame.kinds.headings:
        findings.add("heading_row", _place(frame, row), name=_name(frame, tab, row))
    for row in frame.kinds.repeated:
        findings.add("repeated_header_row", _place(frame, row), name=_name(frame, tab, row))
    _report_status_headings(frame, tab, findings, drafts)
    for row, sign in frame.kinds.totals.items():
        findings.add("total_row", _place(frame, row), name=_name(frame, tab, row), sign=sign.value)


def _report_status_headings(frame: Frame, tab: Tab, findings: Findings, drafts: Sequence[InitiativeDraft]) -> None:
    """Report headings such as `Done` over candidates, where no column says their status."""
    if "status" in frame.fields:
        return
    headings = frame.kinds.headings
    for row in headings:
        name = _name(frame, tab, row)
        if fold_word(name.rstrip(":")) not in _OVER:
            continue
        end = min((other for other in headings if other > row), default=inf)
        below = [draft for draft in drafts if draft.is_candidate and row < draft.row < end]
        if below:
            first, last = below[0].row, below[-1].row
            rows = f"row {first}" if first == last else f"rows {first} to {last}"
            findings.add("status_heading", _place(frame, row), where_candidates(below), name=name, rows=rows)


_OVER = frozenset(fold_word(word) for status in ("done", "stopped") for word in STATUSES[status])


def note_doubtful_totals(reader: TabReader, candidates: dict[int, bool], names: dict[int, str]) -> None:
    """Note a fault at each row that may be one of totals, unless a person has unticked it."""
    for row, sign in reader.frame.kinds.doubtful.items():
        if candidates.get(row, True):
            values = {"name": names.get(row, f"row {row}"), "sign": sign.value}
            reader.replace_faults(row, reader.frame.spec.key_column, Fault("doubtful_total", values))


def report_merged(frame: Frame, tab: Tab, findings: Findings, touches: Touches = everywhere) -> None:
    """Say once which rows a merged text counts for; a merged key or number is an error at the cells that it covers."""
    for merged in frame.merged:
        field, area = merged.field, merged.area
        where = f"{a1(area.top, area.left)}:{a1(area.bottom, area.right)}"
        if merged.holds:
            cell = tab.cell(area.top, area.left)
            if not cell.is_blank:
                place = Place(frame.title, area.top, area.left)
                findings.add("merged_value", place, column=field.header, area=where, value=shown(cell))
            continue
        if field.column is not None and field.column.type in (ValueType.TEXT, ValueType.WRITTEN):
            continue
        place = Place(frame.title, area.top + 1, field.number)
        findings.add("merged_key_or_number", place, touches, column=field.header, area=where)


def report_uncalculated(frame: Frame, findings: Findings) -> None:
    """Report columns of numbers all of whose formulas show 0, in a file whose formulas no program has calculated."""
    for field in frame.fields.values():
        if field.column is not None and field.column.type is not ValueType.NUMBER:
            continue
        pairs = zip(frame.rows, frame.column(field.name), strict=True)
        formulas = [(row, cell) for row, cell in pairs if cell.formula and cell.kind is CellKind.NUMBER]
        if formulas and all(cell.value == 0 for _, cell in formulas):
            place = Place(frame.title, formulas[0][0], field.number)
            findings.add("formulas_not_calculated", place, everywhere, column=field.header, count=len(formulas))


def _place(frame: Frame, row: int) -> Place:
    return Place(frame.title, row, frame.number_of(frame.spec.key_column) or 1)


def _name(frame: Frame, tab: Tab, row: int) -> str:
    """The first text of a row in the columns that name it."""
    numbers = [frame.number_of(frame.spec.key_column), frame.number_of("title")]
    texts = (clean(shown(tab.cell(row, number))) for number in numbers if number is not None)
    return next((text for text in texts if text), f"row {row}")
