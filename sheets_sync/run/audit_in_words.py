"""An audit in sentences that the person who made the plan can check against the sheet."""

from collections.abc import Iterator, Mapping, Sequence

from config.units import amount_of
from optimizer.plan import TOKENS, Plan
from optimizer.studies.audit import NEAR_BEST, Alternative, Audit, AuditQuestion
from optimizer.studies.study import Study
from optimizer.wording import listing, number
from sheets_sync.run.audit_column import AuditAnswer
from sheets_sync.run.decisions_in_words import titled_keys

TITLED = 4
"""Up to so many initiatives are named with their titles: more would hide the figures behind them."""
_LOOKED_FOR = {
    AuditQuestion.BETTER: "what is better at the same cost",
    AuditQuestion.CHEAPER: "what is cheaper at the same value",
    AuditQuestion.NEAR_BEST: f"the fewest changes to within {NEAR_BEST:.0%} of the best",
}


def audit_sentences(answer: AuditAnswer) -> Iterator[str]:
    """What the plan amounts to, the rules that it breaks, and what would be better."""
    study, audit = answer.reading.study, answer.audit
    if study is None or audit is None:
        return
    count = len(audit.evaluation.selected)
    worth = _worth(study, audit.evaluation.objective)
    yield f"The plan ticks {count} {'initiative' if count == 1 else 'initiatives'}: {worth}, {_used(_spent(audit))}."
    yield from _faults(study.plan, audit)
    yield f"The best plan: {_worth(study, audit.best_objective)}, {_used(_best_use(study))}."
    if AuditQuestion.BETTER in audit.unanswered:
        pass
    elif audit.better is None:
        yield "At the same cost nothing is better."
    else:
        yield f"Better at the same cost: {_described(study, audit.better)}"
    if AuditQuestion.CHEAPER in audit.unanswered:
        pass
    elif audit.cheaper is None:
        yield "No plan of at least its value is cheaper."
    else:
        yield f"Cheaper at the same value: {_described(study, audit.cheaper)}"
    if AuditQuestion.NEAR_BEST not in audit.unanswered:
        yield from _nearest(study, audit)
    if audit.unanswered:
        looked_for = listing([_LOOKED_FOR[question] for question in audit.unanswered])
        yield f"Stopped before it was complete; not looked for: {looked_for}."


def _faults(plan: Plan, audit: Audit) -> Iterator[str]:
    for key in audit.strangers:
        yield f"It ticks {titled_keys(plan, [key])}, which is not a candidate of this scenario."
    for broken in audit.broken:
        by = "" if broken.amount is None else f"; off by {number(float(f'{broken.amount:.12g}'))}"
        yield f"It breaks a rule: {broken.rule.wording}{by}."
    if not audit.broken and not audit.strangers:
        yield "It keeps every rule."
    for outcome in audit.evaluation.targets:
        if not outcome.met:
            kpi = plan.kpi(outcome.target.kpi)
            where = f" for {outcome.target.slice}" if outcome.target.slice else ""
            yield f"It misses the target for {kpi.name or kpi.key}{where} by {amount_of(outcome.shortfall, kpi)}."


def _nearest(study: Study, audit: Audit) -> Iterator[str]:
    near = audit.near_best
    share = f"{NEAR_BEST:.0%}"
    if near is None:
        yield f"No plan within {share} of the best was found in the time allowed."
    elif not near.came_in and not near.went_out:
        yield f"It is within {share} of the best as it is."
    else:
        yield f"Fewest changes to within {share} of the best: {_described(study, near)}"


def _described(study: Study, found: Alternative) -> str:
    moves = []
    if found.came_in:
        moves.append(f"add {_named(study.plan, found.came_in)}")
    if found.went_out:
        moves.append(f"drop {_named(study.plan, found.went_out)}")
    doubt = "" if found.is_proven else " (as far as time allowed)"
    return f"{'; '.join(moves)}. That is {_worth(study, found.objective)}, {_used(found.resources)}{doubt}."


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
