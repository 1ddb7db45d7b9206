"""The .xlsx backend: reads a file into a `Snapshot`, and writes `Changes` into it so that all else in it survives."""

from sheets_sync.excel.excel_workbook import ExcelWorkbook

__all__ = ["ExcelWorkbook"]
