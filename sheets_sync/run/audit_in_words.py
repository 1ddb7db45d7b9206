"""An audit in sentences that the person who made the plan can check against the sheet."""

from collections.abc import Iterator, Mapping, Sequence

from config.units import amount_of
from optimizer.plan import TOKENS, Plan, TargetKind
from optimizer.studies.audit import NEAR_BEST, Alternative, Audit, AuditQuestion
from optimizer.studies.moves import Move
from optimizer.studies.study import Study
from optimizer.wording import listing, number
from sheets_sync.run.audit_column import AuditAnswer
from sheets_sync.run.decisions_in_words import objective_words, target_changes, titled_keys

TITLED = 4
"""Up to so many initiatives are named with their titles: more would hide the figures behind them."""
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
    yield f"The plan ticks {count} {'initiative' if count == 1 else 'initiatives'}: {worth}, {_used(_spent(audit))}."
    yield from _faults(study.plan, audit)
    yield f"The best plan: {_worth(study, audit.best_objective)}, {_used(_best_use(study))}."
    if AuditQuestion.BETTER not in audit.unanswered:
        yield _better(study, audit)
    if AuditQuestion.CHEAPER not in audit.unanswered:
        yield _cheaper(study, audit)
    if AuditQuestion.NEAR_BEST not in audit.unanswered:
        yield from _nearest(study, audit, with_moves=with_moves)
    if audit.unanswered:
        looked_for = listing([_LOOKED_FOR[question] for question in audit.unanswered])
        yield f"Stopped before it was complete; not looked for: {looked_for}."


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


def _faults(plan: Plan, audit: Audit) -> Iterator[str]:
    for key in audit.strangers:
        yield f"It ticks {titled_keys(plan, [key])}, which is not a candidate of this scenario."
    for broken in audit.broken:
        by = "" if broken.amount is None else f"; off by {number(float(f'{broken.amount:.12g}'))}"
        yield f"It breaks a rule: {broken.rule.wording}{by}."
    if not audit.broken and not audit.strangers:
        yield "It keeps every rule."
    for outcome in audit.evaluation.targets:
        # A floor is a rule.
        if not outcome.met and outcome.target.kind is TargetKind.GOAL:
            kpi = plan.kpi(outcome.target.kpi)
            where = f" for {outcome.target.slice}" if outcome.target.slice else ""
            yield f"It misses the target for {kpi.name or kpi.key}{where} by {amount_of(outcome.shortfall, kpi)}."


def _nearest(study: Study, audit: Audit, *, with_moves: bool) -> Iterator[str]:
    near, moves = audit.near_best, audit.moves
    share = f"{NEAR_BEST:.0%}"
    if near is None:
        yield f"No plan within {share} of the best was found in the time allowed."
        return
    if not moves:
        yield f"It is within {share} of the best as it is."
        return
    start = f"Fewest changes to within {share} of the best"
    then = f"That is {_worth(study, near.objective)}, {_used(near.resources)}."
    if AuditQuestion.NEAR_BEST in audit.unproven:
        then += " Fewer changes were not ruled out in the time allowed."
    if len(moves) == 1:
        yield f"{start}: {move_words(study, moves[0])}. {then}"
        return
    yield f"{start}: {len(moves)} moves, in this order{_may_stop(moves)}. {then}"
    for rank, move in enumerate(moves if with_moves else (), start=1):
        yield f"  {rank}. {move_words(study, move)}"


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
    return f"{_changes(study.plan, move.came_in, move.went_out)}: {move_price(study, move)}"


def move_price(study: Study, move: Move) -> str:
    """``£40,000 more GMV; tokens +10``: what it changes of the objective, of targets, and of what is used."""
    brings = [objective_words(study, move.objective_change)]
    brings += target_changes(study, move.before.targets, move.after.targets)
    uses = [
        f"{'tokens' if resource == TOKENS else resource} {'+' if change > 0 else '-'}"
        f"{number(float(f'{abs(change):.12g}'))}"
        for resource, change in move.resource_changes.items()
    ]
    return "; ".join(", ".join(parts) for parts in (brings, uses) if parts)


def _described(study: Study, found: Alternative) -> str:
    changes = _changes(study.plan, found.came_in, found.went_out)
    return f"{changes}. That is {_worth(study, found.objective)}, {_used(found.resources)}."


def _changes(plan: Plan, came_in: Sequence[str], went_out: Sequence[str]) -> str:
    moves = []
    if came_in:
        moves.append(f"add {_named(plan, came_in)}")
    if went_out:
        moves.append(f"drop {_named(plan, went_out)}")
    return "; ".join(moves)


def _named(plan: Plan, keys: Sequence[str]) -> str:
    """The keys with their titles; the keys alone where there are many."""
    return titled_keys(plan, keys) if len(keys) <= TITLED else ", ".join(keys)


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
    return listing([f"{number(amount)} {'tokens' if name == TOKENS else name}" for name, amount in resources.items()])
