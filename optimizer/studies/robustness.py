"""How sure a plan is while estimates are not: many draws of the truth, the same plan and the best plan in each of them.

What is believed of the estimates is in `optimizer.studies.estimates`. In each draw all contributions and costs have
other numbers; the plan of the answer is evaluated with them, and the scenario is solved again as if they had been
known. Draws are the same for the same seed, on every machine and with any number of threads.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from optimizer import exact
from optimizer.evaluate import Evaluation
from optimizer.plan import Slice, Target
from optimizer.studies.draws import Draw, drawn_plan, evaluate_answer, solve_draws
from optimizer.studies.estimates import Beliefs, compare_estimates, estimates_of
from optimizer.studies.parallel import solve_many
from optimizer.studies.study import Study
from optimizer.studies.study_questions import StudyQuestions
from optimizer.studies.value_of_information import EstimateToCheck, estimates_to_check

SPREAD = 0.2
"""How far an estimate without a range or confidence of its own may be off, as a factor."""
COMMON = 0.25
"""The share of the variance that all estimates of one KPI, or of one resource, have in common."""
_TENTH = 10.0
_SAMPLES_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class KpiOutlook:
    """The total of one KPI: what the estimates add up to, what is to be expected, and how it spreads; native unit.

    `worst_tenth` is the total that one draw in ten does not reach: the 10th percentile, or the 90th where lower is
    better.
    """

    kpi: str
    estimated: float
    corrected: float
    median: float
    worst_tenth: float


@dataclass(frozen=True, slots=True)
class Chance:
    """How often the plan keeps one limit, or reaches one target; 0 to 1. One of `resource` and `target` is given.

    `part` and `period` say for which slice and in which period; `bound` is the limit (native unit), and `is_floor`
    whether that is the least that must be used.
    """

    chance: float
    bound: float
    resource: str | None = None
    part: Slice | None = None
    period: str | None = None
    is_floor: bool = False
    target: Target | None = None


@dataclass(frozen=True)
class Robustness:
    """How sure the plan of an answer is.

    Attributes:
        beliefs: what is believed of each estimate.
        asked: how many draws were asked for; `done` of them were solved before it was stopped.
        picked: by initiative, the share of the draws in whose best plan it is, among those that have one.
        kpis: the outlook of every KPI.
        limits: the chance to keep each capacity, cap, floor and share of spending.
        targets: the chance to reach each target.
        keeps_all: the chance to keep every rule at once.
        near_best: the share of draws in which this plan keeps every rule and no plan is better by more than 1%.
        regret: what the best plan of a draw brings more than this one, on average over the draws in which this one
            keeps every rule; None where goals come first, or there is no such draw.
        worst_regret: the regret that one draw in ten exceeds; likewise.
        impossible: the share of draws in which no plan keeps every rule.
        to_check: the estimates to check first, the most valuable one first; None where it was stopped before.
    """

    beliefs: Beliefs
    spread: float
    seed: int
    asked: int
    done: int
    picked: Mapping[str, float]
    kpis: tuple[KpiOutlook, ...]
    limits: tuple[Chance, ...]
    targets: tuple[Chance, ...]
    keeps_all: float
    near_best: float
    regret: float | None
    worst_regret: float | None
    impossible: float
    to_check: tuple[EstimateToCheck, ...] | None


def solve_robustness(
    study: Study,
    *,
    samples: int = 1000,
    seed: int = 1,
    spread: float = SPREAD,
    common: float = COMMON,
    workers: int | None = None,
    on_done: Callable[[int], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Robustness:
    """How sure the plan of a study's answer is.

    Args:
        study: the scenario and its answer.
        samples: how many draws.
        seed: which draws.
        spread: how far an estimate without a range or a confidence may be off, as a factor less 1 (0.2).
        common: the share of the variance that all estimates of one KPI, or of one resource, have in common.
        workers: how many solves at once; None is one per core.
        on_done: called with the number of further draws that are done.
        stop: asked again and again; True ends the study with the draws done so far, as Ctrl-C does.

    Raises:
        DefectError, SolverError, SolverUnavailableError: as `Study.solve`.
    """
    questions = DrawQuestions(study, samples, seed, spread, common)

    def chunk_done(chunk: list[Draw]) -> None:
        if on_done is not None:
            on_done(questions.solves(chunk))

    chunks = solve_many(questions, stop, workers=workers, on_answer=chunk_done)
    found = [draw for chunk in chunks for draw in chunk]
    to_check = None
    if not study.cancel.is_set():
        drawn = questions.draws[: len(found)]
        to_check = estimates_to_check(study, questions.beliefs.estimates, drawn, workers=workers, stop=stop)
    return _summary(study, questions.beliefs, found, samples, seed, spread, to_check)


@dataclass(frozen=True)
class DrawQuestions(StudyQuestions[list[Draw]]):
    """The draws of `solve_robustness`, a few at a time."""

    samples: int
    seed: int
    spread: float
    common: float

    @cached_property
    def beliefs(self) -> Beliefs:
        """What is believed of each estimate."""
        estimates = estimates_of(self.study.plan, self.study.scenario, self.spread)
        return compare_estimates(self.study.plan, estimates, self.common)

    @cached_property
    def draws(self) -> NDArray[np.float64]:
        """A row for each draw, with a number for each estimate."""
        return self.beliefs.draws(self.samples, self.seed)

    def __len__(self) -> int:
        """How many times a few draws are solved."""
        return -(-self.samples // _SAMPLES_AT_ONCE)

    def solves(self, answer: list[Draw]) -> int:
        """How many draws those are."""
        return len(answer)

    def answer(self, number: int) -> list[Draw]:
        """A few draws."""
        first = number * _SAMPLES_AT_ONCE
        return solve_draws(self.study, self.beliefs.estimates, self.draws[first : first + _SAMPLES_AT_ONCE])


def _summary(
    study: Study,
    beliefs: Beliefs,
    draws: Sequence[Draw],
    asked: int,
    seed: int,
    spread: float,
    to_check: tuple[EstimateToCheck, ...] | None,
) -> Robustness:
    # What is not moved stays exactly what it is: logarithms and back leave a remainder in the last digits.
    means = [float(f"{mean:.12g}") for mean in beliefs.corrected.tolist()]
    corrected = evaluate_answer(study, drawn_plan(study.plan, beliefs.estimates, means))
    best = [frozenset(draw.best) for draw in draws if draw.best is not None]
    regrets = [draw.regret for draw in draws if draw.regret is not None]
    return Robustness(
        beliefs=beliefs,
        spread=spread,
        seed=seed,
        asked=asked,
        done=len(draws),
        picked={one.key: _share(one.key in keys for keys in best) for one in study.candidates},
        kpis=tuple(_outlooks(study, corrected, draws)),
        limits=tuple(_limit_chances(evaluate_answer(study, study.plan), draws)),
        targets=tuple(_target_chances(study, draws)),
        keeps_all=_share(draw.keeps_all for draw in draws),
        near_best=_share(draw.is_near_best for draw in draws),
        regret=exact.total(regrets) / len(regrets) if regrets else None,
        worst_regret=float(np.percentile(regrets, 100 - _TENTH)) if regrets else None,
        impossible=_share(draw.is_impossible for draw in draws),
        to_check=to_check,
    )


def _share(truths: Iterable[bool]) -> float:
    """How many of them are true; 0 of none."""
    found = list(truths)
    return sum(found) / len(found) if found else 0.0


def _outlooks(study: Study, corrected: Evaluation, draws: Sequence[Draw]) -> Iterator[KpiOutlook]:
    for kpi in study.plan.kpis if draws else ():
        totals = [draw.kpi_totals[kpi.key] for draw in draws]
        yield KpiOutlook(
            kpi=kpi.key,
            estimated=study.answer.kpi_totals[kpi.key],
            corrected=corrected.kpi_totals[kpi.key],
            median=float(np.median(totals)),
            worst_tenth=float(np.percentile(totals, _TENTH if kpi.direction.sign > 0 else 100 - _TENTH)),
        )


def _limit_chances(answer: Evaluation, draws: Sequence[Draw]) -> Iterator[Chance]:
    """Each limit, in the order in which evaluations have them; `answer` is the plan with the numbers of the sheet."""
    if not draws:
        return
    for at, use in enumerate(answer.resources):
        if use.available is not None:
            kept = _share(_fits(draw.used[at], use.available) for draw in draws)
            yield Chance(kept, use.available, resource=use.resource)
    for at, part in enumerate(answer.slices):
        if part.resource is None or part.share is not None:
            continue
        used = [draw.parts[at] for draw in draws]
        if part.maximum is not None:
            kept = _share(_fits(amount, part.maximum) for amount in used)
            yield Chance(kept, part.maximum, part.resource, part.slice, part.period)
        if part.minimum is not None:
            kept = _share(exact.reaches(amount, part.minimum) for amount in used)
            yield Chance(kept, part.minimum, part.resource, part.slice, part.period, is_floor=True)


def _fits(used: float, available: float) -> bool:
    return exact.stays_within(used, available)


def _target_chances(study: Study, draws: Sequence[Draw]) -> Iterator[Chance]:
    for at, target in enumerate(study.scenario.targets if draws else ()):
        met = _share(draw.met[at] for draw in draws)
        yield Chance(met, target.value, target=target)
