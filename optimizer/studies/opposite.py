"""What the opposite decision about one initiative would cost: the same scenario with it forced in, or left out.

Where several plans are equally good with the opposite decision, any of them may be the one that is shown.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from optimizer.explain.conflict import explain_infeasible
from optimizer.plan import Initiative
from optimizer.portfolio import Conflict, Portfolio, Status, TargetOutcome
from optimizer.studies.edits import Edit, ForceIn, LeaveOut, edited
from optimizer.studies.parallel import solve_all, solve_many
from optimizer.studies.study import Study, Worth
from optimizer.studies.study_questions import StudyQuestions
from optimizer.studies.turned_decisions import AT_ONCE, solve_turned


@dataclass(frozen=True)
class Opposite:
    """The best portfolio in which one decision is the other way round.

    `portfolio` has no selection where the opposite decision is impossible (or was not found in time: see its status).
    `objective_change` is its objective minus the answer's, as people see the objective; None without a portfolio.
    `came_in` and `went_out` are what else changes, in the order of the plan. `targets_worse` are targets whose
    shortfall grows: as they are in the answer, and as they would be.
    """

    initiative: str
    is_selected: bool
    portfolio: Portfolio
    worth: Worth | None
    objective_change: float | None
    came_in: tuple[str, ...]
    went_out: tuple[str, ...]
    targets_worse: tuple[tuple[TargetOutcome, TargetOutcome], ...]

    @property
    def is_possible(self) -> bool:
        """Whether a portfolio with the opposite decision was found."""
        return self.portfolio.status.has_portfolio

    @property
    def is_proven(self) -> bool:
        """Whether time was enough for its verdict: the best portfolio, or that there is none."""
        return is_verdict(self.portfolio)


def is_verdict(portfolio: Portfolio) -> bool:
    """Whether a portfolio is proven best, or proven not to exist."""
    return portfolio.status not in (Status.FEASIBLE, Status.NO_SOLUTION)


def flip(study: Study, initiative: str) -> Edit:
    """The edit that turns the answer's decision about an initiative round."""
    return LeaveOut(initiative) if initiative in study.answer.selected else ForceIn(initiative)


def solve_opposite(study: Study, initiative: Initiative) -> Opposite:
    """The best portfolio that decides the other way about a candidate.

    Raises:
        Cancelled, DefectError, SolverError, SolverUnavailableError: as `Study.solve`.
    """
    return next(iter(_solve_together(study, (initiative,))))


def _solve_together(study: Study, initiatives: Sequence[Initiative]) -> list[Opposite]:
    turned = solve_turned(study, [one.key for one in initiatives])
    return [_opposite(study, one.key, turned.get(one.key) or study.solve(flip(study, one.key))) for one in initiatives]


def _opposite(study: Study, key: str, other: Portfolio) -> Opposite:
    answer = study.answer
    is_selected = key in answer.selected
    if not other.status.has_portfolio or other.objective is None or answer.objective is None:
        return Opposite(key, is_selected, other, None, None, (), (), ())
    return Opposite(
        initiative=key,
        is_selected=is_selected,
        portfolio=other,
        worth=study.worth(other),
        objective_change=other.objective - answer.objective,
        came_in=tuple(one for one in other.selected if one not in answer.selected and one != key),
        went_out=tuple(one for one in answer.selected if one not in other.selected and one != key),
        targets_worse=tuple(
            (before, after)
            for before, after in zip(answer.targets, other.targets, strict=True)
            if after.shortfall > before.shortfall
        ),
    )


def solve_opposites(
    study: Study,
    *,
    workers: int | None = None,
    on_done: Callable[[], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Sequence[Opposite]:
    """The opposite of every decision of the answer, in the order of the plan, several side by side.

    `workers` is how many at once, None for one per core, with the same answers; `on_done` is called in the caller's
    thread for each. A KeyboardInterrupt, or an exception from `on_done`, stops all solvers and is passed on; where
    there is a `stop`, which is asked again and again, it or Ctrl-C ends the search with the first ones.

    Raises:
        Cancelled, DefectError, SolverError, SolverUnavailableError: as `Study.solve`.
    """
    questions = OppositeQuestions(study)

    def part_done(part: list[Opposite]) -> None:
        if on_done is not None:
            for _ in range(questions.solves(part)):
                on_done()

    if stop is None:
        asked = [partial(questions.answer, number) for number in range(len(questions))]
        found = solve_all(asked, study.cancel, workers=workers, on_answer=part_done)
    else:
        found = solve_many(questions, stop, workers=workers, on_answer=part_done)
    return [opposite for part in found for opposite in part]


@dataclass(frozen=True)
class OppositeQuestions(StudyQuestions[list[Opposite]]):
    """The opposites of all decisions, those together that share a model."""

    def __len__(self) -> int:
        """How many models there are."""
        return -(-len(self.study.candidates) // AT_ONCE)

    def solves(self, answer: list[Opposite]) -> int:
        """How many decisions shared it."""
        return len(answer)

    def answer(self, number: int) -> list[Opposite]:
        """Those that share one."""
        return _solve_together(self.study, self.study.candidates[number * AT_ONCE : (number + 1) * AT_ONCE])


def why_impossible(study: Study, opposite: Opposite) -> Conflict | None:
    """The rules because of which the opposite decision is impossible, and the ways out; None where it is possible."""
    if opposite.portfolio.status is not Status.INFEASIBLE:
        return None
    plan = edited(study.plan, study.scenario.name, (flip(study, opposite.initiative),))
    return explain_infeasible(plan, study.scenario.name, solver=study.solver, time_limit_s=study.time_limit_s)
