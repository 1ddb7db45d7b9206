"""Start the server from the command line: `python -m tests.sheets_server --port 0`."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

from .server import SheetsServer


def main() -> None:
    """Serve until interrupted; the first line of output is the address."""
    parser = argparse.ArgumentParser(prog="python -m tests.sheets_server", description=main.__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument(
        "--quota", type=_quota, default=(None, None), metavar="READS,WRITES", help="per minute and user"
    )
    parser.add_argument("--require-auth", action="store_true", help="demand tokens of this server's /token")
    parser.add_argument("--state", type=Path, metavar="FILE", help="keep the workbooks in this file")
    options = parser.parse_args()
    server = SheetsServer(
        port=options.port, quota=options.quota, require_auth=options.require_auth, state=options.state
    )
    print(server.url, flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


def _quota(text: str) -> tuple[int | None, int | None]:
    reads, _, writes = text.partition(",")
    return (int(reads) if reads else None, int(writes) if writes else None)


main()
