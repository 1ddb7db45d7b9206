"""The methods below spreadsheets.values."""

from __future__ import annotations

from typing import Any

from .a1 import Area, format_area
from .book import Json, Sheet, Workbook
from .draft import Draft
from .errors import ApiError, RequestError, invalid
from .ranges import Place, check_bounds, find_range, grid_limits
from .render import Renderer


def read_values(renderer: Renderer, place: Place, options: Json) -> Json:
    """One ValueRange; a range that reaches beyond the grid is cut, one that starts beyond it is refused."""
    sheet, area = place
    check_bounds(sheet, area, whole=False)
    corners = area.clip(sheet.row_count, sheet.column_count)
    value_option = options.get("valueRenderOption", "FORMATTED_VALUE")
    date_option = options.get("dateTimeRenderOption", "SERIAL_NUMBER")
    dimension = _dimension(options)
    rows = renderer.values(sheet, area, value_option, date_option)
    result: Json = {"range": format_area(sheet.title, corners), "majorDimension": dimension}
    if dimension == "COLUMNS":
        rows = _transposed(rows)
    if rows:
        result["values"] = rows
    return result


def _dimension(options: Json) -> str:
    dimension = options.get("majorDimension", "ROWS")
    return "ROWS" if dimension == "DIMENSION_UNSPECIFIED" else str(dimension)


def _transposed(rows: list[list[Any]]) -> list[list[Any]]:
    width = max((len(row) for row in rows), default=0)
    columns = [[row[at] if at < len(row) else "" for row in rows] for at in range(width)]
    for column in columns:
        while column and column[-1] == "":
            column.pop()
    return columns


def input_option(options: Json) -> bool:
    """Whether values are taken raw; the option has no default."""
    option = options.get("valueInputOption", "INPUT_VALUE_OPTION_UNSPECIFIED")
    if option == "INPUT_VALUE_OPTION_UNSPECIFIED":
        raise invalid("'valueInputOption' is required but not specified")
    return bool(option == "RAW")


def write_values(draft: Draft, value_range: Json, text: str, *, raw: bool) -> tuple[Json, Place]:
    """Write one ValueRange; answers UpdateValuesResponse and the place that was written."""
    sheet, area = find_range(draft.book, text)
    if "range" in value_range and find_range(draft.book, value_range["range"]) != (sheet, area):
        raise invalid(f"Requested range [{text}] does not match the range of the values [{value_range['range']}].")
    check_bounds(sheet, area, whole=True)
    rows = _by_rows(value_range)
    top, left = area.top or 0, area.left or 0
    height, width = len(rows), max((len(row) for row in rows), default=0)
    _check_fits(sheet, area, height, width)
    written = Area(top, left, top + max(height, 1), left + max(width, 1))
    check_bounds(sheet, written, whole=True)
    try:
        if height and width:
            draft.check_protection(sheet, written)
        touched = 0
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                draft.enter(sheet, top + at, left + column, value, raw=raw)
                touched += value is not None
    except RequestError as problem:
        raise invalid(str(problem)) from None
    corners = (written.top or 0, written.left or 0, written.bottom or 0, written.right or 0)
    result: Json = {"spreadsheetId": draft.book.id, "updatedRange": format_area(sheet.title, corners)}
    if touched:
        columns = {at for row in rows for at, value in enumerate(row) if value is not None}
        lines = sum(any(value is not None for value in row) for row in rows)
        result.update(updatedRows=lines, updatedColumns=len(columns), updatedCells=touched)
    return result, (sheet, written)


def _by_rows(value_range: Json) -> list[list[Any]]:
    """The values row by row, whichever way they were given; what a short column lacks is left alone."""
    lines: list[list[Any]] = value_range.get("values", [])
    if _dimension(value_range) == "ROWS":
        return lines
    height = max((len(column) for column in lines), default=0)
    return [[column[at] if at < len(column) else None for column in lines] for at in range(height)]


def _check_fits(sheet: Sheet, area: Area, height: int, width: int) -> None:
    """A range of several cells must hold all the values; a single cell is only where they start."""
    top, left, bottom, right = area.clip(sheet.row_count, sheet.column_count)
    if (bottom - top, right - left) == (1, 1):
        return
    asked = format_area(sheet.title, area)
    if height > bottom - top:
        if area.bottom is None:
            raise invalid(grid_limits(sheet, Area(top, left, top + height, left + max(width, 1))))
        raise invalid(f"Requested writing within range [{asked}], but tried writing to row [{bottom + 1}]")
    if width > right - left:
        if area.right is None:
            raise invalid(grid_limits(sheet, Area(top, left, top + max(height, 1), left + width)))
        column = format_area("S", (0, right, 1, right + 1)).removeprefix("S!").rstrip("1")
        raise invalid(f"Requested writing within range [{asked}], but tried writing to column [{column}]")


def with_response(renderer: Renderer, answer: Json, place: Place, options: Json) -> Json:
    """The answer with the values as they are after the write, where asked for."""
    if not options.get("includeValuesInResponse"):
        return answer
    render = {
        "valueRenderOption": options.get("responseValueRenderOption", "FORMATTED_VALUE"),
        "dateTimeRenderOption": options.get("responseDateTimeRenderOption", "SERIAL_NUMBER"),
    }
    return {**answer, "updatedData": read_values(renderer, place, render)}


def batch_write(draft: Draft, items: list[tuple[Json, str]], *, raw: bool) -> tuple[Json, list[tuple[Json, Place]]]:
    """Write several ValueRanges, all or none: BatchUpdateValuesResponse without its responses, and each response."""
    results = []
    for at, (value_range, text) in enumerate(items):
        try:
            results.append(write_values(draft, value_range, text, raw=raw))
        except ApiError as error:
            error.message = f"Invalid data[{at}]: {error.message}"
            raise
    total: Json = {"spreadsheetId": draft.book.id}
    # A row or column that several of the ranges touch counts once.
    touched = {
        (place[0].id, (place[1].top or 0) + at, (place[1].left or 0) + column)
        for (value_range, _), (_, place) in zip(items, results, strict=True)
        for at, row in enumerate(_by_rows(value_range))
        for column, value in enumerate(row)
        if value is not None
    }
    if touched:
        total["totalUpdatedRows"] = len({(sheet, row) for sheet, row, _ in touched})
        total["totalUpdatedColumns"] = len({(sheet, column) for sheet, _, column in touched})
        total["totalUpdatedCells"] = sum(result.get("updatedCells", 0) for result, _ in results)
        total["totalUpdatedSheets"] = len({sheet for sheet, _, _ in touched})
    return total, results


def clear_values(draft: Draft, place: Place) -> str:
    """Clear the values of a range, not its formats; answers the range cleared."""
    sheet, area = place
    check_bounds(sheet, area, whole=False)
    try:
        draft.check_protection(sheet, area)
    except RequestError as problem:
        raise invalid(str(problem)) from None
    top, left, bottom, right = area.clip(sheet.row_count, sheet.column_count)
    for row in [row for row in sheet.rows if top <= row < bottom]:
        for column in [column for column in sheet.rows[row] if left <= column < right]:
            draft.enter(sheet, row, column, "", raw=True)
    return format_area(sheet.title, (top, left, bottom, right))


def append_values(draft: Draft, value_range: Json, text: str, options: Json) -> tuple[Json, Place | None]:
    """Write below the table that the range touches; the grid grows as needed."""
    raw = input_option(options)
    sheet, area = find_range(draft.book, text)
    check_bounds(sheet, area, whole=False)
    table = find_table(sheet, area)
    top, left = (table[2], table[1]) if table else (area.top or 0, area.left or 0)
    rows = _by_rows(value_range)
    height, width = len(rows), max((len(row) for row in rows), default=0)
    try:
        if options.get("insertDataOption") == "INSERT_ROWS" and height and top < sheet.row_count:
            draft.book.shift(sheet, "ROWS", top, height)
        sheet.resize(max(sheet.row_count, top + height), max(sheet.column_count, left + width))
        draft.check_size()
    except RequestError as problem:
        raise invalid(str(problem)) from None
    answer: Json = {"spreadsheetId": draft.book.id}
    if table:
        answer["tableRange"] = format_area(sheet.title, table)
    corners = (top, left, top + max(height, 1), left + max(width, 1))
    if not height:
        answer["updates"] = {"spreadsheetId": draft.book.id, "updatedRange": format_area(sheet.title, corners)}
        return answer, None
    body = {name: value for name, value in value_range.items() if name != "range"}
    answer["updates"], place = write_values(draft, body, format_area(sheet.title, corners), raw=raw)
    return answer, place


def find_table(sheet: Sheet, area: Area) -> tuple[int, int, int, int] | None:
    """The last block of touching filled cells that has a cell within the area."""
    top, left, bottom, right = area.clip(sheet.row_count, sheet.column_count)
    filled = {(r, c) for r, cells in sheet.rows.items() for c, cell in cells.items() if cell.value is not None}
    starts = sorted(place for place in filled if top <= place[0] < bottom and left <= place[1] < right)
    best: tuple[int, int, int, int] | None = None
    while starts:
        block = _grow(starts[-1], filled)
        corners = _bounds(block)
        if best is None or (corners[2], corners[3]) > (best[2], best[3]):
            best = corners
        starts = [place for place in starts if place not in block]
    return best


def _grow(start: tuple[int, int], filled: set[tuple[int, int]]) -> set[tuple[int, int]]:
    block, queue = {start}, [start]
    while queue:
        row, column = queue.pop()
        for near in [(row + down, column + along) for down in (-1, 0, 1) for along in (-1, 0, 1)]:
            if near in filled and near not in block:
                block.add(near)
                queue.append(near)
    return block


def _bounds(block: set[tuple[int, int]]) -> tuple[int, int, int, int]:
    rows, columns = [row for row, _ in block], [column for _, column in block]
    return min(rows), min(columns), max(rows) + 1, max(columns) + 1


def places(book: Workbook, texts: list[str]) -> list[Place]:
    """The places of several ranges; one that cannot be read fails them all."""
    return [find_range(book, text) for text in texts]
