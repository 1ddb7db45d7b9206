"""What this installation knows of a workbook's approvals, for every run, `verify` and the list."""

from datetime import UTC

from sheets_sync.inputs.earlier_plans import EarlierPlan
from sheets_sync.report.approvals import ApprovalState, ApprovedPlan
from sheets_sync.run.workbook_history import identify
from sheets_sync.signoff.approval import Approval
from sheets_sync.signoff.states import KnownHere, approval_states
from sheets_sync.store import RunStore, StoreError
from sheets_sync.workbook.snapshot import Snapshot


def known_here(snapshot: Snapshot, store: RunStore | None) -> KnownHere:
    """The approvals of the workbook that was read, and the keys of seals; nothing where the store cannot be used."""
    identity = identify(snapshot, store)
    if store is None:
        return KnownHere(identity.id)
    try:
        approvals = recorded_approvals(store, identity.id) if identity.id else []
        key = store.known_seal_key()
    except StoreError:  # reported where the run is kept
        return KnownHere(identity.id)
    return KnownHere(identity.id, approvals, () if key is None else (key,))


def recorded_approvals(store: RunStore, workbook_id: str | None = None) -> list[Approval]:
    """The approvals that an installation keeps: of one workbook, or of all; oldest first.

    Raises:
        StoreError: the store cannot be read.
    """
    return sorted(map(Approval.from_json, store.approvals(workbook_id)), key=lambda approval: approval.at)


def states_of(snapshot: Snapshot, store: RunStore | None) -> dict[str, ApprovalState]:
    """The state of the newest approval of each scenario that has one, by folded name."""
    return approval_states(snapshot, known_here(snapshot, store))


def known_plans(snapshot: Snapshot, store: RunStore | None) -> dict[str, EarlierPlan]:
    """The newest approval of each scenario as a plan that can be kept, by folded name."""
    plans = plans_of(states_of(snapshot, store))
    return {name: _kept(plan) for name, plan in plans.items()}


def _kept(plan: ApprovedPlan) -> EarlierPlan:
    at = plan.at.astimezone(UTC).replace(tzinfo=None) if plan.at.tzinfo else plan.at
    return EarlierPlan(tuple(plan.selected), f"the approval of {at:%Y-%m-%d}", at, plan.starts)


def plans_of(states: dict[str, ApprovalState]) -> dict[str, ApprovedPlan]:
    """The approved plans that count, by folded scenario name."""
    return {name: state.plan for name, state in states.items() if state.plan is not None}
