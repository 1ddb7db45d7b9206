"""Questions about a portfolio stated as KPIs of their own: what each initiative adds to an amount that is asked about.

A total with a bound is then a floor like any other, which the search, the check and the bounds know already. Over
several periods such an amount counts once for what is selected, whenever it starts.
"""

from collections.abc import Mapping

from optimizer import exact
from optimizer.model.objectives import Objective
from optimizer.plan import Accrual, Direction, Initiative, Kpi, Plan, Synergy, Target, TargetKind
from optimizer.studies.study import Study

_MARK = "\N{SECTION SIGN}"
"""Begins the keys of the KPIs that state a question; no person begins a key so."""
WORTH = f"{_MARK} worth"
"""The scenario's objective with the factors of the study's answer; more is better."""


def key_of(amount: str) -> str:
    """The key of the KPI that states an amount."""
    return f"{_MARK} {amount}"


def with_stated(plan: Plan, amounts: Mapping[Kpi, Mapping[str, float]]) -> Plan:
    """The plan with further KPIs, and what each initiative contributes to them."""
    initiatives = tuple(_stating(one, amounts) for one in plan.initiatives)
    return plan.model_copy(update={"kpis": (*plan.kpis, *amounts), "initiatives": initiatives})


def _stating(initiative: Initiative, amounts: Mapping[Kpi, Mapping[str, float]]) -> Initiative:
    stated = {kpi.key: values[initiative.key] for kpi, values in amounts.items() if initiative.key in values}
    return initiative.model_copy(update={"contributions": {**initiative.contributions, **stated}})


def accrues_alike(study: Study) -> bool:
    """Whether the objective can be one KPI: over several periods all its KPIs must accrue in the same way."""
    return not study.plan.horizon(study.scenario) or len(_accruals(study)) <= 1


def worth_kpi(study: Study) -> Kpi:
    """The objective as a KPI, where it `accrues_alike`."""
    return Kpi(key=WORTH, accrues=next(iter(_accruals(study)), Accrual.ONCE))


def _accruals(study: Study) -> set[Accrual]:
    return {study.plan.kpi(kpi).accrues for kpi in study.objective.coefficients}


def worth_amounts(study: Study) -> dict[str, float]:
    """What each candidate adds to the objective, larger is better; synergies are `worth_of_synergies`."""
    return {one.key: _score(study.objective, one) for one in study.candidates}


def worth_of_synergies(study: Study) -> tuple[Synergy, ...]:
    """What the synergies of the scenario add to the objective."""
    coefficients = study.objective.coefficients
    return tuple(
        Synergy(members=synergy.members, kpi=WORTH, value=coefficients[synergy.kpi] * synergy.value)
        for synergy in study.scenario.synergies
        if synergy.kpi in coefficients
    )


def _score(objective: Objective, initiative: Initiative) -> float:
    given = initiative.contributions
    return exact.total(weight * given[kpi] for kpi, weight in objective.coefficients.items() if kpi in given)


def distance_kpi(name: str) -> Kpi:
    """How far a portfolio is from another: the KPI of `distance_amounts`."""
    return Kpi(key=key_of(name), direction=Direction.HIGHER)


def distance_amounts(study: Study, selected: frozenset[str]) -> dict[str, float]:
    """``sum over selected of -x[i] + sum over the others of x[i]``: the number of differences, less `len(selected)`."""
    return {one.key: -1.0 if one.key in selected else 1.0 for one in study.candidates}


def floor(kpi: str, value: float) -> Target:
    """A total of at least that; at most, where lower is better."""
    return Target(kpi=kpi, value=value, kind=TargetKind.FLOOR)
