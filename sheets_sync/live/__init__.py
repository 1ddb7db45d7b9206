"""`sheetplan doctor --live`: what only Google can confirm, proven on a scratch sheet, with the answers kept."""
