"""A run as text that the workbook carries, and back: what it read, what it was asked, and what it answered."""

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from sheets_sync.report.approvals import ApprovalState
from sheets_sync.report.bridge_block import ScenarioBridge
from sheets_sync.store import RunRecord

ALPHABET = b"._"
"""Instead of + and /: a part of the text that begins with a sign could be taken for a formula or an error value."""
LARGEST_BYTES = 200_000_000
"""What a text may unpack to: more is no run, but an attack on memory."""


@dataclass(frozen=True)
class KeptRun:
    """A run: its record, and the approvals and bridges that it showed, by folded scenario name."""

    record: RunRecord
    approvals: Mapping[str, ApprovalState]
    bridges: Mapping[str, ScenarioBridge]


def pack_run(record: RunRecord, approvals: Mapping[str, ApprovalState], bridges: Mapping[str, ScenarioBridge]) -> str:
    """A run in a text of plain characters."""
    parts = {
        "run": record.to_json(),
        "approvals": {name: state.to_json() for name, state in approvals.items()},
        "bridges": {name: bridge.to_json() for name, bridge in bridges.items()},
    }
    document = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(document.encode("utf-8", "surrogatepass"), 9), ALPHABET).decode("ascii")


def unpack_run(text: str) -> KeptRun | None:
    """What `pack_run` wrote down; None for a text that somebody changed."""
    try:
        unpacker = zlib.decompressobj()
        body = unpacker.decompress(base64.b64decode(text, ALPHABET, validate=True), LARGEST_BYTES)
        if not unpacker.eof:
            return None
        document = json.loads(body.decode("utf-8", "surrogatepass"))
        states = {name: ApprovalState.from_json(state) for name, state in document["approvals"].items()}
        bridges = {name: ScenarioBridge.from_json(bridge) for name, bridge in document["bridges"].items()}
        return KeptRun(RunRecord.from_json(document["run"]), states, bridges)
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error, binascii.Error):
        return None
