"""In what state each scenario's approval is: what the installation recorded, what the workbook carries, what it shows.

Whoever can edit a workbook can edit its tabs and its properties. So an installation believes its own record first;
then a seal that its key made; then, saying so, one that somebody else's key made; and a tab without any seal, from
before there were seals, only where there is nothing else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from config.names import fold_key
from sheets_sync.report.approvals import ApprovalState, StateKind
from sheets_sync.report.approved_tab import is_approved_tab, owned_name_of
from sheets_sync.signoff.approval import Approval
from sheets_sync.signoff.carried import Carried, carried_approvals
from sheets_sync.signoff.differences import differences
from sheets_sync.signoff.frozen_cells import cells_of, digest_of, oddities
from sheets_sync.signoff.read_tab import ApprovedTab, read_approved_tab
from sheets_sync.signoff.seal import Seal
from sheets_sync.workbook.snapshot import Snapshot, Tab

NOT_RECORDED = "not recorded on this machine"


@dataclass(frozen=True)
class KnownHere:
    """What this installation knows: the id of the workbook (empty: not known), its approvals, and the keys of seals."""

    workbook_id: str = ""
    approvals: Sequence[Approval] = ()
    keys: Sequence[bytes] = ()


@dataclass(frozen=True)
class _Found:
    """A state, how far it is to be believed (higher is more), and when the approval was given."""

    scenario: str
    state: ApprovalState
    rank: int
    at: datetime


def approval_states(snapshot: Snapshot, here: KnownHere) -> dict[str, ApprovalState]:
    """The state of the approval that counts for each scenario that has one, by folded name."""
    newest: dict[str, _Found] = {}
    for found in _all(snapshot, here):
        folded = fold_key(found.scenario)
        known = newest.get(folded)
        if known is None or (known.rank, known.at) <= (found.rank, found.at):
            newest[folded] = found
    return {folded: found.state for folded, found in newest.items()}


def all_states(snapshot: Snapshot, here: KnownHere) -> list[tuple[str, ApprovalState]]:
    """Every approval that is known or shown, oldest first, each with its scenario; superseded ones included."""
    return [(found.scenario, found.state) for found in sorted(_all(snapshot, here), key=lambda found: found.at)]


def _all(snapshot: Snapshot, here: KnownHere) -> Iterator[_Found]:
    carried = {item.approval_id: item for item in carried_approvals(snapshot.properties)}
    recorded = {approval.approval_id for approval in here.approvals}
    covered = set()
    for approval in here.approvals:
        covered.add(approval.tab.casefold())
        yield _Found(approval.scenario, _recorded(approval, snapshot, carried), 3, approval.at)
    shown = {tab.tab.title.casefold(): tab for tab in _approved_tabs(snapshot)}
    for item in carried.values():
        if item.approval_id not in recorded and item.tab.casefold() not in covered:
            covered.add(item.tab.casefold())
            yield _unrecorded(item, shown.get(item.tab.casefold()), snapshot, here)
    for title, tab in shown.items():
        if title not in covered:
            yield _shown(tab, here)


def _approved_tabs(snapshot: Snapshot) -> Iterator[ApprovedTab]:
    for title, tab in snapshot.tabs.items():
        found = read_approved_tab(tab) if is_approved_tab(title) else None
        if found is not None:
            yield found


def _recorded(approval: Approval, snapshot: Snapshot, carried: Mapping[str, Carried]) -> ApprovalState:
    """The state of an approval of which the installation has every cell."""
    about = f"approved on {day(approval.at)} by {approval.by}"
    if not approval.is_complete:
        missing = approval.needed - len(approval.signatures)
        more = "one more person has" if missing == 1 else f"{missing} more people have"
        return ApprovalState(StateKind.PENDING, f"{about}; {more} to approve", None, approval.approval_id)
    if approval.revoked is not None:
        words = f"approval of {day(approval.at)} by {approval.by} was revoked on {day(approval.revoked.at)} by "
        words += approval.revoked.who + (f": {approval.revoked.comment}" if approval.revoked.comment else "")
        return ApprovalState(StateKind.REVOKED, words, None, approval.approval_id, approval.tab)
    found = tuple(_changes_since(approval, snapshot, carried))
    kind = StateKind.ALTERED if found else StateKind.UNCHANGED
    words = altered(found, about) if found else f"{about}: unchanged"
    return ApprovalState(kind, words, approval.plan, approval.approval_id, approval.tab, found)


def _changes_since(approval: Approval, snapshot: Snapshot, carried: Mapping[str, Carried]) -> Iterator[str]:
    tab = _tab(snapshot, approval.tab)
    if tab is None:
        yield _gone(approval.tab, snapshot)
        return
    yield from differences(approval.cells, tab, approval.open_places)
    now = read_approved_tab(tab)
    if now is None or now.seal_text != approval.seal:
        yield "the seal in the tab is another one"
    if now is not None and now.revoked:
        yield f"Revoked was blank, and is {now.revoked} now"
    other = carried.get(approval.approval_id)
    if other is not None and str(other.seal) != approval.seal:
        yield "the seal in the workbook's properties is another one"


def _unrecorded(item: Carried, tab: ApprovedTab | None, snapshot: Snapshot, here: KnownHere) -> _Found:
    """An approval that the workbook says it carries, and that this installation has not recorded."""
    about = f"approved on {day(item.at)} by {item.by}"
    rank = 2 if item.seal is not None and any(item.seal.is_made_with(key) for key in here.keys) else 1
    if item.revoked is not None:
        words = f"approval of {day(item.at)} by {item.by} was revoked on {day(item.revoked.at)} by {item.revoked.who}"
        return _Found(
            item.scenario, ApprovalState(StateKind.REVOKED, words, None, item.approval_id, item.tab), rank, item.at
        )
    broken = None
    if tab is None:
        found = _tab(snapshot, item.tab)
        broken = _gone(item.tab, snapshot) if found is None else f"the tab {item.tab} is not as it was sealed"
    elif tab.seal != item.seal:
        broken = "the seal in the tab and that in the workbook's properties differ"
    if broken is not None or tab is None:
        state = ApprovalState(
            StateKind.ALTERED, altered([str(broken)], about), None, item.approval_id, item.tab, (str(broken),)
        )
        return _Found(item.scenario, state, rank, item.at)
    return replace(_shown(tab, here, about), scenario=item.scenario, at=item.at)


def _shown(tab: ApprovedTab, here: KnownHere, about: str = "") -> _Found:
    """An approval of which there is only the tab: as good as its seal. `about` is what the workbook says elsewhere."""
    plan, title = tab.plan, tab.tab.title
    about = about or f"approved on {day(plan.at)} by {plan.by}"
    digest = digest_of(cells_of(tab.tab, tab.open_places))
    is_ours = tab.seal is not None and any(tab.seal.is_made_with(key) for key in here.keys)
    rank = 2 if is_ours else 1

    def found(kind: StateKind, words: str, *, counts: bool, broken: str = "") -> _Found:
        state = ApprovalState(kind, words, plan if counts else None, digest[:10], title, (broken,) if broken else ())
        return _Found(plan.scenario, state, rank if tab.seal_text else 0, plan.at)

    if not tab.seal_text:
        words = f"{about}, before approvals were sealed: it cannot be checked"
        return found(StateKind.UNSEALED, words, counts=True)
    odd = oddities(tab.tab, tab.open_places)
    if tab.seal is None or not tab.seal.holds(digest) or odd:
        broken = f"the tab {title} is not as it was sealed"
        return found(StateKind.ALTERED, altered([broken], about), counts=False, broken=broken)
    if not is_ours and _claims_our_key(tab.seal, here):
        broken = f"the seal of the tab {title} was not made on this machine, as it says"
        return found(StateKind.ALTERED, altered([broken], about), counts=False, broken=broken)
    if here.workbook_id and tab.workbook_id != here.workbook_id:
        words = f"not approved here: the workbook that this one is a copy of was {about}"
        return found(StateKind.ELSEWHERE, words, counts=False)
    if tab.revoked:
        return found(
            StateKind.REVOKED, f"approval of {day(plan.at)} by {plan.by} was revoked: {tab.revoked}", counts=False
        )
    return found(StateKind.UNCHANGED, f"{about}: unchanged" + ("" if is_ours else f" ({NOT_RECORDED})"), counts=True)


def _claims_our_key(seal: Seal, here: KnownHere) -> bool:
    return any(Seal.made(seal.digest, key).key_id == seal.key_id for key in here.keys)


def _tab(snapshot: Snapshot, title: str) -> Tab | None:
    return next((tab for known, tab in snapshot.tabs.items() if known.casefold() == title.casefold()), None)


def _gone(title: str, snapshot: Snapshot) -> str:
    """What became of a tab that is not there: deleted, or renamed, which its named range shows."""
    now = snapshot.named_areas.get(owned_name_of(title))
    if now is not None and now.tab.casefold() != title.casefold() and now.tab in snapshot.titles:
        return f"the tab {title} is called {now.tab} now"
    return f"the tab {title} is gone"


def altered(found: Sequence[str], about: str) -> str:
    """The line that says what is not as it was sealed."""
    more = len(found) - 1
    counted = f" and {more} more {'difference' if more == 1 else 'differences'}" if more else ""
    return f"ALTERED: {found[0]}{counted} ({about})"


def day(moment: datetime) -> str:
    """A day in words, in UTC."""
    return f"{moment.day} {moment:%B %Y}"
