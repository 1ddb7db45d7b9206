"""A workbook as one read found it: what a `Snapshot` says, and what a write must know to fit in one call."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sheets_sync.google.cells_in import CELL_FIELDS, parse_rows
from sheets_sync.google.locator import address_of
from sheets_sync.google.range_names import broken_names, is_rectangle, parse_names, report_tabs
from sheets_sync.workbook.backend import PROPERTY_PREFIX, FurtherTabs, TabFilter, named_further, no_further_tabs
from sheets_sync.workbook.snapshot import Area, Snapshot, Tab, TableArea

Json = dict[str, Any]

SHEET_FIELDS = (
    "properties(sheetId,title,sheetType,hidden,gridProperties(rowCount,columnCount,frozenRowCount,frozenColumnCount))"
)
MEANING_FIELDS = (
    "merges(startRowIndex,endRowIndex,startColumnIndex,endColumnIndex),"
    "tables(name,range,rowsProperties(footerColorStyle))"
)
"""What people's cells mean beside what they hold. Of a table, only the colour of its footer says that it has one."""
DATA_FIELDS = f"data(startRow,startColumn,rowData(values({CELL_FIELDS})))"
READ_FIELDS = (
    "properties(title,locale,timeZone),namedRanges,developerMetadata(metadataId,metadataKey,metadataValue),"
    f"sheets({SHEET_FIELDS},protectedRanges(protectedRangeId,range,namedRangeId,description,warningOnly,"
    "requestingUserCanEdit,unprotectedRanges),"
    "conditionalFormats(ranges,booleanRule(condition(type),format(backgroundColor,backgroundColorStyle))),"
    f"charts(chartId,spec(altText,title),position(overlayPosition(anchorCell))),basicFilter(range),{MEANING_FIELDS},"
    f"{DATA_FIELDS})"
)
"""The field mask of the one read: of Google's formats only the kind of number, of people's charts only the ids."""

TITLES_FIELDS = f"namedRanges,sheets({SHEET_FIELDS},tables(name))"
AFTER_FIELDS = (
    "updatedSpreadsheet(properties(title,locale,timeZone),namedRanges,"
    f"sheets({SHEET_FIELDS},{MEANING_FIELDS},{DATA_FIELDS}))"
)
"""What the write answers: the input tabs right after it."""

MARK_KEY = "sheetplan.write"
FIRST_MARK = 720_000_000
LAST_NUMBER = 1_000_000_000
"""Numbers of writes lie below, so that ids stay within 31 bits."""


@dataclass(frozen=True)
class SheetState:
    """One tab: id, size, what is drawn over it, and its cells where they were read."""

    sheet_id: int
    title: str
    row_count: int
    column_count: int
    frozen_rows: int
    frozen_columns: int
    protections: Sequence[Json]
    rules: Sequence[Json]
    charts: Sequence[Json]
    tab: Tab | None
    hidden: bool = False
    filtered: Json | None = None
    """The range that people can filter."""
    tables: Sequence[str] = ()
    """Names of the tables on it, which are unique in the spreadsheet."""


@dataclass(frozen=True)
class Mark:
    """The trace that a write leaves: a number, one higher than the last write's, and a digest of what was written."""

    number: int
    """0 where the trace has an id that we did not give it: it was copied along with the whole spreadsheet."""
    token: str
    metadata_id: int


@dataclass(frozen=True)
class WorkbookState:
    """What one read found."""

    spreadsheet_id: str
    title: str
    locale: str | None
    time_zone: str | None
    sheets: Sequence[SheetState]
    named: Mapping[str, tuple[str, Json]]
    """Name to id and GridRange; an empty one where Google lists a name that has lost its cells."""
    broken_names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Ids of names that have lost their cells, by folded name."""
    marks: Sequence[Mark] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    """Our document properties: developer metadata of the spreadsheet."""
    wanted: Sequence[str] = field(default=())
    """Titles of the tabs that the reader asked for."""
    without_cells: Mapping[int, str] = field(default_factory=dict)
    """Ids and titles of tabs that hold one chart, or are connected to a database."""
    report: Mapping[str, int] = field(default_factory=dict)
    """Ids of the tabs that our last report was written to, by our titles; none before the first."""

    def sheet(self, title: str) -> SheetState | None:
        """The tab of that title; Google compares titles without regard to case."""
        return next((sheet for sheet in self.sheets if sheet.title.casefold() == title.casefold()), None)

    @property
    def titles(self) -> list[str]:
        """The titles of all tabs, no two of which are the same."""
        return [*(sheet.title for sheet in self.sheets), *self.without_cells.values()]

    def named_range(self, name: str) -> tuple[str, Json] | None:
        """Id and GridRange of a name; names do not mind case either."""
        return next((found for known, found in self.named.items() if known.casefold() == name.casefold()), None)

    def title_of(self, ours: str) -> str:
        """What people call a tab of the report; our title before the first write."""
        sheet = next((sheet for sheet in self.sheets if sheet.sheet_id == self.report.get(ours)), None)
        return ours if sheet is None else sheet.title

    @property
    def report_titles(self) -> list[str]:
        """What people call the tabs that our last report was written to; none before the first."""
        return [self.title_of(ours) for ours in self.report]

    def named_area(self, name: str) -> Area | None:
        """The rectangle that a name covers; None where there is no such name, or where it has lost its cells."""
        found = self.named_range(name)
        return self.area(found[1]) if found is not None and is_rectangle(found[1]) else None

    @property
    def last_mark(self) -> int:
        """Number of the newest write; 0 before the first."""
        return max((mark.number for mark in self.marks), default=0)

    def area(self, grid: Json) -> Area | None:
        """A GridRange as a rectangle; None where its tab is no grid. Open ends reach to the edge of the grid."""
        sheet = next((sheet for sheet in self.sheets if sheet.sheet_id == grid.get("sheetId", 0)), None)
        if sheet is None:
            return None
        return _rectangle(sheet.title, grid, sheet.row_count, sheet.column_count)

    def snapshot(self) -> Snapshot:
        """What the layers above see of it."""
        areas = {name: self.named_area(name) for name in self.named}
        wanted = {title.casefold() for title in self.wanted}
        return Snapshot(
            locator=address_of(self.spreadsheet_id),
            title=self.title,
            tabs={s.title: s.tab for s in self.sheets if s.tab is not None and s.title.casefold() in wanted},
            named_areas={name: area for name, area in areas.items() if area is not None},
            locale=self.locale,
            time_zone=self.time_zone,
            titles=tuple(self.titles),
            properties=self.properties,
            workbook_id=self.spreadsheet_id,
        )


def parse_state(
    spreadsheet_id: str,
    answer: Json,
    wanted: TabFilter,
    outputs: Sequence[str],
    further: FurtherTabs = no_further_tabs,
) -> WorkbookState:
    """A `spreadsheets.get` answer; cells are parsed for the wanted tabs, those that these name, and our outputs."""
    kept = {title.casefold() for title in outputs}
    properties = answer.get("properties", {})
    report = report_tabs(answer, lambda title: wanted(title) and title.casefold() not in kept)
    ids = set(report.values())
    sheets = list(_sheets(answer, lambda sheet_id, title: sheet_id in ids or wanted(title) or title.casefold() in kept))
    read = {sheet.title: sheet.tab for sheet in sheets if sheet.tab is not None}
    named = named_further(read, (sheet.title for sheet in sheets), further)
    if named:
        late = {sheet.title: sheet for sheet in _sheets(answer, lambda _id, title: title in named)}
        sheets = [late[sheet.title] if sheet.title in named else sheet for sheet in sheets]
        report = report_tabs(answer, lambda title: title in named or (wanted(title) and title.casefold() not in kept))
    return WorkbookState(
        spreadsheet_id=spreadsheet_id,
        title=properties.get("title", ""),
        locale=properties.get("locale"),
        time_zone=properties.get("timeZone"),
        sheets=sheets,
        named=parse_names(answer, report.values()),
        broken_names=broken_names(answer),
        marks=list(_marks(answer)),
        properties={
            item["metadataKey"]: item.get("metadataValue", "")
            for item in answer.get("developerMetadata", ())
            if item["metadataKey"].startswith(PROPERTY_PREFIX) and item["metadataKey"] != MARK_KEY
        },
        wanted=[
            sheet.title
            for sheet in sheets
            if wanted(sheet.title)
            or sheet.title in named
            or any(sheet.sheet_id == sheet_id and wanted(ours) for ours, sheet_id in report.items())
        ],
        without_cells={
            sheet["properties"].get("sheetId", 0): sheet["properties"]["title"]
            for sheet in answer.get("sheets", ())
            if not _has_cells(sheet)
        },
        report=report,
    )


def _marks(answer: Json) -> Iterator[Mark]:
    """The traces of earlier writes; those of a copied spreadsheet may have got other ids, which are no numbers."""
    for item in answer.get("developerMetadata", ()):
        number = item["metadataId"] - FIRST_MARK
        if item.get("metadataKey") == MARK_KEY:
            yield Mark(number if 0 < number <= LAST_NUMBER else 0, item.get("metadataValue", ""), item["metadataId"])


def _sheets(answer: Json, with_cells: Callable[[int, str], bool]) -> Iterator[SheetState]:
    locale = answer.get("properties", {}).get("locale")
    for sheet in answer.get("sheets", ()):
        if not _has_cells(sheet):
            continue
        properties = sheet["properties"]
        grid = properties["gridProperties"]
        title = properties["title"]
        yield SheetState(
            sheet_id=properties.get("sheetId", 0),
            title=title,
            row_count=grid.get("rowCount", 0),
            column_count=grid.get("columnCount", 0),
            frozen_rows=grid.get("frozenRowCount", 0),
            frozen_columns=grid.get("frozenColumnCount", 0),
            protections=sheet.get("protectedRanges", ()),
            rules=sheet.get("conditionalFormats", ()),
            charts=sheet.get("charts", ()),
            hidden=properties.get("hidden", False),
            filtered=sheet.get("basicFilter", {}).get("range"),
            tables=tuple(table.get("name", "") for table in sheet.get("tables", ())),
            tab=_tab(sheet, title, locale) if with_cells(properties.get("sheetId", 0), title) else None,
        )


def _has_cells(sheet: Json) -> bool:
    """False for a tab that holds one chart, and for one that is connected to a database."""
    return sheet["properties"].get("sheetType", "GRID") == "GRID" and "gridProperties" in sheet["properties"]


def _tab(sheet: Json, title: str, locale: str | None) -> Tab:
    grid = sheet["properties"]["gridProperties"]
    size = grid.get("rowCount", 0), grid.get("columnCount", 0)
    return Tab(
        title,
        parse_rows(sheet.get("data", ()), locale),
        tuple(_rectangle(title, item, *size) for item in sheet.get("merges", ())),
        tuple(_table(title, item, *size) for item in sheet.get("tables", ())),
    )


def _table(title: str, item: Json, row_count: int, column_count: int) -> TableArea:
    area = _rectangle(title, item.get("range", {}), row_count, column_count)
    has_footer = "footerColorStyle" in item.get("rowsProperties", {})
    return TableArea(item.get("name", ""), area, area.bottom if has_footer else None)


def _rectangle(title: str, grid: Json, row_count: int, column_count: int) -> Area:
    """A GridRange as a rectangle on the tab of that title and size, to whose edge open ends reach."""
    return Area(
        title,
        grid.get("startRowIndex", 0) + 1,
        grid.get("startColumnIndex", 0) + 1,
        grid.get("endRowIndex", row_count),
        grid.get("endColumnIndex", column_count),
    )
