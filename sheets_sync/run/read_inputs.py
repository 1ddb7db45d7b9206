"""The first step of a run: read the workbook and check what was read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from config.names import fold_key
from config.tabs import input_tabs
from optimizer.plan import ChangeLimit, Kept, Plan, Scenario, rules_of_kind
from sheets_sync.checks import Checked, check
from sheets_sync.inputs.earlier_plans import EarlierPlan, EarlierPlans, LastSelection, starts_of
from sheets_sync.inputs.fingerprint import fingerprint
from sheets_sync.inputs.stated_tabs import further_inputs
from sheets_sync.report.approved_tab import is_approved_tab
from sheets_sync.report.runs_log import TITLE as RUNS_TITLE
from sheets_sync.run.known_approvals import known_plans
from sheets_sync.run.previous_runs import (
    last_fingerprints,
    last_run_plans,
    last_selections,
    last_starts,
)
from sheets_sync.store import PastPlans, RunStore
from sheets_sync.workbook.backend import REPORT_NAMES, Workbook
from sheets_sync.workbook.snapshot import Snapshot


class UnknownScenarioError(Exception):
    """A scenario was asked for that the workbook does not have; the message names those that it has."""


@dataclass(frozen=True)
class Reading:
    """What a run read, checked: the inputs, and what the last run and the newest approval of each scenario selected.

    Both are by folded name.
    """

    snapshot: Snapshot
    checked: Checked
    previous: Mapping[str, frozenset[str]]
    approved: Mapping[str, EarlierPlan] = field(default_factory=dict)

    @property
    def scenarios(self) -> Sequence[str]:
        """The scenarios that can be solved, in the order of the sheet."""
        return [] if self.checked.plan is None else [scenario.name for scenario in self.checked.plan.scenarios]

    @property
    def last_selections(self) -> Mapping[str, frozenset[str]]:
        """The selection of the last run of each scenario that can be solved and has one, by its name."""
        names = [name for name in self.scenarios if fold_key(name) in self.previous]
        return {name: self.previous[fold_key(name)] for name in names}

    @property
    def is_unchanged(self) -> bool:
        """Whether every scenario to run was last run on these very inputs."""
        chosen = [fold_key(scenario.name) for scenario in self.checked.scenarios if scenario.is_chosen]
        last, now = last_fingerprints(self.snapshot), fingerprint(self.checked.frames)
        return bool(chosen) and all(last.get(name) == now for name in chosen) and not self._has_new_approval

    @property
    def _has_new_approval(self) -> bool:
        """Whether a plan that some scenario keeps, or may change little of, was approved after its last run."""
        plan = self.checked.plan
        asked = [] if plan is None else [s.name for s in plan.scenarios if _keeps_a_plan(s)]
        if not asked:
            return False
        starts = last_starts(self.snapshot)
        kept = {fold_key(name): self.approved[fold_key(name)] for name in asked if fold_key(name) in self.approved}
        return any(name not in starts or plan.at is None or plan.at >= starts[name] for name, plan in kept.items())


def _keeps_a_plan(scenario: Scenario) -> bool:
    return bool(rules_of_kind(scenario.rules, Kept) or rules_of_kind(scenario.rules, ChangeLimit))


def read_inputs(workbook: Workbook, scenarios: Sequence[str] | None, store: RunStore | None = None) -> Reading:
    """Read and check one workbook for a run of these scenarios; None is every ticked one.

    `store` knows which approvals this installation recorded.

    Raises:
        UnknownScenarioError: one of them is not in the workbook.
        WorkbookError: the workbook cannot be reached.
    """
    snapshot = workbook.read(wanted_tabs, further_inputs)
    past = past_plans(snapshot, store)
    return check_inputs(snapshot, past.previous, scenarios, past.approved)


def past_plans(snapshot: Snapshot, store: RunStore | None) -> PastPlans:
    """The last runs and approvals that the workbook and the store know; for a moment of the past, those of then."""
    if store is not None and store.past is not None:
        return store.past
    return PastPlans(last_selections(snapshot), known_plans(snapshot, store))


def check_inputs(
    snapshot: Snapshot,
    previous: Mapping[str, frozenset[str]],
    scenarios: Sequence[str] | None,
    approved: Mapping[str, EarlierPlan] = MappingProxyType({}),
) -> Reading:
    """Check what was read, now or by a run of the past; `previous` and `approved` are by folded scenario name.

    Raises:
        UnknownScenarioError: one of the scenarios is not in the workbook.
    """
    checked = check(snapshot, scenarios, earlier=EarlierPlans(approved, last_run_plans(previous)))
    refuse_unknown(checked, scenarios)
    return Reading(snapshot, checked, _spelt_as_in_plan(previous, checked.plan), approved)


def wanted_tabs(title: str) -> bool:
    """Whether a run reads the tab of that title: the inputs, and what earlier runs left."""
    written = fold_key(title) in {fold_key(ours) for ours in (*REPORT_NAMES, RUNS_TITLE)}
    return input_tabs(title) or written or is_approved_tab(title)


def refuse_unknown(checked: Checked, names: Sequence[str] | None) -> None:
    """Report scenarios that the workbook does not have.

    Raises:
        UnknownScenarioError: one of the names is not a scenario's.
    """
    known = {fold_key(scenario.name) for scenario in checked.scenarios}
    unknown = [name for name in names or () if fold_key(name) not in known]
    if unknown and known:
        have = ", ".join(scenario.name for scenario in checked.scenarios)
        raise UnknownScenarioError(f"There is no scenario {', '.join(unknown)} in the workbook. It has: {have}.")


def _spelt_as_in_plan(previous: Mapping[str, frozenset[str]], plan: Plan | None) -> dict[str, frozenset[str]]:
    """Earlier selections with each key as the sheet spells it now: `A` that became `a` is the same initiative."""
    spelling = {} if plan is None else {fold_key(initiative.key): initiative.key for initiative in plan.initiatives}

    def spelt(key: str) -> str:
        return spelling.get(fold_key(key), key)

    return {
        scenario: LastSelection(map(spelt, keys), {spelt(key): start for key, start in starts_of(keys).items()})
        for scenario, keys in previous.items()
    }
