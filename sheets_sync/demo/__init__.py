"""The example workbook that `sheetplan demo` copies; `examples/build_marketplace.py` writes it."""
