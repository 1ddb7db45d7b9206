"""What a person should know about a scenario, found while solving it.

weight_without_effect
    The weighted KPI is drowned by the unit of others: the scenario has the same portfolio without it, and another one
    with the normalization named as cure. Figures: share, weight, largest_effect, cure.
normalization_without_effect
    A normalization where there is nothing to make comparable. Figures: normalization.
ideal_is_zero
    Normalization `ideal`: the KPI's best total is 0, so that it counts in its own unit. Figures: reason (`no
    contribution`, or `best is nothing` where moving it only makes it worse).
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from optimizer import exact
from optimizer.model.objectives import Objective, rewarded_kpis
from optimizer.plan import Normalization, Plan, Scenario
from optimizer.portfolio import Finding, Portfolio
from optimizer.rules import rules_of
from optimizer.search.stages import Outcome, Question, run_stages

_SUSPICIOUS_SHARE = 1e-3
"""Only a KPI that can make up less than this share of the objective is worth a solve without it."""


def findings_of(
    question: Question, objective: Objective, portfolio: Portfolio, previous: Collection[str] | None
) -> tuple[Finding, ...]:
    """All findings about a solved scenario."""
    return (
        *_idle_normalization(question.scenario),
        *_zero_ideals(question, portfolio),
        *_idle_weights(question, objective, portfolio, previous),
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
    question: Question, objective: Objective, portfolio: Portfolio, previous: Collection[str] | None
) -> Iterator[Finding]:
    """Weighted KPIs without which the very same portfolio is chosen: proven by solving without them."""
    scenario = question.scenario
    if not objective.factors or len(objective.factors) < 2 or not portfolio.ties_broken:
        return
    effects = {kpi: _effects(question, objective, kpi) for kpi in objective.factors}
    sizes = {kpi: exact.total(map(abs, effect)) for kpi, effect in effects.items()}
    whole = exact.total(sizes.values())
    totals = {kpi: abs(objective.coefficients[kpi] * portfolio.kpi_totals[kpi]) for kpi in objective.factors}
    achieved = exact.total(totals.values())
    cure = _cure(question.plan, scenario)
    has_cure: bool | None = None
    for kpi, size in sizes.items():
        if size > _SUSPICIOUS_SHARE * whole or not _is_idle(question, kpi, size, portfolio, previous):
            continue
        if has_cure is None:
            has_cure = _cures(question, cure, portfolio, previous)
        if not has_cure:
            return
        figures: dict[str, float | str] = {
            "share": totals[kpi] / achieved if achieved else 0.0,
            "weight": scenario.weights[kpi],
            "largest_effect": max(map(abs, effects[kpi]), default=0.0),
            "cure": "a larger weight" if cure is None else f"normalization {cure.value}",
        }
        yield Finding("weight_without_effect", kpi, figures)


def _effects(question: Question, objective: Objective, kpi: str) -> list[float]:
    coefficient = objective.coefficients[kpi]
    return [coefficient * c for c in question.candidates.kpi_terms(kpi).coefficients]


def _is_idle(question: Question, kpi: str, size: float, portfolio: Portfolio, previous: Collection[str] | None) -> bool:
    if not size:
        # Not drowned by its unit: nothing contributes to it, which the checks tell.
        return False
    weights = {key: weight for key, weight in question.scenario.weights.items() if key != kpi}
    outcome = _answer(question, {"weights": weights}, previous)
    return outcome.proven and outcome.ties_broken and outcome.keys == portfolio.selection


def _answer(question: Question, changes: Mapping[str, object], previous: Collection[str] | None) -> Outcome:
    """The scenario with these changes, answered."""
    scenario = question.scenario.model_copy(update=changes)
    return run_stages(replace(question, scenario=scenario, rules=rules_of(question.plan, scenario)), previous)


def _cure(plan: Plan, scenario: Scenario) -> Normalization | None:
    """The normalization that could make a KPI count; None where there is one already."""
    if scenario.normalization is not Normalization.NONE:
        return None
    if all(plan.kpi(kpi).scale is not None for kpi in rewarded_kpis(scenario)):
        return Normalization.SCALE
    return Normalization.IDEAL


def _cures(
    question: Question, cure: Normalization | None, portfolio: Portfolio, previous: Collection[str] | None
) -> bool:
    """Whether the portfolio is proven to be another one with this normalization; not asked where there is none."""
    if cure is None:
        return True
    outcome = _answer(question, {"normalization": cure}, previous)
    return outcome.proven and outcome.keys is not None and outcome.keys != portfolio.selection
