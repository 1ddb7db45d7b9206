"""What a person should know about a scenario, found while solving it.

weight_without_effect
    The weighted KPI is drowned by the unit of others: the scenario has the same portfolio without it, and another one
    with the normalization named as cure. Figures: share, weight, largest_effect, cure.
idle_weight
    The same, where no normalization would change the portfolio either, or where the KPI is no small part of the
    objective: the others ask for the same portfolio. For information. Figures: share.
idle_north_star
    Initiatives contribute to the north star, and the scenario has the same portfolio without it: the goals, or the
    rules, leave nothing for it to decide. For information.
normalization_without_effect
    A normalization where there is nothing to make comparable. Figures: normalization.
sizes_far_apart
    Amounts so far apart that the answer is not proven though neither time nor work ended it. Figures: initiative,
    amount, other, other_kpi, other_amount.
ideal_is_zero
    Normalization `ideal`: the KPI's best total is 0, so that it counts in its own unit. Figures: reason (`no
    contribution`, or `best is nothing` where moving it only makes it worse).
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from optimizer import exact
from optimizer.explain.far_apart import amounts_far_apart
from optimizer.explain.other_portfolios import OtherPortfolios, Rival
from optimizer.model.objectives import Objective, north_star_of, rewarded_kpis
from optimizer.model.rows import Candidates
from optimizer.plan import Kpi, Normalization, ObjectiveMode, Scenario
from optimizer.portfolio import Finding, Portfolio
from optimizer.rules import rules_of
from optimizer.search.clock import Clock
from optimizer.search.goal_stages import level_stages
from optimizer.search.stages import Outcome, Question, run_stages

_SUSPICIOUS_SHARE = 1e-3
"""A KPI that can make up no more than this of the objective is probably drowned by its unit: a cure is looked for."""
_NO_KPI = "no north star"


def findings_of(
    question: Question,
    brief: Clock,
    objective: Objective,
    portfolio: Portfolio,
    previous: Collection[str] | None,
) -> tuple[Finding, ...]:
    """All findings about a solved scenario; those that are for information take no longer than `brief`."""
    return (
        *_idle_normalization(question.scenario),
        *_zero_ideals(question, portfolio),
        *amounts_far_apart(question, objective, portfolio),
        *_idle_weights(question, brief, objective, portfolio, previous),
        *_idle_north_star(replace(question, clock=brief), portfolio),
    )


def _idle_normalization(scenario: Scenario) -> Iterator[Finding]:
    if scenario.uses_weights and scenario.normalization is not Normalization.NONE and len(rewarded_kpis(scenario)) < 2:
        yield Finding("normalization_without_effect", None, {"normalization": scenario.normalization.value})


def _zero_ideals(question: Question, portfolio: Portfolio) -> Iterator[Finding]:
    scenario = question.scenario
    if scenario.normalization is Normalization.IDEAL and scenario.uses_weights:
        for stage in portfolio.stages:
            for kpi in portfolio.factors:
                # The stage's value is the best total; a factor of 1 stands in where that is nothing.
                if stage.name == f"ideal {kpi}" and portfolio.factors[kpi] == 1.0 and abs(stage.value or 0.0) != 1.0:
                    is_moved = any(question.candidates.kpi_terms(kpi).coefficients)
                    yield Finding(
                        "ideal_is_zero", kpi, {"reason": "best is nothing" if is_moved else "no contribution"}
                    )


def _idle_weights(
    question: Question,
    brief: Clock,
    objective: Objective,
    portfolio: Portfolio,
    previous: Collection[str] | None,
) -> Iterator[Finding]:
    """Weighted KPIs without which the very same portfolio is chosen: proven by solving without them.

    The smallest part of the objective first: that is the most likely one, and `brief` may end the others. A weight on
    what nothing contributes to is not drowned by its unit: the checks tell of it.
    """
    scenario = question.scenario
    if not objective.factors or len(objective.factors) < 2 or not portfolio.ties_broken:
        return
    effects = {kpi: _effects(question, objective, kpi) for kpi in objective.factors}
    sizes = {kpi: exact.total(map(abs, effect)) for kpi, effect in effects.items()}
    whole = exact.total(sizes.values())
    totals = {kpi: abs(objective.coefficients[kpi] * portfolio.kpi_totals[kpi]) for kpi in objective.factors}
    achieved = exact.total(totals.values())
    others = OtherPortfolios(question, portfolio)
    cures = iter(_cures(question, portfolio, previous))
    cure: str | None = ""
    for kpi, size in sorted(sizes.items(), key=lambda item: item[1]):
        is_drowned = size <= _SUSPICIOUS_SHARE * whole
        asked = question if is_drowned else replace(question, clock=brief)
        if asked.clock.is_spent or not size or not _is_idle(asked, kpi, objective, others, portfolio, previous):
            continue
        if is_drowned and cure == "":
            cure = next(cures, None)
        share = totals[kpi] / achieved if achieved else 0.0
        if not cure or not is_drowned:
            yield Finding("idle_weight", kpi, {"share": share})
            continue
        figures: dict[str, float | str] = {
            "share": share,
            "weight": scenario.weights[kpi],
            "largest_effect": max(map(abs, effects[kpi]), default=0.0),
            "cure": cure,
        }
        yield Finding("weight_without_effect", kpi, figures)


def _effects(question: Question, objective: Objective, kpi: str) -> list[float]:
    coefficient = objective.coefficients[kpi]
    return [coefficient * c for c in question.candidates.kpi_terms(kpi).coefficients]


def _is_idle(
    question: Question,
    kpi: str,
    objective: Objective,
    others: OtherPortfolios,
    portfolio: Portfolio,
    previous: Collection[str] | None,
) -> bool:
    """Whether the portfolio is proven to be the same one without a weight."""
    match others.rival(objective.without(kpi), question.clock):
        case Rival.NONE:
            return True
        case Rival.TIES:
            weights = {key: weight for key, weight in question.scenario.weights.items() if key != kpi}
            return _is_same(_answer(question, {"weights": weights}, previous, portfolio), portfolio)
        case _:
            return False


def _is_same(outcome: Outcome, portfolio: Portfolio) -> bool:
    """Whether an outcome is proven to be this portfolio, also among ties."""
    return outcome.proven and outcome.ties_broken and outcome.keys == portfolio.selection


def _idle_north_star(question: Question, portfolio: Portfolio) -> Iterator[Finding]:
    """A north star that could count, and without which the very same portfolio is chosen, whatever the last run was.

    Without a north star ties would go to the last run's portfolio, which it had a part in.
    """
    plan, scenario = question.plan, question.scenario
    if not scenario.uses_north_star or not portfolio.ties_broken or question.clock.is_spent:
        return
    star = north_star_of(plan, scenario).key
    # That nothing contributes to it is found by the checks.
    if not any(question.candidates.kpi_terms(star).coefficients) or _is_plainly_needed(question, portfolio):
        return
    without = plan.model_copy(update={"kpis": (*plan.kpis, Kpi(key=_NO_KPI))})
    asked = scenario.model_copy(update={"north_star": _NO_KPI})
    outcome = run_stages(
        replace(
            question,
            plan=without,
            scenario=asked,
            rules=rules_of(without, asked),
            candidates=Candidates(without, asked),
        ),
        None,
        [portfolio.selection],
    )
    if _is_same(outcome, portfolio):
        yield Finding("idle_north_star", star)


def _is_plainly_needed(question: Question, portfolio: Portfolio) -> bool:
    """Whether another portfolio would plainly be selected without a north star, its goals met as well.

    One that leaves something out that costs tokens. Where nothing costs tokens, ties go by the order of the sheet, and
    prove nothing about the north star.
    """
    candidates = question.candidates
    if candidates.horizon:
        return False
    selected = portfolio.selection
    if not any(question.plan.initiative(key).tokens for key in selected):
        return question.scenario.objective_mode is ObjectiveMode.NORTH_STAR
    levels = level_stages(question.plan, question.scenario, candidates)
    reached = [level.value(candidates.bits_of(selected)) for level in levels]

    def is_preferred(other: frozenset[str]) -> bool:
        if other == selected or any(rule.violation(other) for rule in question.rules):
            return False
        bits = candidates.bits_of(other)
        return all(level.value(bits) <= value for level, value in zip(levels, reached, strict=True))

    if is_preferred(frozenset()):
        return True
    droppable = [key for key in selected if question.plan.initiative(key).tokens]
    return any(is_preferred(selected - {key}) for key in droppable)


def _answer(
    question: Question, changes: Mapping[str, object], previous: Collection[str] | None, portfolio: Portfolio
) -> Outcome:
    """The scenario with these changes, answered."""
    scenario = question.scenario.model_copy(update=changes)
    changed = replace(question, scenario=scenario, rules=rules_of(question.plan, scenario))
    return run_stages(changed, previous, [portfolio.selection])


def _cures(question: Question, portfolio: Portfolio, previous: Collection[str] | None) -> Iterator[str]:
    """What makes a drowned KPI count: normalizations with which the portfolio is proven to be another one.

    Where there is one already, a larger weight.
    """
    plan, scenario = question.plan, question.scenario
    if scenario.normalization is not Normalization.NONE:
        yield "a larger weight"
        return
    has_scales = all(plan.kpi(kpi).scale is not None for kpi in rewarded_kpis(scenario))
    for normalization in (Normalization.SCALE, Normalization.IDEAL) if has_scales else (Normalization.IDEAL,):
        if _changes(question, normalization, portfolio, previous):
            yield f"normalization {normalization.value}"


def _changes(question: Question, cure: Normalization, portfolio: Portfolio, previous: Collection[str] | None) -> bool:
    """Whether the portfolio is proven to be another one with this normalization."""
    changes = {"normalization": cure}
    first = _answer(replace(question, breaks_ties=False), changes, previous, portfolio)
    if not first.proven or first.keys is None or first.objective is None:
        return False
    candidates, aim = question.candidates, first.objective.over(question.candidates)
    if not aim.ties(candidates.bits_of(portfolio.selection), candidates.bits_of(first.keys)):
        return True
    outcome = _answer(question, changes, previous, portfolio)
    return outcome.proven and outcome.keys is not None and outcome.keys != portfolio.selection
