"""Questions about a portfolio stated as KPIs of their own: what each initiative adds to an amount that is asked about.

A total with a bound is then a floor like any other, which the search, the check and the bounds know already. Over
several periods such an amount counts once for what is selected, whenever it starts.
"""

from collections.abc import Mapping

from optimizer import exact
from optimizer.model.objectives import Objective
from optimizer.plan import Direction, Initiative, Kpi, Plan, Target, TargetKind
from optimizer.studies.study import Study

_MARK = "\N{SECTION SIGN}"
"""Begins the keys of the KPIs that state a question; no person begins a key so."""


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


def worth_amounts(study: Study) -> dict[str, float]:
    """What each candidate adds to the objective, larger is better; synergies aside."""
    return {one.key: _score(study.objective, one) for one in study.candidates}


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
