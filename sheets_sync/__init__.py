"""Moves data between a workbook and the optimizer, and owns the outside world."""
