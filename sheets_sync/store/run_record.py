"""One run as it is kept, and the part of its outcome that must come out the same whenever it is solved again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sheets_sync.inputs.earlier_plans import EarlierPlan, LastSelection, starts_of
from sheets_sync.store.snapshot_json import snapshot_from, snapshot_json
from sheets_sync.workbook.snapshot import Snapshot

Json = dict[str, Any]

ANSWER = (
    "scenario", "objective_mode", "status", "objective", "selected", "starts", "capacity", "kpi_totals", "targets",
)  # fmt: skip
"""What each scenario of an outcome document decides: what was proven, what is done, and what it amounts to."""


@dataclass(frozen=True)
class PastPlans:
    """What each scenario's last run selected, and its newest approval, as a run found them; by folded name."""

    previous: Mapping[str, frozenset[str]]
    approved: Mapping[str, EarlierPlan]

    def to_json(self) -> Json:
        """Ready for json.dumps."""
        return {
            "previous": {name: sorted(keys) for name, keys in sorted(self.previous.items())},
            "previous_starts": {
                name: dict(sorted(starts.items()))
                for name, keys in sorted(self.previous.items())
                if (starts := starts_of(keys))
            },
            "approved": {name: plan.to_json() for name, plan in sorted(self.approved.items())},
        }

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "PastPlans":
        """The plans that `to_json` wrote down."""
        starts = document.get("previous_starts", {})
        return PastPlans(
            {name: LastSelection(keys, starts.get(name, {})) for name, keys in document["previous"].items()},
            {name: EarlierPlan.from_json(plan) for name, plan in document.get("approved", {}).items()},
        )


@dataclass(frozen=True)
class RunRecord:
    """A run: the inputs, the selections that ties were broken towards, what was asked, and the outcome document.

    `workbook` is where it is (a file's full path, a sheet's address) and `workbook_id` the id that it carries, empty in
    records of before there were such ids. `previous` maps a folded scenario name to the keys of its last selection,
    `options` holds the scenarios asked for (None: the ticked ones), the solver and the time limit in seconds.
    """

    workbook: str
    trigger: str
    person: str
    sheetplan_version: str
    options: Mapping[str, Any]
    previous: Mapping[str, frozenset[str]]
    snapshot: Snapshot
    outcome: Mapping[str, Any]
    workbook_id: str = ""
    approved: Mapping[str, EarlierPlan] = field(default_factory=dict)
    """The newest approval of each scenario at that time, by folded name: plans to keep."""

    @property
    def run_id(self) -> str:
        """The run's id."""
        return str(self.outcome["run_id"])

    @property
    def started_at(self) -> datetime:
        """When it began, with zone."""
        return datetime.fromisoformat(self.outcome["started_at"])

    @property
    def fingerprint(self) -> str:
        """The fingerprint of its inputs."""
        return str(self.outcome["inputs_fingerprint"])

    def scenario(self, name: str) -> Mapping[str, Any] | None:
        """What came out for a scenario, case and surrounding blanks aside; None where the run did not have it."""
        folded = name.strip().casefold()
        return next((item for item in self.outcome["scenarios"] if item["scenario"].casefold() == folded), None)

    def to_json(self) -> Json:
        """Everything, ready for json.dumps."""
        return {
            "workbook": self.workbook,
            "workbook_id": self.workbook_id,
            "trigger": self.trigger,
            "person": self.person,
            "sheetplan_version": self.sheetplan_version,
            "options": dict(self.options),
            **PastPlans(self.previous, self.approved).to_json(),
            "snapshot": snapshot_json(self.snapshot),
            "outcome": dict(self.outcome),
        }

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "RunRecord":
        """The record that `to_json` wrote down."""
        past = PastPlans.from_json(document)
        return RunRecord(
            workbook=document["workbook"],
            trigger=document["trigger"],
            person=document["person"],
            sheetplan_version=document["sheetplan_version"],
            options=document["options"],
            previous=past.previous,
            snapshot=snapshot_from(document["snapshot"]),
            outcome=document["outcome"],
            workbook_id=document.get("workbook_id", ""),
            approved=past.approved,
        )


def canonical_outcome(document: Mapping[str, Any]) -> bytes:
    """What an outcome document decides, as canonical JSON: the inputs' fingerprint and each scenario's `ANSWER`.

    Who ran it when, where Results is, how the answer was found (stages, bounds, the solver) and the words about it
    (summary, reasons, issues) are no part of it: another backend, solver or release says them in another way. Bounds
    belong to the search; what they prove is the status.
    """
    answer = {
        "inputs_fingerprint": document["inputs_fingerprint"],
        "scenarios": [{key: item[key] for key in ANSWER if key in item} for item in document["scenarios"]],
    }
    return json.dumps(answer, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
