"""Results in place: the tab that we own, with its names, rules, charts and protection, as requests of the one write."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sheets_sync.google.cells_out import Writer, colour, look_format
from sheets_sync.google.charts import chart_requests
from sheets_sync.google.drawing import draw, erased, widths
from sheets_sync.google.formulas import localised
from sheets_sync.google.grid_ranges import added_sheet, area_range, room, tab_id
from sheets_sync.google.range_names import ids_of, is_rectangle
from sheets_sync.google.sheet_state import SheetState, WorkbookState
from sheets_sync.google.staging import shown_again
from sheets_sync.workbook.cell_styles import LOOKS
from sheets_sync.workbook.changes import Highlight, Sheet
from sheets_sync.workbook.refusals import refuse_taken_cells
from sheets_sync.workbook.snapshot import Area, Tab

Json = dict[str, Any]


def grid_requests(sheet: Sheet, state: WorkbookState) -> Iterator[Json]:
    """The request that adds the tab where there is none, else those that give it the size that it needs."""
    present = state.sheet(sheet.title)
    rows, columns = _extent(sheet, _area(sheet))
    frozen = (sheet.frozen_rows, sheet.frozen_columns)
    if present is not None:
        yield from room(present, max(rows, frozen[0] + 1), max(columns, frozen[1] + 1))
    else:
        yield added_sheet(tab_id(state, sheet.title), sheet.title, rows, columns, frozen=frozen)


def sheet_requests(
    sheet: Sheet,
    state: WorkbookState,
    writer: Writer,
    *,
    lost_names: bool = False,
    names: Collection[str] = (),
) -> Iterator[Json]:
    """Everything that turns the tab as it was read, or a new one, into the tab as it shall be; its size aside.

    Of the names with its prefix only its own stay, and `names`: those of the other tabs of the same write.

    Raises:
        WorkbookRefusedError: a cell that the report newly takes holds something.
    """
    present = state.sheet(sheet.title)
    area = _area(sheet)
    frozen = (sheet.frozen_rows, sheet.frozen_columns)
    sheet_id = tab_id(state, sheet.title)
    if present is not None:
        owned = owned_area(sheet, present, state)
        check_free(present, area, owned)
        if frozen != (present.frozen_rows, present.frozen_columns):
            yield _freeze(sheet_id, frozen)
        if owned is None and present.hidden:
            # Left by a run that ended before its last call.
            yield shown_again(sheet_id)
        if owned is not None:
            yield erased(area_range(sheet_id, owned))
        if owned is None or not _within(area, owned):
            yield erased(area_range(sheet_id, area))
    yield from draw(writer, sheet_id, sheet.title, sheet.rows)
    yield from widths(sheet_id, sheet.column_widths)
    own = {**sheet.named_ranges, sheet.owned_name: area}
    yield from name_requests(own, sheet.name_prefix, sheet_id, state, names, lost_names=lost_names)
    yield from highlight_requests(sheet.highlights, sheet_id, present, writer.locale)
    yield from filter_requests(sheet, sheet_id, present)
    yield from chart_requests(sheet, state)
    yield from protection_requests(area_range(sheet_id, area), sheet.protection, present)


def owned_area(sheet: Sheet, present: SheetState, state: WorkbookState) -> Area | None:
    """The rectangle that the last write recorded on this tab."""
    area = state.named_area(sheet.owned_name)
    return area if area is not None and area.tab == present.title else None


def check_free(present: SheetState, area: Area, owned: Area | None) -> None:
    """Refuse to take a cell that holds something and was not ours."""
    tab = present.tab or Tab(present.title, ())
    filled = (
        (row, column)
        for row, cells in enumerate(tab.rows, start=1)
        for column, cell in enumerate(cells, start=1)
        if not (cell.is_blank and cell.formula is None)
    )
    refuse_taken_cells(owned, replace(area, tab=present.title), filled, tab.cell)


def _area(sheet: Sheet) -> Area:
    """The rectangle that is ours."""
    return Area(sheet.title, 1, 1, max(len(sheet.rows), 1), max(sheet.width, 1))


def filter_requests(sheet: Sheet, sheet_id: int, present: SheetState | None) -> Iterator[Json]:
    """The filter of the tab; one that covers the same cells stays as people set it, of what they filter by too."""
    if sheet.filtered is None:
        return
    place = area_range(sheet_id, sheet.named_ranges[sheet.filtered])
    if present is None or present.filtered is None or {"sheetId": 0, **present.filtered} != place:
        yield {"setBasicFilter": {"filter": {"range": place}}}


def name_requests(
    wanted: dict[str, Area],
    prefix: str,
    sheet_id: int,
    state: WorkbookState,
    others: Collection[str] = (),
    *,
    lost_names: bool = False,
) -> Iterator[Json]:
    """Named ranges: changed in place, so that formulas which use them go on; ours that are no longer wanted go.

    Those on other tabs stay, because a copy of the report brings its own; so do `others`, which the same write gives
    another tab. With `lost_names`, names without cells are removed and made anew, whether the API lists them or not.
    """
    kept = {name.casefold() for name in (*wanted, *others)}
    for name, (range_id, grid) in state.named.items():
        is_here = not grid or grid.get("sheetId", 0) == sheet_id
        if is_here and name.casefold().startswith(prefix.casefold()) and name.casefold() not in kept:
            yield {"deleteNamedRange": {"namedRangeId": range_id}}
    for name, area in wanted.items():
        place = area_range(sheet_id, area)
        found = state.named_range(name)
        if lost_names and (found is None or not is_rectangle(found[1])):
            for lost_id in state.broken_names.get(name.casefold(), [name_id(state, name)]):
                yield {"deleteNamedRange": {"namedRangeId": lost_id}}
            found = None
        if found is None:
            named = {"namedRangeId": name_id(state, name), "name": name, "range": place}
            yield {"addNamedRange": {"namedRange": named}}
        elif {"sheetId": 0, **found[1]} != place:
            named = {"namedRangeId": found[0], "range": place}
            yield {"updateNamedRange": {"namedRange": named, "fields": "range"}}


def name_id(state: WorkbookState, name: str) -> str:
    """The id that we give a name, always the same, so that it can be named even where the API no longer lists it."""
    used = {range_id for known, (range_id, _) in state.named.items() if known.casefold() != name.casefold()}
    return next((range_id for range_id in ids_of(name) if range_id not in used), ids_of(name)[0])


def highlight_requests(
    highlights: Sequence[Highlight], sheet_id: int, present: SheetState | None, locale: str | None
) -> Iterator[Json]:
    """Conditional formats: they have no ids, so ours are known by their kind and colour, and replaced."""
    ours = [index for index, rule in enumerate(present.rules if present is not None else ()) if _is_ours(rule)]
    for index in reversed(ours):
        yield {"deleteConditionalFormatRule": {"sheetId": sheet_id, "index": index}}
    for index, highlight in enumerate(highlights):
        condition = {
            "type": "CUSTOM_FORMULA",
            "values": [{"userEnteredValue": localised(highlight.formula, locale)}],
        }
        look = {
            key: part
            for key, part in look_format(LOOKS[highlight.role]).items()
            if key in ("textFormat", "backgroundColorStyle")
        }
        # A conditional format may not change the size of text.
        look.get("textFormat", {}).pop("fontSize", None)
        rule = {
            "ranges": [area_range(sheet_id, highlight.area)],
            "booleanRule": {"condition": condition, "format": look},
        }
        yield {"addConditionalFormatRule": {"rule": rule, "index": index}}


_OUR_COLOURS = [colour(look.fill)["rgbColor"] for look in LOOKS.values() if look.fill is not None]


def _is_ours(rule: Json) -> bool:
    boolean = rule.get("booleanRule", {})
    if boolean.get("condition", {}).get("type") != "CUSTOM_FORMULA":
        return False
    style = boolean.get("format", {})
    found = style.get("backgroundColorStyle", {}).get("rgbColor") or style.get("backgroundColor", {})
    # Google keeps colours in 8 bits and answers in fractions.
    return any(
        all(abs(found.get(part, 0) - ours.get(part, 0)) < 1 / 255 for part in ("red", "green", "blue"))
        for ours in _OUR_COLOURS
    )


def protection_requests(place: Json, warning: str, present: SheetState | None) -> Iterator[Json]:
    """A protection that warns and locks nobody out.

    It is replaced, not updated: removing it by its id fails where another write has replaced it since, and with it this
    whole write.
    """
    for item in present.protections if present is not None else ():
        if item.get("warningOnly") and item.get("description", "") == warning:
            yield {"deleteProtectedRange": {"protectedRangeId": item["protectedRangeId"]}}
    protected = {"range": place, "description": warning, "warningOnly": True}
    yield {"addProtectedRange": {"protectedRange": protected}}


def _extent(sheet: Sheet, area: Area) -> tuple[int, int]:
    """Rows and columns that the tab must have: for its cells, its named ranges, and the corners of its charts."""
    named, charts = sheet.named_ranges.values(), sheet.charts
    rows = max([area.bottom, *(one.bottom for one in named), *(chart.anchor[0] for chart in charts)])
    columns = max([area.right, *(one.right for one in named), *(chart.anchor[1] for chart in charts)])
    columns = max(columns, len(sheet.column_widths))
    return rows, columns


def _freeze(sheet_id: int, frozen: tuple[int, int]) -> Json:
    grid = {"frozenRowCount": frozen[0], "frozenColumnCount": frozen[1]}
    return {
        "updateSheetProperties": {
            "properties": {"sheetId": sheet_id, "gridProperties": grid},
            "fields": "gridProperties.frozenRowCount,gridProperties.frozenColumnCount",
        }
    }


def _within(inner: Area, outer: Area) -> bool:
    return (
        outer.top <= inner.top
        and outer.left <= inner.left
        and inner.bottom <= outer.bottom
        and inner.right <= outer.right
    )
