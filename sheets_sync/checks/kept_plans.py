"""What a scenario keeps of an earlier plan (`keep`), and how much it may change (`max_changes`), as rules."""

from collections.abc import Iterable, Iterator

from config.names import fold_key
from optimizer.plan import Ban, ChangeLimit, Kept, rules_of_kind
from optimizer.wording import listing
from sheets_sync.checks.context import CheckContext
from sheets_sync.checks.drafts import ScenarioDraft
from sheets_sync.checks.timeline import find_period
from sheets_sync.inputs.earlier_plans import EarlierPlan, EarlierPlans

_NAMED = 12
"""How many keys a message names before it says how many more there are."""


def add_kept_plans(context: CheckContext, earlier: EarlierPlans) -> None:
    """Add the rules of `keep` and `max_changes` to each scenario, and report what cannot be kept."""
    for scenario in context.scenarios:
        approved = earlier.approved.get(fold_key(scenario.name))
        last_run = earlier.last_runs.get(fold_key(scenario.name))
        if scenario.keep:
            _keep(context, scenario, approved if scenario.keep == "approved" else last_run)
        if scenario.max_changes is not None:
            _limit_changes(context, scenario, approved or last_run)


def _keep(context: CheckContext, scenario: ScenarioDraft, plan: EarlierPlan | None) -> None:
    place = scenario.places["keep"]
    if plan is None:
        what = "approval" if scenario.keep == "approved" else "run"
        context.findings.add("nothing_to_keep", place, about=scenario, scenario=scenario.name, what=what)
        return
    banned = {ban.initiative for ban in rules_of_kind(scenario.rules, Ban)}
    candidates = dict(_candidates(context, scenario))
    starts = _starts(context, scenario, plan)
    gone: list[str] = []
    excluded: list[str] = []
    for key in plan.selected:
        own = candidates.get(fold_key(key))
        if own is None:
            gone += [] if _is_done(context, key) else [key]
        elif own in banned:
            excluded.append(own)
        else:
            start = starts.get(fold_key(key))
            scenario.rules.append(Kept(initiative=own, since=plan.words, start=start, source=str(place)))
    for code, keys in (("kept_not_candidate", gone), ("kept_but_excluded", excluded)):
        if keys:
            verb = "was" if len(keys) == 1 else "were"
            named = listing(keys, most=_NAMED)
            context.findings.add(
                code, place, about=scenario, scenario=scenario.name, keys=named, plan=plan.words, verb=verb
            )


def _limit_changes(context: CheckContext, scenario: ScenarioDraft, plan: EarlierPlan | None) -> None:
    place = scenario.places["max_changes"]
    if plan is None:
        context.findings.add("no_plan_to_change", place, about=scenario, scenario=scenario.name)
        return
    candidates = dict(_candidates(context, scenario))
    reference = tuple(candidates[fold_key(key)] for key in plan.selected if fold_key(key) in candidates)
    most = scenario.max_changes or 0
    starts = {candidates[key]: start for key, start in _starts(context, scenario, plan).items() if key in candidates}
    scenario.rules.append(
        ChangeLimit(reference=reference, most=most, since=plan.words, starts=starts, source=str(place))
    )


def _starts(context: CheckContext, scenario: ScenarioDraft, plan: EarlierPlan) -> dict[str, str]:
    """The period of the scenario in which each initiative of an earlier plan was to start, by folded key.

    What was to start before the scenario's first period, and what is in progress, has no start to be kept.
    """
    begun = {fold_key(draft.key) for draft in context.initiatives if draft.key and draft.timing.is_in_progress}
    starts: dict[str, str] = {}
    for key, period in plan.starts.items():
        found = find_period(scenario.horizon, period)
        if found is not None and found[0] == found[1] and fold_key(key) not in begun:
            starts[fold_key(key)] = scenario.horizon[found[0]].name
    return starts


def _candidates(context: CheckContext, scenario: ScenarioDraft) -> Iterator[tuple[str, str]]:
    """The key of each candidate, by its folded form."""
    for draft in context.initiatives:
        if draft.key is not None and not draft.is_broken and draft.takes_part_in(scenario):
            yield fold_key(draft.key), draft.key


def _is_done(context: CheckContext, key: str) -> bool:
    done: Iterable[str] = (fold_key(draft.key) for draft in context.initiatives if draft.is_done and draft.key)
    return fold_key(key) in done
