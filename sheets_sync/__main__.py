"""`sheetplan`, also as `python -m sheets_sync`.

Imports nothing but Python's own before it is ready for Ctrl-C: loading the command line takes a moment, too.
"""

import sys

INTERRUPTED = 130
"""What a shell reports for a command ended by Ctrl-C."""


def main() -> None:
    """Run the command line, and end it in a word where somebody stops it."""
    try:
        from sheets_sync.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
