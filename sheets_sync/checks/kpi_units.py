"""Units of KPIs as the cells of their contributions show them: the format of the inputs is that of Results."""

from collections import Counter
from collections.abc import Iterable, Sequence

from config.units import UNITS, unit_key
from sheets_sync.checks.drafts import InitiativeDraft, KpiDraft
from sheets_sync.checks.issue_collector import Findings, where_candidates
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.inputs.cell_text import shown
from sheets_sync.workbook.number_styles import NumberKind, style_of
from sheets_sync.workbook.snapshot import Cell, CellKind

_SHARES = frozenset({"fraction", "pp"})


def settle_units(
    reader: TabReader, drafts: Sequence[InitiativeDraft], kpis: Iterable[KpiDraft], findings: Findings
) -> None:
    """Give each KPI the number format that most of its contributions have, and a unit where the KPIs tab gives none.

    A percentage of a KPI that counts something (money, days) is an error at its cell: a share of what?
    """
    by_row = {draft.row: draft for draft in drafts}
    for kpi in kpis:
        name = reader.frame.spec.family("contribution").header(kpi.key)
        if name not in reader.frame.fields:
            continue
        pairs = zip(reader.frame.rows, reader.frame.column(name), strict=True)
        cells = [(row, cell) for row, cell in pairs if cell.kind is CellKind.NUMBER]
        if _counts_something(kpi, cells):
            for row, cell in cells:
                if style_of(cell.format).kind is NumberKind.PERCENT:
                    touches = where_candidates([by_row[row]])
                    place, value = reader.place(row, name), shown(cell)
                    findings.add("percent_of_what", place, touches, column=reader.label(name), value=value)
        _report_currencies(reader, name, cells, findings)
        formats = Counter(cell.format for _, cell in cells)
        if not formats:
            continue
        # Of formats that are equally common, the first one in the sheet.
        pattern = formats.most_common(1)[0][0]
        style = style_of(pattern)
        if not kpi.unit.strip():
            kpi.unit = "fraction" if style.kind is NumberKind.PERCENT else style.currency
        if style.kind is not NumberKind.DATE:
            kpi.number_format = "" if pattern == "General" else pattern


def _counts_something(kpi: KpiDraft, cells: Sequence[tuple[int, Cell]]) -> bool:
    """Whether a KPI is no share: by its unit, or because most of its amounts are shown as plain numbers or money.

    What a unit that we do not know is about, such as ``EUR thousands``, only its amounts say.
    """
    unit = unit_key(kpi.unit)
    if unit in UNITS:
        return unit not in _SHARES
    kinds = Counter(style_of(cell.format).kind is NumberKind.PERCENT for _, cell in cells if cell.value)
    return kinds[False] > kinds[True]


def _report_currencies(reader: TabReader, name: str, cells: Sequence[tuple[int, Cell]], findings: Findings) -> None:
    """Warn of amounts that are shown in another currency than most: they are added as they are."""
    shown_in = {row: style.currency for row, cell in cells if (style := style_of(cell.format)).currency}
    if len(set(shown_in.values())) < 2:
        return
    usual = Counter(shown_in.values()).most_common(1)[0][0]
    for row, currency in shown_in.items():
        if currency != usual:
            place = reader.place(row, name)
            findings.add("mixed_currencies", place, column=reader.label(name), currency=currency, usual=usual)
