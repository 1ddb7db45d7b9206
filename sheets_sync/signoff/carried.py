"""What a workbook carries of its approvals beside their tabs: document properties, short enough for every program."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sheets_sync.report.approvals import Signature
from sheets_sync.signoff.approval import Approval
from sheets_sync.signoff.seal import Seal
from sheets_sync.workbook.backend import LONGEST_PROPERTY, PROPERTY_PREFIX

_PREFIX = f"{PROPERTY_PREFIX}approval."
_NAME = re.compile(rf"{re.escape(_PREFIX)}([0-9a-f]+)\.(\d+)")
MOST_CARRIED = 12
"""Approvals that a workbook carries, newest first: Google keeps 30,000 characters for all of its metadata."""


@dataclass(frozen=True)
class Carried:
    """An approval as the workbook's properties say, which whoever can edit the workbook can edit too."""

    approval_id: str
    scenario: str
    tab: str
    seal: Seal | None
    by: str
    at: datetime
    revoked: Signature | None = None


def carried_properties(approvals: Iterable[Approval], properties: Mapping[str, str]) -> dict[str, str | None]:
    """The properties that carry these approvals, the newest of them; what the workbook carries of others stays."""
    complete = sorted((item for item in approvals if item.is_complete), key=lambda item: item.at)
    newest, known = complete[-MOST_CARRIED:], {item.approval_id for item in complete}
    ours = [name for name in properties if (found := _NAME.fullmatch(name)) and found[1] in known]
    wanted: dict[str, str | None] = dict.fromkeys(ours)
    for approval in newest:
        document = {
            "scenario": approval.scenario,
            "tab": approval.tab,
            "seal": approval.seal,
            "by": approval.by,
            "at": approval.at.isoformat(),
            "revoked": None if approval.revoked is None else approval.revoked.to_json(),
        }
        text = json.dumps(document, separators=(",", ":"))
        parts = [text[start : start + LONGEST_PROPERTY] for start in range(0, len(text), LONGEST_PROPERTY)]
        wanted |= {f"{_PREFIX}{approval.approval_id}.{number}": part for number, part in enumerate(parts, start=1)}
    return wanted


def carried_approvals(properties: Mapping[str, str]) -> list[Carried]:
    """The approvals that a workbook says it carries; what cannot be read is left out."""
    parts: dict[str, dict[int, str]] = {}
    for name, value in properties.items():
        found = _NAME.fullmatch(name)
        if found is not None:
            parts.setdefault(found[1], {})[int(found[2])] = value
    whole = {approval_id: "".join(text for _, text in sorted(texts.items())) for approval_id, texts in parts.items()}
    read = (_read(approval_id, text) for approval_id, text in whole.items())
    return [carried for carried in read if carried is not None]


def _read(approval_id: str, text: str) -> Carried | None:
    try:
        document = json.loads(text)
        revoked = document["revoked"]
        return Carried(
            approval_id,
            str(document["scenario"]),
            str(document["tab"]),
            Seal.parse(str(document["seal"])),
            str(document["by"]),
            datetime.fromisoformat(document["at"]),
            None if revoked is None else Signature.from_json(revoked),
        )
    except (ValueError, KeyError, TypeError):
        return None
