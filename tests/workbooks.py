"""Workbooks for tests: small .xlsx files from rows of plain values, and what a run wrote, read back."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl

Rows = Sequence[Sequence[Any]]

WORKED_EXAMPLE: dict[str, Rows] = {
    "KPIs": [
        ["kpi_key", "kpi_name", "kpi_level", "unit", "direction"],
        ["gmv", "Gross merchandise value", "north_star", "GBP", "higher"],
        ["retention_30d", "30-day retention", "strategic", "fraction", "higher"],
        ["conversion_rate", "Conversion", "strategic", "fraction", "higher"],
    ],
    "Initiatives": [
        ["initiative_key", "title", "engineering_tokens", "gmv", "retention_30d", "conversion_rate"],
        ["A", "Faster search", 60, 120000, None, 0.002],
        ["B", "Loyalty club", 50, 80000, 0.015, None],
        ["C", "Gift cards", 40, 40000, None, None],
    ],
    "Scenarios": [
        ["scenario_name", "objective_mode", "capacity_total_tokens", "weight: gmv", "weight: retention_30d",
         "weight: conversion_rate", "target: retention_30d", "target_priority"],
        ["Pure north star", "north_star", 100, None, None, None, None, None],
        ["Weighted", "weighted_kpis", 100, 1.0, 0.4, 0.2, None, None],
        ["Reachable", "lexicographic", 100, None, None, None, 0.015, None],
        ["Stretch", "lexicographic", 100, None, None, None, 0.02, None],
    ],
}  # fmt: skip
"""The worked example of the specification: three initiatives, of which two fit."""


def write_workbook(path: Path, tabs: Mapping[str, Rows]) -> Path:
    """An .xlsx file with one tab per entry, rows from A1."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in tabs.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def edited(tabs: Mapping[str, Rows], edits: Mapping[str, Any]) -> dict[str, Rows]:
    """The same tabs with some cells changed; edits are by ``Tab!A1`` address."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in tabs.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    for place, value in edits.items():
        title, address = place.split("!")
        book[title][address].value = value
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


def rename_tab(path: Path, old: str, new: str) -> None:
    """A tab of a file under another title; openpyxl leaves the names that refer to it to its caller."""
    book = openpyxl.load_workbook(path)
    book[old].title = new
    for name in book.defined_names.values():
        name.attr_text = name.attr_text.replace(f"'{old}'!", f"'{new}'!")
    book.save(path)


def values(path: Path, title: str) -> dict[str, Any]:
    """The cached value of every cell of a tab that holds one, by address."""
    sheet = openpyxl.load_workbook(path, data_only=True)[title]
    return {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None}


def written_cells(path: Path, title: str) -> dict[str, Any]:
    """What every cell of a tab holds, formulas as such, by address."""
    sheet = openpyxl.load_workbook(path)[title]
    return {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None}


def column_below(path: Path, title: str, header: str) -> list[Any]:
    """The cached values below the first cell of a tab that holds `header`, as far as the tab goes."""
    sheet = openpyxl.load_workbook(path, data_only=True)[title]
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value == header:
                return [sheet.cell(below, cell.column).value for below in range(cell.row + 1, sheet.max_row + 1)]
    raise AssertionError(f"{title} has no cell {header!r}")


def named_range_values(source: Path | openpyxl.Workbook, name: str) -> list[list[Any]]:
    """The cached values of a named range, as rows; of a file, or of a workbook that was opened for its values."""
    book = openpyxl.load_workbook(source, data_only=True) if isinstance(source, Path) else source
    (title, area), = book.defined_names[name].destinations  # fmt: skip
    cells = book[title][area.replace("$", "")]
    rows = cells if isinstance(cells, tuple) else ((cells,),)
    return [[cell.value for cell in row] for row in rows]
