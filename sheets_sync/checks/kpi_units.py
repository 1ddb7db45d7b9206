"""Units of KPIs as the cells of their contributions show them: the format of the inputs is that of Results."""

from collections import Counter
from collections.abc import Iterable, Sequence

from config.units import UNITS, unit_key
from sheets_sync.checks.drafts import InitiativeDraft, KpiDraft
from sheets_sync.checks.issue_collector import Findings, where_candidates
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.inputs.cell_text import shown
from sheets_sync.workbook.number_styles import NumberKind, style_of
from sheets_sync.workbook.snapshot import CellKind

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
        if kpi.unit.strip() and unit_key(kpi.unit) in UNITS.keys() - _SHARES:
            for row, cell in cells:
                if style_of(cell.format).kind is NumberKind.PERCENT:
                    touches = where_candidates([by_row[row]])
                    place, value = reader.place(row, name), shown(cell)
                    findings.add("percent_of_what", place, touches, column=reader.label(name), value=value)
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
