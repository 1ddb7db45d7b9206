"""Files of other kinds than .xlsx: read into tabs of typed cells, and copied into an .xlsx workbook beside them."""
