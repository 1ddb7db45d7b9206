"""`sheetplan`, also as `python -m sheets_sync`.

Imports nothing but Python's own before it is ready for Ctrl-C: loading the command line takes a moment, too.
"""

import signal
import sys

INTERRUPTED, TERMINATED = 130, 143
"""What a shell reports for a command ended by Ctrl-C, and by SIGTERM."""


def main() -> None:
    """Run the command line, and end it in a word where somebody stops it."""
    code = INTERRUPTED

    def terminate(*_: object) -> None:
        # As Ctrl-C: locks are released and temporary files removed on the way out.
        nonlocal code
        code = TERMINATED
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, terminate)
    try:
        from sheets_sync.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        sys.exit(code)


if __name__ == "__main__":
    main()
