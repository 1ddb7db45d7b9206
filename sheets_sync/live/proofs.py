"""What only Google can confirm, one function each: it returns what was found, or raises `ProofError`."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sheets_sync.google.changed_files import ChangedFiles
from sheets_sync.google.formulas import localised
from sheets_sync.google.grid_ranges import coordinate, grid_range
from sheets_sync.live.scratch import Scratch, boolean, formula, number, text
from sheets_sync.request import RunRequest
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.workbook.snapshot import Cell, CellKind
from sheets_sync.workbook.template import ColumnTemplate, InputKind, TabTemplate

Json = dict[str, Any]


class ProofError(Exception):
    """Google does something that sheetplan does not count on; the message says what."""


@dataclass(frozen=True)
class Proof:
    """One thing to confirm: its name, and how."""

    name: str
    run: Callable[[Scratch], str]
    is_kept: bool = True
    """Whether its raw answers can be replayed: the same calls follow from them, whatever the time of day."""


def _expect(found: object, wanted: object, what: str) -> None:
    if found != wanted:
        raise ProofError(f"{what}: {found!r}, not {wanted!r}")


def check_boxes(scratch: Scratch) -> str:
    """A box that nobody ticked may read FALSE or blank; either is a blank row to us."""
    sheet_id = scratch.add_tab("Boxes", [[text("box")]])
    place = grid_range(sheet_id, 1, 0, 4, 1)
    scratch.batch({"setDataValidation": {"range": place, "rule": {"condition": {"type": "BOOLEAN"}, "strict": True}}})
    rows = scratch.cells("Boxes")[1:]
    values = {str(cell.get("effectiveValue", {}).get("boolValue")) for row in rows for cell in row[:1]} - {"None"}
    if values - {"False"}:
        raise ProofError(f"boxes that nobody ticked read {', '.join(sorted(values))}")
    return "a box that nobody ticked reads " + ("FALSE" if values else "blank")


def dates(scratch: Scratch) -> str:
    """A serial that is formatted as a date is a date."""
    found = _read_back(scratch, "Dates", number(46112, "yyyy-mm-dd", "DATE"))
    _expect([(cell.kind, cell.value) for cell in found], [(CellKind.DATE, datetime(2026, 3, 31))], "serial 46112")
    return "a date comes back as the date that it is"


def percents(scratch: Scratch) -> str:
    """A percentage is the fraction, with its format."""
    found = _read_back(scratch, "Percents", number(0.2, "0%", "PERCENT"), number(1234.5, "#,##0.00"))
    wanted = [(CellKind.NUMBER, 0.2, "0%"), (CellKind.NUMBER, 1234.5, "#,##0.00")]
    _expect([(cell.kind, cell.value, cell.format) for cell in found], wanted, "20% and 1,234.50")
    return "percentages and numbers come back as they went, with their formats"


def error_values(scratch: Scratch) -> str:
    """Formulas that fail are errors, and yes and no are neither text nor number."""
    found = _read_back(scratch, "Errors", formula("=1/0"), formula("=NA()"), boolean(True))
    wanted = [(CellKind.ERROR, "#DIV/0!"), (CellKind.ERROR, "#N/A"), (CellKind.BOOLEAN, True)]
    _expect([(cell.kind, cell.value) for cell in found], wanted, "the errors and TRUE")
    return "error values and TRUE come back as what they are"


def text_with_equals_sign(scratch: Scratch) -> str:
    """Text of people never becomes a formula."""
    found = _read_back(scratch, "Texts", text("=1+1"))
    _expect([(cell.kind, cell.value, cell.formula) for cell in found], [(CellKind.TEXT, "=1+1", None)], "the text =1+1")
    return "text that begins with = stays text"


def _read_back(scratch: Scratch, title: str, *row: Json) -> Sequence[Cell]:
    """The cells of a new tab, as a run reads them."""
    scratch.add_tab(title, [row])
    return scratch.tab(title).rows[0]


def ids_given_twice(scratch: Scratch) -> str:
    """Guards of a write: may metadata and protected ranges get an id that others have?"""
    mark = {
        "metadataId": 790_000_001,
        "metadataKey": "sheetplan.live",
        "metadataValue": "first",
        "visibility": "DOCUMENT",
        "location": {"spreadsheet": True},
    }
    create = {"createDeveloperMetadata": {"developerMetadata": mark}}
    scratch.batch(create)
    twice = scratch.refusal(create)
    sheet_id = scratch.add_tab("Protected")
    item = {"protectedRangeId": 790_000_002, "range": grid_range(sheet_id, 0, 0, 2, 2), "warningOnly": True}
    protect = {"addProtectedRange": {"protectedRange": item}}
    scratch.batch(protect)
    again = scratch.refusal(protect)
    lone = {**item, "protectedRangeId": 790_000_006}
    remove = {"deleteProtectedRange": {"protectedRangeId": 790_000_006}}
    scratch.batch({"addProtectedRange": {"protectedRange": lone}}, remove)
    gone = scratch.refusal(remove)
    if twice is None and gone is None:
        raise ProofError("neither a metadata id given twice nor the removal of a protection that is gone is refused")
    taken = [name for name, words in (("metadata", twice), ("protections", again)) if words is not None]
    return f"ids given twice are refused for {' and '.join(taken) or 'neither'}"


def gone_ids(scratch: Scratch) -> str:
    """Removing what is gone: refused, or taken without effect."""
    name = scratch.refusal({"deleteNamedRange": {"namedRangeId": "790000003"}})
    lookup = {"developerMetadataLookup": {"metadataId": 790_000_004}}
    mark = scratch.refusal({"deleteDeveloperMetadata": {"dataFilter": lookup}})
    protection = scratch.refusal({"deleteProtectedRange": {"protectedRangeId": 790_000_005}})
    found = {"a name": name, "metadata": mark, "a protection": protection}
    words = [f"{what} that is gone is {'refused' if said else 'ignored'}" for what, said in found.items()]
    return "removing " + ", removing ".join(words)


def _inputs(scratch: Scratch) -> None:
    kpis = [[text("kpi_key"), text("kpi_level"), text("unit")], [text("gmv"), text("north_star"), text("GBP")]]
    header = [text("initiative_key"), text("effort"), text("gmv"), text("sync_status")]
    rows = [[text(f"I{index}"), number(index * 10), number(index * 1000)] for index in range(1, 6)]
    scenarios = [
        [text("scenario_name"), text("objective_mode"), text("capacity_total_tokens"), text("run_status")],
        [text("Most GMV"), text("north_star"), number(70)],
    ]
    for title, content in (("KPIs", kpis), ("Initiatives", [header, *rows]), ("Scenarios", scenarios)):
        scratch.add_tab(title, content)


def _run(scratch: Scratch, *, payload_bytes: int = 2_000_000) -> tuple[str, ...]:
    outcome = run_workbook(scratch.workbook(payload_bytes=payload_bytes), RunRequest())
    _expect([scenario.status for scenario in outcome.scenarios], ["optimal"], "statuses")
    return outcome.notices


def _outline(scratch: Scratch) -> dict[str, Json]:
    """The tabs of ours by title, with the ids of what lies on them, and the names."""
    answer = scratch.get("namedRanges,sheets(properties(sheetId,title),charts(chartId),protectedRanges(description))")
    sheets: dict[str, Json] = {sheet["properties"]["title"]: sheet for sheet in answer["sheets"]}
    names = {item["name"]: item["namedRangeId"] for item in answer.get("namedRanges", ())}
    return {"names": names, **sheets}


def full_run(scratch: Scratch) -> str:
    """A run, and a second one: the same ids, and every check of Results says OK."""
    _inputs(scratch)
    _run(scratch)
    before = _outline(scratch)
    _run(scratch)
    after = _outline(scratch)
    _expect(after["names"], before["names"], "ids of the named ranges after a second run")
    ours = [title for title in after if title.startswith("Results")]
    for title in ours:
        _expect(after[title]["properties"], before[title]["properties"], f"the tab {title} after a second run")
        charts = [[chart["chartId"] for chart in state[title].get("charts", ())] for state in (before, after)]
        _expect(charts[1], charts[0], f"charts of {title} after a second run")
    shown = [cell.shown for title in ours for row in scratch.tab(title).rows for cell in row]
    broken = [words for words in shown if words.startswith("#") or words in ("CHECK", "DIFFERS")]
    _expect(broken, [], "cells of the report that do not compute")
    checks = sum(words.startswith("OK") for words in shown)
    if not checks:
        raise ProofError("no check of the report says OK")
    return f"two runs: the same tabs, names and charts, {checks} checks say OK"


def duplicated_results(scratch: Scratch) -> str:
    """A person duplicates Results: how its names are listed, and that the copy stays as it is."""
    sheet_id = _outline(scratch)["Results"]["properties"]["sheetId"]
    copy_id = scratch.fresh_id()
    duplicate = {"sourceSheetId": sheet_id, "newSheetId": copy_id, "newSheetName": "Copy of Results"}
    scratch.batch({"duplicateSheet": {**duplicate, "insertSheetIndex": 0}})
    listed = [item["name"] for item in scratch.get("namedRanges").get("namedRanges", ())]
    copied = scratch.tab("Copy of Results").rows
    _run(scratch)
    _expect(scratch.tab("Copy of Results").rows == copied, True, "the copy is as it was after a run")
    scratch.remove_tab(copy_id)
    if len(listed) != len({name.casefold() for name in listed}):
        return "names of a copy are listed plainly, twice; the copy is left alone"
    return f"names of a copy are listed {'behind its title' if any('!' in name for name in listed) else 'not at all'}"


def names_of_a_deleted_tab(scratch: Scratch) -> str:
    """Results is deleted: what is listed of its names, and that the next run makes it anew."""
    before = _outline(scratch)
    scratch.remove_tab(before["Results"]["properties"]["sheetId"])
    left = scratch.get("namedRanges").get("namedRanges", ())
    _run(scratch)
    _expect("Results" in _outline(scratch), True, "Results is there again")
    if not left:
        return "names of a deleted tab are not listed; Results is made anew"
    edges = {"with a range" if "endRowIndex" in item.get("range", {}) else "without a range" for item in left}
    return f"names of a deleted tab are listed {' and '.join(sorted(edges))}; Results is made anew"


def locales(scratch: Scratch) -> str:
    """Our formulas in the spelling of other locales."""
    for locale in ("de_DE", "tr_TR"):
        scratch.set_locale(locale)
        title = f"Formulas {locale}"
        scratch.add_tab(
            title, [[number(0.25), number(0.5), formula(localised('=IF(SUM(A1,B1)>0.5,"1,5","no")', locale))]]
        )
        cell = scratch.tab(title).rows[0][2]
        _expect((cell.value, cell.formula), ("1,5", '=IF(SUM(A1,B1)>0.5,"1,5","no")'), f"a formula under {locale}")
        _run(scratch)
    scratch.set_locale(scratch.locale)
    return "formulas calculate and are read back under de_DE and tr_TR"


def report_in_parts(scratch: Scratch) -> str:
    """A report that is sent in several calls and shown by the last."""
    notices = _run(scratch, payload_bytes=4_000)
    if not any("was sent in" in notice for notice in notices):
        raise ProofError("the report was not sent in parts")
    titles = [title for title in _outline(scratch) if title.startswith("sheetplan is writing")]
    _expect(titles, [], "hidden tabs that were left")
    return next(notice for notice in notices if "was sent in" in notice).rstrip(".").lower()


def appends(scratch: Scratch) -> str:
    """Rows are appended below the last value, not below rows that are only formatted."""
    sheet_id = scratch.add_tab("Appended", [[text("header")]])
    style = {"userEnteredFormat": {"numberFormat": {"type": "NUMBER", "pattern": "0.00"}}}
    place = grid_range(sheet_id, 1, 0, 20, 1)
    scratch.batch({"repeatCell": {"range": place, "cell": style, "fields": "userEnteredFormat.numberFormat"}})
    row = {"values": [text("appended")]}
    scratch.batch({"appendCells": {"sheetId": sheet_id, "rows": [row], "fields": "userEnteredValue"}})
    _expect(scratch.tab("Appended").cell(2, 1).value, "appended", "the row below the last value")
    return "rows are appended below the last value, above rows that are only formatted"


def drop_down(scratch: Scratch) -> str:
    """What the API writes into a cell with a strict drop-down is not refused, so that statuses can be written."""
    sheet_id = scratch.add_tab("Choices", [[text("mode")]])
    values = [{"userEnteredValue": choice} for choice in ("north_star", "lexicographic")]
    rule = {"condition": {"type": "ONE_OF_LIST", "values": values}, "strict": True, "showCustomUi": True}
    scratch.batch({"setDataValidation": {"range": grid_range(sheet_id, 1, 0, 3, 1), "rule": rule}})
    start, row = coordinate(sheet_id, 2, 1), {"values": [text("something else")]}
    refused = scratch.refusal({"updateCells": {"start": start, "rows": [row], "fields": "userEnteredValue"}})
    return "a value outside a strict drop-down is " + ("taken from the API" if refused is None else "refused")


def tables(scratch: Scratch) -> str:
    """A tab as `init` makes it: a table, which keeps plain text; and what it does where we write beside and below."""
    columns = [
        ColumnTemplate("Period", "", InputKind.TEXT, 12, number_format="@"),
        ColumnTemplate("Mode", "", InputKind.DROPDOWN, 12, choices=("north_star", "lexicographic")),
        ColumnTemplate("Run", "", InputKind.CHECKBOX, 8),
    ]
    scratch.workbook().create_tabs([TabTemplate("As a table", columns)])
    fields = (
        "sheets(properties(sheetId),tables(range,columnProperties(columnName,columnType)),data(rowData(values({}))))"
    )
    read = fields.format("formattedValue,userEnteredFormat(numberFormat)"), "'As a table'!A1:C2"
    (sheet,) = scratch.get(*read)["sheets"]
    if not sheet.get("tables"):
        return "tables are refused here; init makes plain tabs"
    (table,) = sheet["tables"]
    types = [column.get("columnType", "none") for column in table["columnProperties"]]
    _expect([kind.removesuffix("_UNSPECIFIED") for kind in types][1:], ["DROPDOWN", "BOOLEAN"], "types of the columns")
    header, first = (row.get("values", []) for row in sheet["data"][0]["rowData"][:2])
    _expect([cell.get("formattedValue") for cell in header], ["Period", "Mode", "Run"], "headers of the table")
    pattern = first[0].get("userEnteredFormat", {}).get("numberFormat", {}).get("type")
    _expect(pattern, "TEXT", "format of a column that keeps 2026-03 as it is typed")
    sheet_id = sheet["properties"]["sheetId"]
    write = {"rows": [{"values": [text("ours")]}], "fields": "userEnteredValue"}
    below = {"appendCells": {"sheetId": sheet_id, **write}}
    scratch.batch({"updateCells": {"start": coordinate(sheet_id, 1, 4), **write}}, below)
    (after,) = scratch.get(*read)["sheets"]
    place = "it is as it was" if after["tables"][0]["range"] == table["range"] else "it grew"
    return f"a tab of init is a table with typed columns; with our cells beside and below it, {place}"


def indirect(scratch: Scratch) -> str:
    """INDIRECT finds a tab that is added later: the line on changed inputs in Results rests on it."""
    scratch.add_tab("Pointer", [[formula('=IFERROR(INDIRECT("\'Later\'!A1"),"none")')]])
    _expect(scratch.tab("Pointer").cell(1, 1).value, "none", "INDIRECT to a tab that is not there")
    scratch.add_tab("Later", [[text("found")]])
    _expect(scratch.tab("Pointer").cell(1, 1).value, "found", "INDIRECT to a tab that was added")
    return "INDIRECT finds a tab that was added later"


def drive_listing(
    scratch: Scratch, files: ChangedFiles, wait_s: float, sleep: Callable[[float], None] = time.sleep
) -> str:
    """Drive lists the sheet, and how late it shows a change."""
    before = files.since(None, [scratch.id]).get(scratch.id)
    if before is None:
        raise ProofError("Drive does not list this sheet; tick boxes in it would never be seen")
    scratch.add_tab("Touched")
    started = time.monotonic()
    while time.monotonic() - started <= wait_s:
        if files.since(None, [scratch.id]).get(scratch.id) != before:
            return f"Drive lists the sheet, and showed a change after {time.monotonic() - started:.0f} s"
        sleep(min(10.0, wait_s / 10))
    return f"Drive lists the sheet; a change did not show within {wait_s:.0f} s (tick boxes allow for 20 minutes)"


def read_times(scratch: Scratch, sizes: Sequence[int]) -> str:
    """How long a read takes, by the number of its cells."""
    found = []
    for cells in sizes:
        rows = cells // 10
        sheet_id = scratch.add_tab("Sized", size=(rows, 10))
        fill = {"cell": number(1234.5), "fields": "userEnteredValue"}
        scratch.batch({"repeatCell": {"range": grid_range(sheet_id, 0, 0, rows, 10), **fill}})
        started = time.perf_counter()
        read = len(scratch.tab("Sized").rows)
        found.append(f"{cells:,} cells in {time.perf_counter() - started:.1f} s")
        _expect(read, rows, "rows read")
        scratch.remove_tab(sheet_id)
    return "read: " + ", ".join(found)


def proofs(files: ChangedFiles, sizes: Sequence[int], drive_wait_s: float) -> list[Proof]:
    """All of them, in their order: those after the full run build on its tabs."""
    return [
        Proof("check boxes", check_boxes),
        Proof("dates", dates),
        Proof("percents", percents),
        Proof("error values", error_values),
        Proof("text with =", text_with_equals_sign),
        Proof("ids given twice", ids_given_twice),
        Proof("ids that are gone", gone_ids),
        Proof("appended rows", appends),
        Proof("strict drop-down", drop_down),
        Proof("tables", tables),
        Proof("INDIRECT", indirect),
        Proof("two runs", full_run),
        Proof("copied Results", duplicated_results),
        Proof("deleted Results", names_of_a_deleted_tab),
        Proof("locales", locales),
        Proof("report in parts", report_in_parts, is_kept=False),
        Proof("read times", lambda scratch: read_times(scratch, sizes), is_kept=False),
        Proof("Drive", lambda scratch: drive_listing(scratch, files, drive_wait_s), is_kept=False),
    ]
