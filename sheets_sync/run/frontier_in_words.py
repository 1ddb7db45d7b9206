"""A frontier as a table and sentences for people."""

from collections.abc import Iterator, Sequence

from config.units import amount_of
from optimizer.plan import Plan, spoken_resource
from optimizer.studies.frontier import Frontier, Measure
from optimizer.wording import number
from sheets_sync.run.frontier_plans import PlacedAnswer


def measure_name(plan: Plan, measure: Measure) -> str:
    """The KPI's name, or what is used of the resource: ``tokens used``."""
    if measure.is_resource:
        return f"{spoken_resource(measure.name)} used"
    kpi = plan.kpi(measure.name)
    return kpi.name or kpi.key


def measure_amount(plan: Plan, measure: Measure, total: float) -> str:
    """A total of a measure as the sheet shows it."""
    return number(total) if measure.is_resource else amount_of(total, plan.kpi(measure.name))


def frontier_heading(scenario: str, curve: Frontier) -> str:
    """How many plans were found, and whether these are all."""
    count = len(curve.points)
    if not count:
        return f"{scenario}: {'stopped before a plan was found' if curve.is_stopped else 'no plan keeps every rule'}."
    extent = "all of them" if curve.is_complete else "spread evenly" if curve.is_proven else "as far as time allowed"
    if curve.is_stopped:
        extent = "stopped before the rest was found"
    if count == 1 and curve.is_complete:
        return f"{scenario}: 1 efficient plan, best in both; there is no other."
    plans = "1 efficient plan" if count == 1 else f"{count} efficient plans"
    return f"{scenario}: {plans}, {extent}."


def frontier_rows(plan: Plan, curve: Frontier) -> Iterator[tuple[str, str, Sequence[str], Sequence[str]]]:
    """Each efficient plan: both totals, and what comes in and drops out from the plan before it."""
    before: Sequence[str] | None = None
    for point in curve.points:
        selected = point.portfolio.selected
        came_in = [] if before is None else [key for key in selected if key not in before]
        went_out = [] if before is None else [key for key in before if key not in selected]
        first, second = measure_amount(plan, curve.first, point.first), measure_amount(plan, curve.second, point.second)
        yield first, second, came_in, went_out
        before = selected


def placed_in_words(plan: Plan, curve: Frontier, placed: Sequence[PlacedAnswer]) -> Iterator[str]:
    """The answer of each scenario beside the frontier; another scenario may have limits that allow more."""
    for one in placed:
        verdict = "none of these plans is better"
        if one.is_beyond:
            verdict = "better than some of these plans, under limits of its own"
        if one.better is not None:
            totals = _totals(plan, curve, one.better.first, one.better.second)
            verdict = f"by these two measures the plan with {totals} is better"
        yield f"The answer to {one.scenario}: {_totals(plan, curve, one.first, one.second)}; {verdict}."


def frontier_lines(plan: Plan, scenario: str, curve: Frontier, placed: Sequence[PlacedAnswer]) -> Iterator[str]:
    """The whole frontier, one line for each plan."""
    yield frontier_heading(scenario, curve)
    for point in curve.points:
        yield f"{_totals(plan, curve, point.first, point.second)}."
    yield from placed_in_words(plan, curve, placed)


def _totals(plan: Plan, curve: Frontier, first: float, second: float) -> str:
    one, other = measure_amount(plan, curve.first, first), measure_amount(plan, curve.second, second)
    return f"{measure_name(plan, curve.first)} {one} and {measure_name(plan, curve.second)} {other}"
