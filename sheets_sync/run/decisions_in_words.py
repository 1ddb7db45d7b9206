"""A decision in sentences that a person who knows no optimization can check against the sheet."""

from collections.abc import Iterator, Sequence
from typing import Any

from config.units import amount_of
from optimizer.plan import ObjectiveMode, Plan, spoken_resource
from optimizer.portfolio import Portfolio, TargetOutcome
from optimizer.studies.capacity_value import Limit
from optimizer.studies.edits import STUDY
from optimizer.studies.opposite import Opposite
from optimizer.studies.study import Study
from optimizer.studies.thresholds import Threshold, ThresholdKind, Unturned
from optimizer.wording import few, listing, number
from sheets_sync.outcome import brief_status, issues_json
from sheets_sync.report.people_words import part_of_mix
from sheets_sync.run.explain_decisions import Decision, Explanation, ScenarioExplanation, decision_json

SHOWN_RELAXATIONS = 3
SHOWN_MOVES = 12
"""Initiatives that a sentence names: who would have to leave is what people ask."""


def row_above(plans: Sequence[Portfolio]) -> Iterator[str]:
    """What belongs to a table whose rows are plans that follow each other."""
    if len(plans) > 1:
        starts = "; where neither is shown, initiatives start in other periods" if plans[0].horizon else ""
        yield f"What comes in and drops out is against the row above{starts}."


def sentences(study: Study, decision: Decision) -> list[str]:
    """What is decided and why; what the opposite would change; at which numbers the decision turns."""
    turns = (*turning_sentences(study.plan, decision), *unturned_sentences(decision))
    return [_verdict(decision), *_opposite(study, decision), *turns]


def price(study: Study, decision: Decision) -> str:
    """What the opposite decision would change, in a few words for a table."""
    opposite = decision.opposite
    if opposite is None:
        return ""
    if not opposite.is_possible:
        return "impossible" if opposite.is_proven else "not found in time"
    targets = _target_words(study.plan, opposite)
    if targets and study.scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC:
        return "; ".join(targets)
    return "; ".join([objective_words(study, opposite.objective_change or 0.0), *targets])


def _verdict(decision: Decision) -> str:
    return f"{'Selected' if decision.is_selected else 'Not selected'}: {decision.reason}."


def _opposite(study: Study, decision: Decision) -> Iterator[str]:
    opposite = decision.opposite
    if opposite is None:
        return
    if not opposite.is_possible:
        yield from _impossible(decision, opposite)
        return
    subject = "Without it" if opposite.is_selected else "With it"
    if decision.is_commanded:
        subject = "Without that rule, and without it" if opposite.is_selected else "Without that rule, and with it"
    parts = [objective_words(study, opposite.objective_change or 0.0), *_target_words(study.plan, opposite)]
    if study.scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC:
        parts = [*parts[1:], parts[0]]
    if not opposite.is_proven:
        parts.append("as far as time allowed")
    yield f"{subject}: {', '.join(parts)}{_exchange(opposite)}."


def _impossible(decision: Decision, opposite: Opposite) -> Iterator[str]:
    what = "It cannot be left out" if opposite.is_selected else "It cannot be selected"
    if not opposite.is_proven:
        yield f"No plan {'without' if opposite.is_selected else 'with'} it was found in the time allowed."
        return
    if decision.conflict is None:
        yield f"{what}: no plan keeps every rule then."
        return
    rules = [rule.wording for rule in decision.conflict.rules if rule.source != STUDY]
    yield f"{what}: {listing(rules) or 'no plan keeps every rule then'}."
    ways = [
        relaxation.sentence
        for relaxation in decision.conflict.relaxations
        if all(change.rule.source != STUDY for change in relaxation.changes)
    ]
    if ways:
        yield f"To make it possible: {'; or '.join(ways[:SHOWN_RELAXATIONS])}."


def objective_words(study: Study, change: float) -> str:
    """``£40,000 less GMV``; the objective's own sign says what is better."""
    base = abs(study.answer.objective or 0.0)
    if abs(change) <= study.room * max(base, 1e-12):
        return "exactly as good"
    word = "less" if change < 0 else "more"
    objective = study.objective
    if study.scenario.uses_north_star:
        kpi = study.plan.kpi(objective.name)
        return f"{amount_of(abs(change), kpi)} {word} {kpi.name or kpi.key}"
    return f"{part_of_mix(abs(change), base)} {word} of the weighted sum"


def target_changes(study: Study, before: Sequence[TargetOutcome], after: Sequence[TargetOutcome]) -> Iterator[str]:
    """Targets that are missed by less, or by more, than before."""
    for was, would_be in zip(before, after, strict=True):
        if was.shortfall == would_be.shortfall:
            continue
        kpi = study.plan.kpi(would_be.target.kpi)
        name = f"the target for {kpi.name or kpi.key}{would_be.target.scope}"
        if would_be.met:
            yield f"{name} reached"
        else:
            also = f" instead of {amount_of(was.shortfall, kpi)}" if was.shortfall else ""
            yield f"{name} missed by {amount_of(would_be.shortfall, kpi)}{also}"


def _target_words(plan: Plan, opposite: Opposite) -> list[str]:
    words = []
    for before, after in opposite.targets_worse:
        kpi = plan.kpi(after.target.kpi)
        where = after.target.scope
        also = f" instead of {amount_of(before.shortfall, kpi)}" if before.shortfall else ""
        words.append(f"the target for {kpi.name or kpi.key}{where} missed by {amount_of(after.shortfall, kpi)}{also}")
    return words


def _exchange(opposite: Opposite) -> str:
    moves = []
    if opposite.came_in:
        moves.append(f"{listing(opposite.came_in, most=SHOWN_MOVES)} would come in")
    if opposite.went_out:
        moves.append(f"{listing(opposite.went_out, most=SHOWN_MOVES)} would drop out")
    return f"; {listing(moves)}" if moves else ""


def exchange_words(came_in: Sequence[str], went_out: Sequence[str]) -> str:
    """What comes in and drops out of another plan."""
    moves = [f"{few(list(keys))} {verb}" for keys, verb in ((came_in, "in"), (went_out, "out")) if keys]
    return listing(moves) if moves else "the same initiatives"


def turning_sentences(plan: Plan, decision: Decision) -> Iterator[str]:
    """At which numbers the decision turns; nothing where none is known."""
    if not decision.thresholds:
        return
    if not decision.is_selected:
        yield f"It would be selected with {listing([_limit(plan, False, one) for one in decision.thresholds], 'or')}."
        return
    capacities = [one for one in decision.thresholds if one.kind is ThresholdKind.CAPACITY]
    own = [_limit(plan, True, one) for one in decision.thresholds if one not in capacities]
    if own:
        yield f"It stays selected as long as {listing(own, 'and')}{', each taken alone' if len(own) > 1 else ''}."
    if capacities:
        # Still less may bring it in again, and more than today may displace it: nothing is said of either.
        ends = listing([_limit(plan, True, one) for one in capacities], "or below")
        yield f"It would drop out if the capacity fell below {ends}."


def unturned_sentences(decision: Decision) -> Iterator[str]:
    """Which capacities and costs, changed alone, leave the decision as it is; nothing where that is not proven."""
    ways = [_unturned(decision.is_selected, one) for one in decision.unturned]
    if not ways:
        return
    alone = ", each taken alone" if len(ways) > 1 else ""
    if decision.is_selected:
        end = "no plan without it is better than the best one with it. Less was not looked at."
        yield f"It stays in {listing(ways, 'or')}{alone}: {end}"
    else:
        yield f"It stays out {listing(ways, 'or')}{alone}: no plan with it is better than the best one without it."


def _unturned(is_selected: bool, one: Unturned) -> str:
    """``up to a capacity of 68 tokens (now 34)``, or ``even if it costs no tokens (now 13)``."""
    now, count = f"now {number(one.now)}", number(one.looked_to)
    if one.kind is ThresholdKind.COST:
        return f"even if it costs no {spoken_resource(one.of)} ({now})"
    where = "" if one.limit is None else _where(one.limit)
    if one.is_however_far:
        return f"however large the capacity of {spoken_resource(one.of)}{where} is ({now})"
    amount = f"{count} {spoken_resource(one.of, count)}{where} ({now})"
    return f"{'down' if is_selected else 'up'} to a capacity of {amount}"


def _limit(plan: Plan, is_selected: bool, threshold: Threshold) -> str:
    if threshold.kind is not ThresholdKind.CONTRIBUTION:
        now, edge = f"now {number(threshold.now)}", threshold.holds_until if is_selected else threshold.turns_at
        count = number(edge)
        unit = spoken_resource(threshold.of, count)
        if threshold.kind is ThresholdKind.CAPACITY:
            where = "" if threshold.limit is None else _where(threshold.limit)
            return f"{'' if is_selected else 'a capacity of '}{count} {unit}{where} ({now})"
        if is_selected:
            return f"it costs at most {count} {unit} ({now})"
        return f"{count} {unit} or fewer ({now})" if edge else f"no {unit} at all ({now})"
    kpi = plan.kpi(threshold.of)
    bound = amount_of(threshold.holds_until if is_selected else threshold.turns_at, kpi)
    least = "at least" if kpi.direction.sign > 0 else "at most"
    now = f"now {amount_of(threshold.now, kpi)}"
    name = kpi.name or kpi.key
    return f"its {name} is {least} {bound} ({now})" if is_selected else f"{name} of {least} {bound} ({now})"


def _where(limit: Limit) -> str:
    """`` for department Data in 2026-Q3``, to be put after a capacity; `` in each period`` for all of them."""
    part = f" for {limit.part}" if limit.part else ""
    return f"{part} in {limit.period or 'each period'}"


def title_of(decision: Decision) -> str:
    """``GRO-106 (One-click reorder)``; the key alone without a title."""
    initiative = decision.initiative
    return f"{initiative.key} ({initiative.title})" if initiative.title else initiative.key


def shortened(keys: Sequence[str]) -> str:
    """The keys of a table's cell: the first three, and how many more there are."""
    return few(list(keys))


def titled_keys(plan: Plan, keys: Sequence[str]) -> str:
    """The keys, each with its title in brackets."""
    titles = {one.key: one.title for one in plan.initiatives}
    return ", ".join(f"{key} ({titles[key]})" if titles.get(key) else key for key in keys)


def moved_starts(was: Portfolio, would_be: Portfolio) -> Iterator[str]:
    """What starts in another period than before, in plans over several."""
    for key, period in would_be.starts.items():
        before = was.starts.get(key)
        if before is not None and before != period:
            yield f"{key} would start in {period} instead of {before}."


def changed_figures(plan: Plan, was: Portfolio, would_be: Portfolio) -> Iterator[tuple[str, str, str, str]]:
    """Each KPI total and each use of a resource: its name, before, after, and the change where there is one."""
    for kpi in plan.kpis:
        before, after = was.kpi_totals[kpi.key], would_be.kpi_totals[kpi.key]
        change = _signed(after - before, amount_of(after - before, kpi))
        yield kpi.name or kpi.key, amount_of(before, kpi), amount_of(after, kpi), change
    used = {use.resource: use.used for use in was.resources}
    for use in would_be.resources:
        before = used.get(use.resource, 0.0)
        name = spoken_resource(use.resource)
        yield f"{name} used", number(before), number(use.used), _signed(use.used - before, number(use.used - before))


def _signed(change: float, text: str) -> str:
    return "" if not change else f"+{text}" if change > 0 else text


def stopped_words(scenario: ScenarioExplanation) -> str:
    """How far an explanation came that was ended early."""
    assert scenario.study is not None
    if scenario.is_of_one:
        if scenario.decisions[0].opposite is None:
            return "Stopped before it was complete: what the opposite decision would change was not found."
        return "Stopped before it was complete: further numbers at which the decision turns were not looked for."
    found, all_of_them = len(scenario.decisions), len(scenario.study.candidates)
    if found < all_of_them:
        return f"Stopped before it was complete: {found} of {all_of_them} initiatives are explained."
    known = sum(bool(one.thresholds) for one in scenario.decisions)
    return f"Stopped before it was complete: the numbers at which decisions turn are known for {known} initiatives."


def explanation_lines(found: Explanation) -> Iterator[str]:
    """Each scenario's outcome, then its decisions: a line for each sentence of one, or a line for each of all."""
    for scenario in found.scenarios:
        yield f"{scenario.outcome.name}: {brief_status(scenario.outcome, found.outcome.plan)}"
        if scenario.study is None:
            continue
        if scenario.is_stopped:
            yield stopped_words(scenario)
        for one in scenario.decisions:
            words = sentences(scenario.study, one)
            if scenario.is_of_one:
                yield title_of(one)
                yield from words
            else:
                yield f"{title_of(one)}: {' '.join(words)}"


def explanation_json(found: Explanation) -> dict[str, Any]:
    """Ready for json.dumps; amounts are in native units."""
    return {
        "workbook": found.outcome.facts.workbook,
        "run_id": found.outcome.facts.run_id,
        "inputs_fingerprint": found.outcome.facts.fingerprint,
        "stopped": found.is_stopped,
        "issues": issues_json(found.outcome.issues),
        "scenarios": [
            {
                "scenario": scenario.outcome.name,
                "status": scenario.outcome.status,
                "objective": None if scenario.study is None else scenario.study.answer.objective,
                "problems": list(scenario.outcome.problems),
                "stopped": scenario.is_stopped,
                "initiatives": [
                    {
                        **decision_json(one, scenario.outcome.name, found.inputs.checked),
                        "sentences": sentences(scenario.study, one),
                    }
                    for one in scenario.decisions
                    if scenario.study is not None
                ],
            }
            for scenario in found.scenarios
        ],
    }
