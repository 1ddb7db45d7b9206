"""`python -m sheets_sync` is `sheetplan`."""

from sheets_sync.cli import main

main()
