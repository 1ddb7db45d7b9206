"""One approval as an installation keeps it: who signed which run's answer to a scenario, and what was frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sheets_sync.report.approvals import ApprovedPlan, Signature
from sheets_sync.report.approved_tab import REVOKED, SEAL, VALUES
from sheets_sync.signoff.frozen_cells import FrozenCell, Place

Json = dict[str, Any]


@dataclass(frozen=True)
class Approval:
    """One approval of one scenario.

    It is complete when as many people as `needed` have signed; until then it has no tab. `cells` are the values of its
    tab, `seal` the line that the tab shows and the workbook carries. `selected`, `totals` (by folded KPI key) and
    `tokens` are the answer that was approved.
    """

    approval_id: str
    workbook_id: str
    scenario: str
    run_id: str
    run_by: str
    needed: int
    signatures: tuple[Signature, ...]
    selected: tuple[str, ...]
    totals: Mapping[str, float]
    tokens: float | None
    starts: Mapping[str, str] = field(default_factory=dict)
    tab: str = ""
    seal: str = ""
    cells: tuple[FrozenCell, ...] = ()
    revoked: Signature | None = None

    @property
    def is_complete(self) -> bool:
        """Whether enough people signed."""
        return len(self.signatures) >= self.needed

    @property
    def is_in_force(self) -> bool:
        """Whether it counts: complete, and not revoked."""
        return self.is_complete and self.revoked is None

    @property
    def at(self) -> datetime:
        """When the last of them signed."""
        return self.signatures[-1].at

    @property
    def by(self) -> str:
        """Who signed, in words."""
        return " and ".join(signature.who for signature in self.signatures)

    @property
    def plan(self) -> ApprovedPlan:
        """What was approved, as later runs compare with it."""
        return ApprovedPlan(
            self.scenario, self.by, self.at, self.run_id, self.selected, self.totals, self.tokens, self.starts
        )

    @property
    def open_places(self) -> tuple[Place, ...]:
        """The cells of its tab that are written after it was sealed: the seal and the revocation, each at its label."""
        rows = {str(cell.value): cell.row for cell in reversed(self.cells) if cell.column == 1}
        return tuple((rows[label], VALUES) for label in (SEAL, REVOKED) if label in rows)

    @property
    def summary(self) -> Json:
        """What people and programs ask about it, ready for json.dumps."""
        state = "revoked" if self.revoked is not None else "approved" if self.is_complete else "waiting"
        last = self.signatures[-1]
        return {
            "approval_id": self.approval_id,
            "state": state,
            "scenario": self.scenario,
            "run_id": self.run_id,
            "tab": self.tab or None,
            "by": last.identity,
            "typed": last.typed,
            "comment": last.comment,
            "approved_at": last.at.isoformat(),
            "signatures": [signature.to_json() for signature in self.signatures],
            "needed": self.needed,
            "revoked": None if self.revoked is None else self.revoked.to_json(),
        }

    def signed(self, signature: Signature) -> "Approval":
        """The same, signed by one more."""
        return replace(self, signatures=(*self.signatures, signature))

    def to_json(self) -> Json:
        """Ready for json.dumps."""
        return vars(self) | {
            "signatures": [signature.to_json() for signature in self.signatures],
            "selected": list(self.selected),
            "totals": dict(self.totals),
            "starts": dict(self.starts),
            "cells": [[cell.row, cell.column, cell.value, cell.shown] for cell in self.cells],
            "revoked": None if self.revoked is None else self.revoked.to_json(),
        }

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> "Approval":
        """The approval that `to_json` wrote down."""
        revoked = document["revoked"]
        parts = {
            "signatures": tuple(map(Signature.from_json, document["signatures"])),
            "selected": tuple(document["selected"]),
            "cells": tuple(FrozenCell(*cell) for cell in document["cells"]),
            "revoked": None if revoked is None else Signature.from_json(revoked),
        }
        return Approval(**{**document, **parts})


def is_same_person(one: str, other: str) -> bool:
    """Whether two identities may be one person: the same, or a system's user name and an e-mail that begins so."""
    first, second = one.strip().casefold(), other.strip().casefold()
    if "@" in first and "@" in second:
        return first == second
    return bool(first) and first.partition("@")[0] == second.partition("@")[0]
