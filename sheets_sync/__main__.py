"""`sheetplan`, also as `python -m sheets_sync`.

Imports nothing but Python's own before it is ready for Ctrl-C: loading the command line takes a moment, too.
"""

import signal
import sys
from types import FrameType

INTERRUPTED, TERMINATED = 130, 143
"""What a shell reports for a command ended by Ctrl-C, and by SIGTERM."""
_AGAIN_S = 0.05


def main() -> None:
    """Run the command line, and end it in a word where somebody stops it."""
    code = INTERRUPTED

    def terminate(*_: object) -> None:
        # As Ctrl-C: locks are released and temporary files removed on the way out.
        nonlocal code
        code = TERMINATED
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, terminate)
    if hasattr(signal, "setitimer") and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
        signal.signal(signal.SIGALRM, _interrupt)
    try:
        from sheets_sync.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        sys.exit(code)


def _interrupt(_number: int, frame: FrameType | None) -> None:
    """As Python's own answer to Ctrl-C, once nothing is being imported: some libraries swallow it while they load.

    Raises:
        KeyboardInterrupt: nothing is.
    """
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            signal.setitimer(signal.ITIMER_REAL, _AGAIN_S)
            return
        frame = frame.f_back
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
