"""An approved tab as it is now: what it says, its seal, and the two cells that may change after it was sealed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from config.names import fold_key
from sheets_sync.report import approved_tab
from sheets_sync.report.approvals import ApprovedPlan, Signature
from sheets_sync.signoff.frozen_cells import Place, canonical_text
from sheets_sync.signoff.seal import Seal
from sheets_sync.workbook.snapshot import CellKind, Tab


@dataclass(frozen=True)
class ApprovedTab:
    """What a tab says of itself; whether that is what was sealed is another question.

    `seal` is None where it shows none, `open_places` are the values of the seal and of the revocation.
    """

    tab: Tab
    plan: ApprovedPlan
    workbook_id: str
    seal: Seal | None
    seal_text: str
    revoked: str
    open_places: tuple[Place, ...]


def read_approved_tab(tab: Tab) -> ApprovedTab | None:
    """The approval that a tab holds; None for a tab that only has such a title, or that people have rewritten."""
    rows = {_text(tab, row, 1): row for row in range(len(tab.rows), 0, -1)}
    wanted = (
        approved_tab.TITLE_CELL,
        approved_tab.SCENARIO,
        approved_tab.BY,
        approved_tab.AT,
        approved_tab.RUN,
        approved_tab.KPI,
        approved_tab.INITIATIVE,
    )
    if not all(label in rows for label in wanted):
        return None
    signed = list(_signatures(tab, rows))
    if not signed:
        return None

    def value(label: str) -> str:
        return _text(tab, rows[label], approved_tab.VALUES) if label in rows else ""

    totals = {}
    for row in _until_blank(tab, rows[approved_tab.KPI]):
        total = tab.cell(row, 3)
        if total.kind is CellKind.NUMBER:
            totals[fold_key(_text(tab, row, 1))] = total.number
    header = rows[approved_tab.INITIATIVE]
    titles = {_text(tab, header, column): column for column in range(len(tab.rows[header - 1]), 0, -1)}
    at = titles.get(approved_tab.STARTS)
    tokens = tab.cell(rows.get(approved_tab.TOKENS_USED, 0) or len(tab.rows) + 1, approved_tab.VALUES)
    plan = ApprovedPlan(
        scenario=value(approved_tab.SCENARIO),
        by=" and ".join(who for who, _ in signed),
        at=signed[-1][1],
        run_id=value(approved_tab.RUN),
        selected=tuple(_text(tab, row, 1) for row in _until_blank(tab, header)),
        totals=totals,
        tokens=tokens.number if tokens.kind is CellKind.NUMBER else None,
        starts={} if at is None else {_text(tab, row, 1): _text(tab, row, at) for row in _until_blank(tab, header)},
    )
    open_labels = (label for label in (approved_tab.SEAL, approved_tab.REVOKED) if label in rows)
    return ApprovedTab(
        tab=tab,
        plan=plan,
        workbook_id=value(approved_tab.WORKBOOK),
        seal=Seal.parse(value(approved_tab.SEAL)),
        seal_text=value(approved_tab.SEAL),
        revoked=value(approved_tab.REVOKED),
        open_places=tuple((rows[label], approved_tab.VALUES) for label in open_labels),
    )


def _signatures(tab: Tab, rows: Mapping[str, int]) -> Iterator[tuple[str, datetime]]:
    """Who signed and when, one after the other, as far as the tab says both."""
    number = 1
    while True:
        mark = "" if number == 1 else f" ({number})"
        by, at = rows.get(f"{approved_tab.BY}{mark}"), rows.get(f"{approved_tab.AT}{mark}")
        when = None if at is None else _moment(tab, at)
        if by is None or when is None:
            return
        typed = rows.get(f"{approved_tab.TYPED}{mark}")
        name = "" if typed is None else _text(tab, typed, approved_tab.VALUES)
        yield Signature(_text(tab, by, approved_tab.VALUES), when, name).who, when
        number += 1


def _moment(tab: Tab, row: int) -> datetime | None:
    """A moment in UTC: text, or a date in tabs from before there were seals."""
    value = tab.cell(row, approved_tab.VALUES).value
    try:
        moment = datetime.strptime(canonical_text(value), approved_tab.INSTANT) if isinstance(value, str) else value
    except ValueError:
        return None
    if not isinstance(moment, datetime):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _until_blank(tab: Tab, header: int) -> Iterator[int]:
    """The rows below a header, as far as column A is filled."""
    row = header + 1
    while not tab.cell(row, 1).is_blank:
        yield row
        row += 1


def _text(tab: Tab, row: int, column: int) -> str:
    """What a cell says, in the spacing and form in which sealed texts are compared: programs may save another one."""
    cell = tab.cell(row, column)
    return canonical_text(cell.shown if cell.kind is not CellKind.TEXT else str(cell.value))
