"""What more of a capacity would bring, as sentences and a table for people."""

from collections.abc import Iterator, Sequence

from optimizer import exact
from optimizer.plan import ObjectiveMode, spoken_resource
from optimizer.studies.capacity_value import CapacityCurve, CapacityStep, Limit
from optimizer.studies.study import Study
from optimizer.wording import listing, number, with_source
from sheets_sync.run.decisions_in_words import objective_words, target_changes


def limit_name(limit: Limit, horizon: Sequence[str]) -> str:
    """``capacity of tokens``, ``capacity of design days for department Data in 2026-Q3``, ``cap on market UK``.

    `horizon` has the periods of a plan over several, in each of which a cap holds.
    """
    resource = unit_words(limit)
    if limit.rule is None:
        return f"capacity of {resource}"
    what = "cap" if limit.is_cap else "capacity"
    where = f" for {limit.part}" if limit.part else ""
    when = f" in {limit.period}" if limit.period else _each(limit, horizon)
    return with_source(f"{what} of {resource}{where}{when}", limit.rule.source)


def _each(limit: Limit, horizon: Sequence[str]) -> str:
    """`` in each period``, where it is one number for several of them."""
    return " in each period" if limit.rule is not None and limit.period is None and len(horizon) > 1 else ""


def unit_words(limit: Limit, count: str = "") -> str:
    """What the resource is called where it is counted: ``1 token``, ``2 tokens``."""
    return spoken_resource(limit.resource, count)


def curve_sentences(study: Study, curve: CapacityCurve) -> Iterator[str]:
    """Where the plan is on the curve, what the next step up brings, and what one step less would cost."""
    unit, here = unit_words(curve.limit), curve.here
    name = limit_name(curve.limit, study.answer.horizon)
    yield f"{name[0].upper()}{name[1:]}: {number(curve.now)} now."
    if curve.is_stopped:
        yield f"Stopped before it was complete: only {number(curve.low)} to {number(curve.high)} {unit} were looked at."
    if not curve.is_proven:
        yield "Time ended some of the proofs: the amounts are as far as it allowed."
    if not curve.steps:
        yield f"Up to {number(curve.high)} {unit} no plan keeps every rule."
        return
    if curve.least_possible is not None:
        each = _each(curve.limit, study.answer.horizon)
        yield f"With less than {number(curve.least_possible)} {unit}{each} no plan keeps every rule."
    if here is not None:
        yield from _upwards(study, curve, here)
        yield from _downwards(study, curve, here)


def missing_sentences(missing: Sequence[Limit], horizon: Sequence[str]) -> Iterator[str]:
    """Which capacities nothing is known about, since somebody ended the study."""
    if missing:
        names = listing([limit_name(one, horizon) for one in missing])
        yield f"Stopped before it was complete; not looked at: {names}."


def _upwards(study: Study, curve: CapacityCurve, here: CapacityStep) -> Iterator[str]:
    unit = unit_words(curve.limit)
    above = curve.steps[curve.steps.index(here) + 1 :]
    if not above:
        yield f"More {unit} bring nothing, up to {number(curve.high)} at least."
        return
    if len(above) == 1:
        is_end = exact.reaches(above[0].amount, curve.high)
        beyond = "More was not looked at." if is_end else f"Nothing more up to {number(curve.high)} at least."
        yield f"{_more(study, curve, above[0])} {beyond}"
    else:
        yield f"{_more(study, curve, above[0])} Nothing more until {number(above[1].amount)}."
        yield f"{_more(study, curve, above[-1])} That is the most that up to {number(curve.high)} bring."


def _more(study: Study, curve: CapacityCurve, step: CapacityStep) -> str:
    """``With 4 tokens more (854 in all): £30,000 more GMV.``, ``With 2 tokens more in each period (32 each): ...``."""
    assert curve.here is not None
    more, each = _difference(step.amount, curve.now), _each(curve.limit, study.answer.horizon)
    gain = gain_words(study, curve.here, step)
    whole = f"{number(step.amount)} {'each' if each else 'in all'}"
    return f"With {more} {unit_words(curve.limit, more)} more{each} ({whole}): {gain}."


def _downwards(study: Study, curve: CapacityCurve, here: CapacityStep) -> Iterator[str]:
    unit, at, each = unit_words(curve.limit), curve.steps.index(here), _each(curve.limit, study.answer.horizon)
    if here.amount < curve.now:
        spare = _difference(curve.now, here.amount)
        least = "" if at or curve.least_possible is not None else "At least "
        yield f"{least}{spare} {unit_words(curve.limit, spare)} could be given up{each} without any loss."
    if at:
        below = curve.steps[at - 1]
        loss = gain_words(study, here, below)
        yield f"With less than {number(here.amount)} {unit}{each}, down to {number(below.amount)}: {loss}."


def gain_words(study: Study, before: CapacityStep, after: CapacityStep) -> str:
    """``£40,000 more GMV``, and which targets are then missed by less, or by more."""
    targets = target_changes(study, before.portfolio.targets, after.portfolio.targets)
    worth = objective_words(study, _objective_change(before, after))
    # What the scenario puts first comes first.
    is_lexicographic = study.scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC
    return "; ".join([*targets, worth] if is_lexicographic else [worth, *targets])


def curve_rows(study: Study, curve: CapacityCurve) -> Iterator[tuple[str, str, str, Sequence[str], Sequence[str]]]:
    """Each step from the lowest: from which amount on; objective and targets against today's plan; in and out there."""
    here = curve.here
    before: CapacityStep | None = None
    for step in curve.steps:
        selected = step.portfolio.selected
        earlier = () if before is None else before.portfolio.selected
        came_in = [] if before is None else [key for key in selected if key not in earlier]
        went_out = [key for key in earlier if key not in selected]
        against = targets = ""
        if step is here:
            against = "as now"
        elif here is not None:
            against = objective_words(study, _objective_change(here, step))
            targets = "; ".join(target_changes(study, here.portfolio.targets, step.portfolio.targets))
        yield number(step.amount), against, targets, came_in, went_out
        before = step


def _objective_change(before: CapacityStep, after: CapacityStep) -> float:
    return (after.portfolio.objective or 0.0) - (before.portfolio.objective or 0.0)


def _difference(one: float, other: float) -> str:
    """The difference of two amounts, without what rounding adds."""
    return number(float(f"{one - other:.12g}") if not exact.reaches(0.0, abs(one - other)) else 0.0)
