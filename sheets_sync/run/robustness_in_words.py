"""How sure a plan is, in sentences and tables for people."""

from collections.abc import Iterator, Sequence

from config.units import amount_of
from optimizer.model.objectives import Objective
from optimizer.plan import ObjectiveMode, Plan, TargetKind, spoken_resource
from optimizer.studies.core_index import Core, CoreMembership
from optimizer.studies.estimates import RangeSource
from optimizer.studies.robustness import Chance, Robustness
from optimizer.studies.study import Study
from optimizer.studies.value_of_information import EstimateToCheck
from optimizer.studies.weights import WeightEnd, WeightInterval
from optimizer.wording import few, listing, number
from sheets_sync.report.people_words import part_of_mix
from sheets_sync.run.decisions_in_words import objective_words
from sheets_sync.run.robustness_study import RobustnessAnswer

SAFE = 0.95
"""What is in the best plan of this share of the draws, or of no more than what is left, is not in doubt."""
SHOWN_LIMITS = 6
"""So many limits are named, the least likely to be kept first."""
_DIGITS = 3
_EVEN = 1e-9
"""Logarithms of factors that differ by no more are the same."""


def draws_sentences(found: Robustness) -> Iterator[str]:
    """What was drawn, and how far off estimates may be."""
    if found.done < found.asked:
        yield f"Stopped after {found.done:,} of {found.asked:,} draws: the figures are of these."
    sources = found.beliefs.sources
    parts = [
        f"{sources[source]:,} by {words}"
        for source, words in (
            (RangeSource.RANGE, "the range in the sheet"),
            (RangeSource.CONFIDENCE, "the confidence in the sheet"),
            (RangeSource.DEFAULT, f"{100 * found.spread:g}% (the sheet says nothing about them)"),
        )
        if sources[source]
    ]
    yield (
        f"{found.done:,} draws of what the {sum(sources.values()):,} estimates may turn out to be (seed {found.seed}): "
        f"{listing(parts)}. A range holds the truth 4 times in 5; a part of all errors "
        f"({100 * found.beliefs.common:g}% of their variance) is common to the estimates of a KPI or resource, such as "
        "a market that is smaller for all."
    )


def outlook_rows(plan: Plan, found: Robustness) -> Iterator[tuple[str, str, str, str, str]]:
    """Each KPI: its name, what the estimates add up to, corrected, the middle, and the worst tenth."""
    for one in found.kpis:
        kpi = plan.kpi(one.kpi)
        figures = (one.estimated, one.corrected, one.median, one.worst_tenth)
        estimated, corrected, median, worst = (amount_of(figure, kpi) for figure in figures)
        yield kpi.name or kpi.key, estimated, corrected, median, worst


def correction_sentence(found: Robustness) -> str:
    """How totals are corrected, and from where the method is."""
    is_lopsided = any(abs(one.spread[0] - one.spread[1]) > _EVEN for one in found.beliefs.estimates if not one.is_cost)
    lopsided = "a range that reaches further to one side, as a factor, moves its estimate to that side"
    if not found.beliefs.is_compared.any():
        too_few = "too few estimates of one kind to compare with each other"
        return (
            f"Corrected by ranges only ({lopsided}): {too_few}."
            if is_lopsided
            else (f"The totals are not corrected: {too_few}.")
        )
    return (
        "Corrected: what is selected because its estimate is high was, on average, estimated too high (the optimizer's "
        "curse; Smith and Winkler 2006). Each estimate moves towards those of initiatives like it, up or down, the "
        f"further the less sure it is{f'; and {lopsided}' if is_lopsided else ''}."
    )


def chance_sentences(plan: Plan, found: Robustness) -> Iterator[str]:
    """The chance to fit each limit and to reach each target."""
    if found.limits:
        least = sorted(found.limits, key=lambda one: one.chance)
        fits = [f"{limit_words(one)} {one.chance:.0%}" for one in least[:SHOWN_LIMITS]]
        others = least[SHOWN_LIMITS:]
        rest = f"; the other {len(others)} limits at least {others[0].chance:.0%} each" if others else ""
        yield f"Chances that the plan fits: {listing(fits)}{rest}; every rule at once {found.keeps_all:.0%}."
    for one in found.targets:
        if one.target is not None:
            kpi = plan.kpi(one.target.kpi)
            name = f"{kpi.name or kpi.key}{one.target.scope}"
            met = "keeps the floor" if one.target.kind is TargetKind.FLOOR else "reaches the goal"
            yield f"It {met} for {name} ({amount_of(one.bound, kpi)}) in {one.chance:.0%} of the draws."


def limit_words(one: Chance) -> str:
    """``850 tokens``, ``at least 40 tokens for market FR``."""
    where = f" for {one.part}" if one.part else ""
    when = f" in {one.period}" if one.period else ""
    bound = number(float(f"{one.bound:.9g}"))
    least = "at least " if one.is_floor else ""
    return f"{least}{bound} {spoken_resource(str(one.resource), bound)}{where}{when}"


def regret_sentences(study: Study, found: Robustness) -> Iterator[str]:
    """How good the plan is beside the best plan of each draw."""
    yield (
        f"In {found.near_best:.0%} of the draws it keeps every rule and is within 1% of the best plan for that draw."
        + (f" In {found.impossible:.0%} no plan keeps every rule." if found.impossible else "")
    )
    if found.regret is None or found.worst_regret is None:
        return
    known = "Where it keeps every rule, knowing all numbers beforehand would bring"
    if not found.regret:
        yield f"{known} nothing more."
    elif not found.worst_regret:
        yield f"{known} {_gain(study, found.regret)} on average, but nothing more nine times in ten."
    else:
        worst = _gain(study, found.worst_regret)
        yield f"{known} {_gain(study, found.regret)} on average, and one time in ten over {worst}."


def pick_sentences(study: Study, found: Robustness) -> Iterator[str]:
    """Which decisions are not in doubt."""
    selected = [key for key in found.picked if key in study.answer.selected]
    left = [key for key in found.picked if key not in study.answer.selected]
    sure = sum(found.picked[key] >= SAFE for key in selected)
    out = sum(found.picked[key] <= 1 - SAFE for key in left)
    parts = []
    if selected:
        parts.append(f"{sure} of the {len(selected)} selected, in the best plan of at least {SAFE:.0%} of the draws")
    if left:
        parts.append(f"{out} of the {len(left)} left out, in the best plan of at most {1 - SAFE:.0%} of them")
    if parts:
        yield f"Not in doubt: {'; and '.join(parts)}."


def doubtful_rows(study: Study, found: Robustness) -> Iterator[tuple[str, str, str]]:
    """Each decision in doubt: the initiative, in or out, and how often it is in the best plan; least sure first."""
    rows = [
        (share if key in study.answer.selected else 1 - share, key, share)
        for key, share in found.picked.items()
        if 1 - SAFE < share < SAFE or (share >= SAFE) is not (key in study.answer.selected)
    ]
    for _, key, share in sorted(rows, key=lambda row: row[0]):
        initiative = study.plan.initiative(key)
        title = f"{key} ({initiative.title})" if initiative.title else key
        yield title, "in" if key in study.answer.selected else "out", f"{share:.0%}"


def check_first_sentences(study: Study, found: Sequence[EstimateToCheck] | None) -> Iterator[str]:
    """The estimates to check first, and what that is worth."""
    if found is None:
        yield "Stopped before the estimates to check first were known."
        return
    if not found and study.scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC:
        yield (
            "No estimates are named to check first: goals decide here, and reaching them more or less often has no "
            "price in the objective."
        )
    elif not found:
        yield "No estimate is worth checking first: none of them alone, known exactly, would change the plan."
    if not found:
        return
    yield "Check these estimates first; what knowing each one exactly, before deciding, is worth on average:"
    for rank, one in enumerate(found, start=1):
        kpi = study.plan.kpi(one.estimate.of)
        ends = f"{amount_of(one.estimate.low, kpi)} to {amount_of(one.estimate.high, kpi)}"
        least = "at least " if one.is_least else ""
        yield (
            f"  {rank}. {one.estimate.initiative}, {kpi.name or kpi.key}: {amount_of(one.estimate.value, kpi)} "
            f"({ends}): {least}{_objective(study, one.worth)}"
        )
    if any(one.is_least for one in found):
        yield "  (At least: the number may also decide when the initiative starts, which is not counted here.)"


def weight_sentences(study: Study, found: Sequence[WeightInterval]) -> Iterator[str]:
    """How far each weight may move, and what flips there."""
    for one in found:
        kpi = study.plan.kpi(one.kpi)
        name = f"The weight of {kpi.name or kpi.key} is {number(one.weight)}"
        if one.low is None or one.high is None:
            yield f"{name}; how far it may move was not proven in time."
            continue
        ends = [_end_words("below", one.low), _end_words("above", one.high)]
        flips = [words for words in ends if words]
        if flips:
            yield f"{name}: {'; '.join(flips)}."
        else:
            yield f"{name}: no other weight changes the plan."


def _end_words(side: str, end: WeightEnd) -> str:
    if end.weight is None:
        return ""
    moves = [
        f"{few(keys)} {verb if len(keys) > 1 else singular}"
        for keys, verb, singular in (
            (end.came_in, "come in", "comes in"),
            (end.went_out, "drop out", "drops out"),
        )
        if keys
    ]
    return f"{side} {float(f'{end.weight:.4g}'):,.12g}, {', '.join(moves)}"


def core_sentences(found: Sequence[CoreMembership], candidates: int) -> Iterator[str]:
    """What is safe wherever in their ranges the estimates are."""
    yield (
        "Wherever in their ranges the contributions are (core index; Liesiö, Mild and Salo 2007), with costs, rules "
        "and weights as they are:"
    )
    for core, words in (
        (Core.IN, "safe to select"),
        (Core.OUT, "safe to leave out"),
        (Core.DISCUSS, "to discuss"),
        (Core.UNKNOWN, "not proven either way"),
    ):
        keys = [one.initiative for one in found if one.core is core]
        if keys:
            yield f"  {words} ({len(keys)}): {', '.join(keys)}"
    if len(found) < candidates:
        yield f"  stopped before the other {candidates - len(found)}."


def sentences(answer: RobustnessAnswer) -> Iterator[str]:
    """All that is said in sentences, without the tables."""
    study, found = answer.reading.study, answer.robustness
    if study is None or found is None:
        return
    yield from draws_sentences(found)
    if found.done:
        yield correction_sentence(found)
        yield from chance_sentences(study.plan, found)
        yield from regret_sentences(study, found)
        yield from pick_sentences(study, found)
        yield from check_first_sentences(study, found.to_check)
    yield from weight_sentences(study, answer.weights)
    if answer.core is not None:
        yield from core_sentences(answer.core, len(study.candidates))


def _gain(study: Study, value: float) -> str:
    """``£395,000 more GMV``, to three digits; less, where less is better."""
    return objective_words(study, study.objective.sign * float(f"{value:.{_DIGITS}g}"))


def _objective(study: Study, value: float) -> str:
    """An amount of the objective, to three digits: nothing here is more exact."""
    objective: Objective = study.objective
    rounded = float(f"{value:.{_DIGITS}g}")
    if study.scenario.uses_north_star:
        return f"{amount_of(rounded, study.plan.kpi(objective.name))}"
    return f"{part_of_mix(rounded, study.answer.objective or 0.0)} of the weighted sum"
