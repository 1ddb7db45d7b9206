"""Everything that can be wrong in a workbook: the catalogue by place, and the `Issue` that reports one case."""
