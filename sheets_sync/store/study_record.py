"""One study as it is kept, and the part of its answer that must come out the same whenever it is asked again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sheets_sync.store.run_record import ANSWER, PastPlans
from sheets_sync.store.snapshot_json import snapshot_from, snapshot_json
from sheets_sync.workbook.snapshot import Snapshot

Json = dict[str, Any]

INCIDENTAL = frozenset(
    {"run_id", "workbook", "seconds", "issues", "problems", "summary", "reason", "reasons", "gap", "bound", "proven"}
    | {"sentence", "sentences", "relaxations", "conflict", "messages", "wording", "what", "cell"}
)
"""Fields of an answer that say when and where it was asked, how it was proven, and the words about it."""


@dataclass(frozen=True)
class StudyRecord:
    """A study: the inputs, the plans of before, what was asked of them, and the document of the answer.

    `workbook` is where it is (a file's full path, a sheet's address) and `workbook_id` the id that it carries, empty
    where it has none yet. `options` holds the scenarios to solve (None: the ticked ones), the solver and the time limit
    in seconds; `question` is the question's own document; `is_stopped` whether it ended early, by a deadline or Ctrl-C.
    """

    workbook: str
    workbook_id: str
    started_at: datetime
    trigger: str
    person: str
    sheetplan_version: str
    options: Mapping[str, Any]
    question: Mapping[str, Any]
    snapshot: Snapshot
    past: PastPlans
    document: Mapping[str, Any]
    run_id: str
    is_stopped: bool = False

    @property
    def fingerprint(self) -> str:
        """The fingerprint of its inputs."""
        return str(self.document["inputs_fingerprint"])

    @property
    def kind(self) -> str:
        """What was asked, in the words of the commands: ``what-if``."""
        return str(self.question["kind"])

    @property
    def scenarios(self) -> Sequence[str]:
        """The scenarios that it is about; none where it is about all ticked ones."""
        return [self.question["scenario"]] if self.question.get("scenario") else self.options["scenarios"] or []

    def to_json(self) -> Json:
        """Everything, ready for json.dumps."""
        return {
            "workbook": self.workbook,
            "workbook_id": self.workbook_id,
            "started_at": self.started_at.isoformat(),
            "trigger": self.trigger,
            "person": self.person,
            "sheetplan_version": self.sheetplan_version,
            "options": dict(self.options),
            "question": dict(self.question),
            "snapshot": snapshot_json(self.snapshot),
            "past": self.past.to_json(),
            "document": dict(self.document),
            "run_id": self.run_id,
            "is_stopped": self.is_stopped,
        }

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "StudyRecord":
        """The record that `to_json` wrote down."""
        values = dict(document)
        values["started_at"] = datetime.fromisoformat(document["started_at"])
        values["past"] = PastPlans.from_json(document["past"])
        values["snapshot"] = snapshot_from(document["snapshot"])
        return StudyRecord(**values)


@dataclass(frozen=True)
class StudySummary:
    """One line of the list of studies. `started_at` is ISO 8601, in UTC."""

    run_id: str
    workbook: str
    started_at: str
    trigger: str
    person: str
    fingerprint: str
    kind: str
    scenarios: Sequence[str]

    def to_json(self) -> Json:
        """Ready for json.dumps."""
        return asdict(self)


def canonical_study(document: Mapping[str, Any]) -> bytes:
    """What a study's document says of the plan, as canonical JSON.

    Runs in it are reduced to what they decide, as in `canonical_outcome`; `INCIDENTAL` fields are no part of it.
    """
    text = json.dumps(_decided(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def _decided(value: Any) -> Any:
    if isinstance(value, list):
        return [_decided(one) for one in value]
    if not isinstance(value, dict):
        return value
    is_run = "objective_mode" in value and "kpi_totals" in value
    kept = [key for key in value if key in ANSWER] if is_run else [key for key in value if key not in INCIDENTAL]
    return {key: _decided(value[key]) for key in kept}
