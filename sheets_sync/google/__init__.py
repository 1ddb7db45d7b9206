"""Google Sheets as a workbook: one read and one atomic write per run, over gspread (which only `opening` loads)."""
