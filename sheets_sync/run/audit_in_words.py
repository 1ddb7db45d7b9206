"""An audit in sentences that the person who made the plan can check against the sheet."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from config.units import amount_of
from optimizer.plan import Initiative, Plan, TargetKind, spoken_resource
from optimizer.studies.audit import NEAR_BEST, Alternative, Audit, AuditQuestion
from optimizer.studies.moves import Move
from optimizer.studies.opposite import is_verdict
from optimizer.studies.study import Study
from optimizer.wording import listing, number
from sheets_sync.run.audit_column import AuditAnswer
from sheets_sync.run.decisions_in_words import objective_words, target_changes, titled_keys

TITLED = 4
"""Up to so many initiatives are named with their titles: more would hide the figures behind them."""
LISTED = 20
"""Up to so many are named at all, and so many moves are listed."""
_LOOKED_FOR = {
    AuditQuestion.BETTER: "what is better at the same cost",
    AuditQuestion.CHEAPER: "what is cheaper at the same value",
    AuditQuestion.NEAR_BEST: f"the fewest changes to within {NEAR_BEST:.0%} of the best",
}


def audit_sentences(answer: AuditAnswer, *, with_moves: bool = True) -> Iterator[str]:
    """What the plan amounts to, the rules that it breaks, and what would be better.

    `with_moves` lists the moves to the best, one a line, where there are several.
    """
    study, audit = answer.reading.study, answer.audit
    if study is None or audit is None:
        return
    count = len(audit.evaluation.selected)
    worth = _worth(study, audit.evaluation.objective)
    verb = "starts" if study.answer.horizon else "ticks"
    yield f"The plan {verb} {count} {'initiative' if count == 1 else 'initiatives'}: {worth}, {_used(_spent(audit))}."
    yield from _faults(study, audit)
    yield f"{best_plan_words(study)}: {_worth(study, audit.best_objective)}, {_used(_best_use(study))}."
    if AuditQuestion.BETTER not in audit.unanswered:
        yield _better(study, audit)
    if AuditQuestion.CHEAPER not in audit.unanswered:
        yield _cheaper(study, audit)
    if AuditQuestion.NEAR_BEST not in audit.unanswered:
        yield from _nearest(study, audit, with_moves=with_moves)
    if audit.unanswered:
        looked_for = listing([_LOOKED_FOR[question] for question in audit.unanswered])
        yield f"Stopped before it was complete; not looked for: {looked_for}."


def best_plan_words(study: Study) -> str:
    """``The best plan``; where time ended the proof, the best that was found."""
    return "The best plan" if is_verdict(study.answer) else "The best plan that was found in the time allowed"


def _better(study: Study, audit: Audit) -> str:
    if audit.better is not None:
        return f"Better at the same cost: {_described(study, audit.better)}{_doubt(audit, AuditQuestion.BETTER)}"
    if AuditQuestion.BETTER in audit.unproven:
        return "At the same cost nothing better was found in the time allowed."
    return f"At the same cost no {_rival(audit)} is better."


def _cheaper(study: Study, audit: Audit) -> str:
    if audit.cheaper is not None:
        return f"Cheaper at the same value: {_described(study, audit.cheaper)}{_doubt(audit, AuditQuestion.CHEAPER)}"
    if AuditQuestion.CHEAPER in audit.unproven:
        return "At the same value nothing cheaper was found in the time allowed."
    return f"At the same value no {_rival(audit)} is cheaper."


def _rival(audit: Audit) -> str:
    """What the plan is compared with: it may owe its figures to a rule that it breaks."""
    return "plan" if audit.evaluation.is_allowed else "plan that keeps every rule"


def _doubt(audit: Audit, question: AuditQuestion) -> str:
    return " A still better plan was not ruled out in the time allowed." if question in audit.unproven else ""


def _faults(study: Study, audit: Audit) -> Iterator[str]:
    plan, candidates = study.plan, {one.key: one for one in study.candidates}
    for key in audit.strangers:
        if key in candidates:
            yield f"It starts {titled_keys(plan, [key])} in {_wrong_start(study, audit, candidates[key])}."
        else:
            verb = "starts" if study.answer.horizon else "ticks"
            named = titled_keys(plan, [key])
            yield f"It {verb} {named}, which is not a candidate of this scenario: no rule below counts it."
    for broken in audit.broken:
        by = f"; off by {broken.by}" if broken.by else ""
        yield f"It breaks a rule: {broken.rule.wording}{by}."
    if not audit.broken and not audit.strangers:
        yield "It keeps every rule."
    for outcome in audit.evaluation.targets:
        # A floor is a rule.
        if not outcome.met and outcome.target.kind is TargetKind.GOAL:
            kpi = plan.kpi(outcome.target.kpi)
            by = amount_of(outcome.shortfall, kpi)
            yield f"It misses the target for {kpi.name or kpi.key}{outcome.target.scope} by {by}."


def _wrong_start(study: Study, audit: Audit, initiative: Initiative) -> str:
    """``2026-Q4; it takes 2 periods, so it would not be finished by 2026-Q4``: why it cannot start when it does."""
    start, horizon = audit.evaluation.starts[initiative.key], study.answer.horizon
    if initiative.is_in_progress:
        return f"{start}; it is in progress, so it goes on in {horizon[0]}"
    if horizon.index(start) + initiative.duration > len(horizon):
        return f"{start}; it takes {initiative.duration} periods, so it would not be finished by {horizon[-1]}"
    return f"{start}; its period is {initiative.period_key}"


def _nearest(study: Study, audit: Audit, *, with_moves: bool) -> Iterator[str]:
    near, moves = audit.near_best, audit.moves
    assert near is not None
    goal = f"within {NEAR_BEST:.0%} of the best{'' if is_verdict(study.answer) else ' that was found'}"
    if not moves:
        yield f"It is {goal} as it is."
        return
    start = f"Fewest changes to {goal}"
    then = f"That is {_worth(study, near.objective)}, {_used(near.resources)}."
    if AuditQuestion.NEAR_BEST in audit.unproven:
        then += " Fewer changes were not ruled out in the time allowed."
    if len(moves) == 1:
        yield f"{start}: {move_words(study, moves[0])}. {then}"
        return
    yield f"{start}: {len(moves)} moves, in this order{_may_stop(moves)}. {then}"
    for rank, move in enumerate(moves[:LISTED] if with_moves else (), start=1):
        yield f"  {rank}. {move_words(study, move)}"
    if with_moves and len(moves) > LISTED:
        yield f"  {len(moves) - LISTED} more moves are in the answer with --json, and in the tab Analysis with --write."


def _may_stop(moves: Sequence[Move]) -> str:
    """After which moves one may stop."""
    kept = [move.after.is_allowed for move in moves]
    first = next(number for number in range(len(kept)) if all(kept[number:])) + 1
    if first == 1:
        return "; every rule is kept after each, so you can stop after any of them"
    if first == len(moves):
        return "; every rule is kept after the last"
    return f"; every rule is kept from move {first} on, so you can stop after any later one"


def move_words(study: Study, move: Move) -> str:
    """``add A (Faster search); drop B (Loyalty club): £40,000 more GMV; tokens +10``."""
    return f"{_changes(study.plan, move)}: {move_price(study, move)}"


def move_price(study: Study, move: Move) -> str:
    """``£40,000 more GMV; tokens +10``: what it changes of the objective, of targets, of what is used, and of rules."""
    brings = [objective_words(study, move.objective_change)]
    brings += target_changes(study, move.before.targets, move.after.targets)
    uses = [
        f"{spoken_resource(resource)} {'+' if change > 0 else '-'}{number(float(f'{abs(change):.12g}'))}"
        for resource, change in move.resource_changes.items()
    ]
    rules = [f"puts right: {', '.join(move.puts_right)}"] if move.puts_right else []
    return "; ".join(", ".join(parts) for parts in (brings, uses, rules) if parts)


def _described(study: Study, found: Alternative) -> str:
    changes = _changes(study.plan, found)
    return f"{changes}. That is {_worth(study, found.objective)}, {_used(found.resources)}."


def _changes(plan: Plan, change: Move | Alternative) -> str:
    """``add A (Faster search) in 2026-Q3; drop B (Loyalty club); move C from 2026-Q3 to 2026-Q4``."""
    starts = change.after.starts if isinstance(change, Move) else change.starts
    moves = []
    if change.came_in:
        moves.append(f"add {_named(plan, change.came_in, starts)}")
    if change.went_out:
        moves.append(f"drop {_named(plan, change.went_out)}")
    if change.moved:
        shifts = [f"{_named(plan, [key])} from {was} to {now}" for key, was, now in change.moved]
        moves.append(f"move {', '.join(shifts)}")
    return "; ".join(moves)


def _named(plan: Plan, keys: Sequence[str], starts: Mapping[str, str] = MappingProxyType({})) -> str:
    """The keys with their titles; the keys alone where there are many. Beside them is when each of `starts` starts."""
    name = partial(titled_keys, plan) if len(keys) <= TITLED else ", ".join
    named = [f"{name([key])} in {starts[key]}" if key in starts else name([key]) for key in keys]
    return ", ".join(named) if len(named) <= LISTED else f"{listing(named, most=LISTED)} (all: --json or --write)"


def _worth(study: Study, objective: float) -> str:
    if study.scenario.uses_north_star:
        kpi = study.plan.kpi(study.objective.name)
        return f"{kpi.name or kpi.key} {amount_of(objective, kpi)}"
    return f"a weighted sum of {number(float(f'{objective:.6g}'))}"


def _spent(audit: Audit) -> dict[str, float]:
    return {use.resource: use.used for use in audit.evaluation.resources}


def _best_use(study: Study) -> dict[str, float]:
    return {use.resource: use.used for use in study.answer.resources}


def _used(resources: Mapping[str, float]) -> str:
    amounts = [(number(amount), name) for name, amount in resources.items()]
    return listing([f"{amount} {spoken_resource(name, amount)}" for amount, name in amounts])
