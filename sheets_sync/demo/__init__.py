"""The example workbooks that `sheetplan demo` copies; scripts in `examples/` write them."""
