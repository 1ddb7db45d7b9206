"""Setting up a workbook around the list that a team has already."""
