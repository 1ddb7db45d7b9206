"""A run as text that the workbook carries, and back: what it read, what it was asked, and what it answered."""

import base64
import binascii
import json
import zlib
from collections.abc import Mapping

from sheets_sync.report.approvals import ApprovalState
from sheets_sync.store import RunRecord

LARGEST_BYTES = 200_000_000
"""What a text may unpack to: more is no run, but an attack on memory."""


def pack_run(record: RunRecord, approvals: Mapping[str, ApprovalState]) -> str:
    """The record, and the approvals as the run found them, in a text of letters and digits."""
    states = {name: state.to_json() for name, state in approvals.items()}
    document = json.dumps({"run": record.to_json(), "approvals": states}, ensure_ascii=False, separators=(",", ":"))
    return base64.b85encode(zlib.compress(document.encode("utf-8", "surrogatepass"), 9)).decode("ascii")


def unpack_run(text: str) -> tuple[RunRecord, dict[str, ApprovalState]] | None:
    """What `pack_run` wrote down; None for a text that somebody changed."""
    try:
        unpacker = zlib.decompressobj()
        body = unpacker.decompress(base64.b85decode(text), LARGEST_BYTES)
        if not unpacker.eof:
            return None
        document = json.loads(body.decode("utf-8", "surrogatepass"))
        states = {name: ApprovalState.from_json(state) for name, state in document["approvals"].items()}
        return RunRecord.from_json(document["run"]), states
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error, binascii.Error):
        return None
