"""Units of KPIs as the cells of their contributions show them: the format of the inputs is that of Results."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from config.tabs import KPIS, SCENARIOS, TARGETS
from config.units import UNITS, unit_key
from optimizer.plan import Normalization
from sheets_sync.checks.drafts import InitiativeDraft, KpiDraft, Place, ScenarioDraft
from sheets_sync.checks.issue_collector import Findings, Touches, where_candidates
from sheets_sync.checks.row_scope import among
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.inputs.cell_text import shown
from sheets_sync.inputs.frames import Frame
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
    spec = reader.frame.spec
    for kpi in kpis:
        name = spec.family("contribution").header(kpi.key)
        cells = list(_numbers(reader.frame, name))
        is_no_share = _counts_something(kpi, cells)
        # 0.02 shown as a plain number may be 2%, where no unit says what it is.
        is_large = any(abs(cell.number) > 1 for _, cell in cells)
        kpi.counts_something = is_no_share and (is_large or unit_key(kpi.unit) in UNITS)
        if is_no_share:
            for column in (name, *(spec.family(end).header(kpi.key) for end in ("low", "high"))):
                for row, cell in _numbers(reader.frame, column):
                    _refuse_percentage(reader.frame, row, column, cell, where_candidates([by_row[row]]), findings)
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


def refuse_percentages(
    frames: Mapping[str, Frame], kpis: Iterable[KpiDraft], scenarios: Sequence[ScenarioDraft], findings: Findings
) -> None:
    """Report percentages among the scales, targets and baselines of KPIs that count something."""
    counting = {kpi.row: kpi.key for kpi in kpis if kpi.counts_something}
    if KPIS.name in frames:
        for row, cell in _numbers(frames[KPIS.name], "scale"):
            if row in counting:
                _refuse_percentage(frames[KPIS.name], row, "scale", cell, _is_scaled, findings)
    for name in (SCENARIOS.name, TARGETS.name):
        frame = frames.get(name)
        if frame is None:
            continue
        asking = _asking(frame, scenarios, set(counting.values()))
        own = [frame.spec.family("target").header(kpi) for kpi in counting.values()] if name == SCENARIOS.name else []
        for column in (*own, "target_value", "baseline_value"):
            for row, cell in _numbers(frame, column):
                if row in asking:
                    _refuse_percentage(frame, row, column, cell, among(asking[row]), findings)


def _asking(frame: Frame, scenarios: Sequence[ScenarioDraft], kpis: Collection[str]) -> dict[int, list[ScenarioDraft]]:
    """The scenarios that have a target of one of the KPIs from a row of this tab, by that row."""
    found: dict[int, list[ScenarioDraft]] = {}
    for scenario in scenarios:
        for target in scenario.targets:
            place = Place.parse(target.source) if target.source and target.kpi in kpis else Place()
            if place.tab == frame.title and place.row is not None:
                found.setdefault(place.row, []).append(scenario)
    return found


def _is_scaled(scenario: ScenarioDraft) -> bool:
    return scenario.normalization is Normalization.SCALE


def _numbers(frame: Frame, name: str) -> Iterator[tuple[int, Cell]]:
    """The rows that have a number in a column, with its cell; none where there is no such column."""
    if name in frame.fields:
        pairs = zip(frame.rows, frame.column(name), strict=True)
        yield from ((row, cell) for row, cell in pairs if cell.kind is CellKind.NUMBER)


def _refuse_percentage(frame: Frame, row: int, column: str, cell: Cell, touches: Touches, findings: Findings) -> None:
    if style_of(cell.format).kind is NumberKind.PERCENT:
        field = frame.fields[column]
        place = Place(frame.title, row, field.number)
        findings.add("percent_of_what", place, touches, column=field.header, value=shown(cell))


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
