"""Which initiatives are safe while every estimate may be anywhere in its range, and which are to be discussed.

After robust portfolio modeling (Liesioe, Mild and Salo 2007, doi:10.1016/j.ejor.2006.06.049), with rules, costs and
weights as they are. With l[j] and h[j] the ends of the score of j (by the range of each contribution), a plan X can be
better than all plans of some set Y at once exactly where it is so with its own members at h and all others at l:

    h(X without Y) > l(Y without X)   for every Y of the set

So initiative i is safe to select where no X without i is better, in that sense, than every plan with i; and safe to
leave out where no X with i is better than every plan without. X is looked for under one floor for each Y found so far;
the best answer Y to X is the next one, until no X is left (a proof), or Y is no better than X (X is a case to discuss).
Exchanges of one initiative for another that no rule can forbid (`optimizer.studies.swaps`) say beforehand what every
such X holds and what it does not. Those of a few initiatives say in each round what no X can be
(`optimizer.studies.core_exchanges`); over several periods, with synergies and with CBC that is left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np

from optimizer import exact
from optimizer.model.rows import Row, Sense, Terms
from optimizer.plan import Accrual, Ban, Direction, Initiative, Kpi, Mandate, ObjectiveMode, Synergy, Target, TargetKind
from optimizer.portfolio import Portfolio, Status
from optimizer.scenario import solve_scenario
from optimizer.search.clock import Clock
from optimizer.studies.core_exchanges import Exchanges, decided
from optimizer.studies.edits import STUDY, Edit, ForceIn, LeaveOut, edited
from optimizer.studies.estimates import estimates_of
from optimizer.studies.held_goals import with_goals_held
from optimizer.studies.parallel import solve_many
from optimizer.studies.study import Study
from optimizer.studies.study_questions import StudyQuestions
from optimizer.studies.swaps import Swaps

Floor = tuple[dict[str, float], float]
"""An amount of each candidate, and what the selected ones add up to at least."""
_MARK = "\N{SECTION SIGN}"
_SCORE = f"{_MARK} score"
_MOST_ROUNDS = 15
_MANY, _FEW_ROUNDS = 100, 4
"""With more candidates than these a round without exchanges takes long, and so many of them have to do."""
_ABOVE = 1e-6
"""A plan is better than another where it is so by more than this, relative to the objective."""


class Core(StrEnum):
    """What holds for an initiative wherever in their ranges the estimates are."""

    IN = "safe yes"
    OUT = "safe no"
    DISCUSS = "discuss"
    UNKNOWN = "not proven"


@dataclass(frozen=True, slots=True)
class CoreMembership:
    """One initiative, and a best plan of some estimates within their ranges that decides the other way, if any."""

    initiative: str
    core: Core
    case: tuple[str, ...] = ()


def core_index(
    study: Study,
    *,
    spread: float,
    workers: int | None = None,
    on_done: Callable[[], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[CoreMembership, ...]:
    """What is safe in the scenario of a study; fewer than all candidates where it was stopped.

    An estimate without a range of its own has one by its confidence, or by `spread` (see `estimates_of`). In
    lexicographic mode goals are floors as far as the answer reaches them. Where what an initiative brings depends on
    when it starts, because a KPI of the objective accrues in each period, only what the rules decide is proven.

    Raises:
        DefectError, SolverError, SolverUnavailableError: as `Study.solve`.
    """
    return tuple(solve_many(CoreQuestions(study, spread), stop, workers=workers, on_done=on_done))


@dataclass(frozen=True)
class CoreQuestions(StudyQuestions[CoreMembership]):
    """What holds for each candidate."""

    spread: float

    @cached_property
    def _search(self) -> "_Search":
        return _Search(self.study, self.spread)

    def __len__(self) -> int:
        """How many candidates there are."""
        return len(self.study.candidates)

    def answer(self, number: int) -> CoreMembership:
        """What holds for one."""
        return self._search.membership(self.study.candidates[number])


class _Search:
    def __init__(self, study: Study, spread: float) -> None:
        self.study = study
        self.scenario = with_goals_held(study.scenario, study.answer.targets)
        coefficients = study.objective.coefficients
        self.low = {one.key: 0.0 for one in study.candidates}
        self.high = dict(self.low)
        for one in estimates_of(study.plan, study.scenario, spread):
            if not one.is_cost and one.of in coefficients:
                ends = sorted((coefficients[one.of] * one.low, coefficients[one.of] * one.high))
                self.low[one.initiative] += ends[0]
                self.high[one.initiative] += ends[1]
        self.above = _ABOVE * max(abs(study.answer.objective or 0.0), exact.ABSOLUTE_AT_ZERO)
        self.swaps = Swaps.of(study.plan, self.scenario)
        self.exchanges = self._exchanges() if study.solver == "highs" else None
        self.depends_on_starts = bool(study.answer.horizon) and any(
            study.plan.kpi(kpi).accrues is Accrual.EACH_PERIOD for kpi in coefficients
        )
        self.rounds = _MOST_ROUNDS if len(study.candidates) <= _MANY else _FEW_ROUNDS

    def _exchanges(self) -> Exchanges | None:
        """Cases by exchanges, where all rows are over single selections."""
        if self.swaps is None:
            return None
        ends = [np.array([own[key] for key in self.swaps.columns]) for own in (self.low, self.high)]
        return Exchanges(self.study.plan, self.scenario, self.swaps, ends[0], ends[1], self.above)

    def membership(self, initiative: Initiative) -> CoreMembership:
        """Whether an initiative is safe, by a proof or a case."""
        key = initiative.key
        is_in = key in self.study.answer.selected
        if self.study.is_commanded(key):
            return CoreMembership(key, Core.IN if is_in else Core.OUT)
        if self.depends_on_starts:
            return self._by_rules(key, is_in=is_in)
        against, kept = (LeaveOut(key), ForceIn(key)) if is_in else (ForceIn(key), LeaveOut(key))
        rivals = [frozenset(self.study.answer.selected)]
        decided = self._decided(key, is_in=is_in)
        if is_in and self.low[key] >= 0 and self.swaps is not None and not self.swaps.hindering(key):
            return CoreMembership(key, Core.IN)
        if self.exchanges is not None:
            return self._by_exchanges(key, decided, is_in=is_in)
        room = self._no_room(key) if is_in else []
        for _ in range(self.rounds):
            case = self._case(against, rivals, decided, room)
            if case.status is Status.INFEASIBLE:
                return CoreMembership(key, Core.IN if is_in else Core.OUT)
            if case.status is not Status.OPTIMAL:
                break
            own = frozenset(case.selected)
            answer = self._solve({k: self.high[k] if k in own else self.low[k] for k in self.low}, kept)
            if answer.status not in (Status.OPTIMAL, Status.INFEASIBLE):
                break
            rival = frozenset(answer.selected)
            if answer.status is Status.INFEASIBLE or self._gain(own, rival) > 0:
                return CoreMembership(key, Core.DISCUSS, case.selected)
            if rival in rivals:
                break
            rivals.append(rival)
        return CoreMembership(key, Core.UNKNOWN)

    def _by_rules(self, key: str, *, is_in: bool) -> CoreMembership:
        """`membership` where only the rules are asked: what no plan decides otherwise is safe at any estimate."""
        otherwise = self._solve(dict.fromkeys(self.low, 0.0), LeaveOut(key) if is_in else ForceIn(key))
        if otherwise.status is Status.INFEASIBLE:
            return CoreMembership(key, Core.IN if is_in else Core.OUT)
        return CoreMembership(key, Core.UNKNOWN)

    def _by_exchanges(self, key: str, shared: Sequence[Mandate | Ban], *, is_in: bool) -> CoreMembership:
        """`membership` with exchanges of a few initiatives; `shared` is what every case does."""
        assert self.exchanges is not None
        columns = self.exchanges.columns
        demands = [decided(columns[one.initiative], int(isinstance(one, Mandate))) for one in shared]
        for amounts, least in self._no_room(key) if is_in else []:
            terms = Terms(tuple(columns[one] for one in amounts), tuple(amounts.values()))
            demands.append(Row(terms, Sense.AT_LEAST, least))
        answer = [0] * len(columns)
        for one in self.study.answer.selected:
            answer[columns[one]] = 1
        clock = Clock.with_work(self.study.time_limit_s, self.study.cancel)
        verdict = self.exchanges.verdict(columns[key], answer, demands, clock)
        if verdict.is_safe is None:
            return CoreMembership(key, Core.UNKNOWN)
        if verdict.is_safe:
            return CoreMembership(key, Core.IN if is_in else Core.OUT)
        case = tuple(one.key for one in self.study.candidates if verdict.case[columns[one.key]])
        return CoreMembership(key, Core.DISCUSS, case)

    def _gain(self, one: frozenset[str], other: frozenset[str]) -> float:
        """By how much the first plan can be better than the other, synergies included."""
        own = exact.total([*(self.high[k] for k in one - other), *(-self.low[k] for k in other - one)])
        return own + self._synergies(one) - self._synergies(other)

    def _synergies(self, selected: frozenset[str]) -> float:
        weights = self.study.objective.coefficients
        return exact.total(
            weights.get(one.kpi, 0.0) * one.value
            for one in self.study.scenario.synergies
            if one.members and selected.issuperset(one.members)
        )

    def _decided(self, key: str, *, is_in: bool) -> tuple[Mandate | Ban, ...]:
        """What every case shares: else one exchange gives a plan that decides the same and is never worse.

        A case without i holds no j whose place i can take, and that is at most worth at its high what i is at its low;
        a case with i holds every j that can take its place, and is at its low worth what i is at its high.
        """
        if self.swaps is None:
            return ()
        if is_in:
            others = [j for j in self.swaps.replaced_by(key) if j != key and self.high[j] <= self.low[key]]
            return tuple(Ban(initiative=j, source=STUDY) for j in others)
        others = [j for j in self.swaps.replacing(key) if j != key and self.low[j] >= self.high[key]]
        return tuple(Mandate(initiative=j, source=STUDY) for j in others)

    def _no_room(self, key: str) -> list[Floor]:
        """What a case without an initiative has to use up, where one row alone can forbid to add it.

        Where it can only do good, a case with room for it would be no better than itself with it.
        """
        swaps = self.swaps
        if swaps is None or self.low[key] < 0 or len(rows := swaps.hindering(key)) != 1:
            return []
        used = -swaps.amounts[rows[0]]
        limit = -float(swaps.bounds[rows[0]])
        least = limit - float(used[swaps.columns[key]]) - _ABOVE * max(1.0, abs(limit))
        return [({k: float(used[column]) for k, column in swaps.columns.items()}, least)] if least > 0 else []

    def _case(
        self, against: Edit, rivals: list[frozenset[str]], decided: tuple[Mandate | Ban, ...], room: list[Floor]
    ) -> Portfolio:
        """The plan with the highest scores that decides against, and can be better than each of the rivals."""
        floors: list[Floor] = [
            (
                {key: self.low[key] if key in rival else self.high[key] for key in self.low},
                exact.total(self.low[key] for key in rival) + self._synergies(rival) + self.above,
            )
            for rival in rivals
        ]
        return self._solve(self.high, against, [*room, *floors], decided)

    def _solve(
        self,
        scores: dict[str, float],
        edit: Edit,
        floors: Sequence[Floor] = (),
        decided: tuple[Mandate | Ban, ...] = (),
    ) -> Portfolio:
        study = self.study
        amounts = {_SCORE: scores} | {f"{_MARK} {number}": given for number, (given, _) in enumerate(floors)}
        scenario = self.scenario
        bonuses = tuple(
            Synergy(members=one.members, kpi=kpi, value=study.objective.coefficients[one.kpi] * one.value)
            for one in scenario.synergies
            if one.kpi in study.objective.coefficients
            for kpi in amounts
        )
        targets = [
            *scenario.targets,
            *(_floor(f"{_MARK} {number}", least) for number, (_, least) in enumerate(floors)),
        ]
        asked = scenario.model_copy(
            update={
                "objective_mode": ObjectiveMode.NORTH_STAR,
                "north_star": _SCORE,
                "targets": tuple(targets),
                "rules": (*scenario.rules, *bonuses, *decided),
            }
        )
        plan = study.plan.model_copy(
            update={
                "kpis": (*study.plan.kpis, *(Kpi(key=kpi, direction=Direction.HIGHER) for kpi in amounts)),
                "initiatives": tuple(_stating(one, amounts) for one in study.plan.initiatives),
                "scenarios": (asked,),
            }
        )
        return solve_scenario(
            edited(plan, asked.name, (edit,)),
            asked.name,
            solver=study.solver,
            time_limit_s=study.time_limit_s,
            explain=False,
            break_ties=False,
            cancel=study.cancel,
        )


def _stating(initiative: Initiative, amounts: dict[str, dict[str, float]]) -> Initiative:
    stated = {kpi: values[initiative.key] for kpi, values in amounts.items() if initiative.key in values}
    return initiative.model_copy(update={"contributions": {**initiative.contributions, **stated}})


def _floor(kpi: str, value: float) -> Target:
    return Target(kpi=kpi, value=value, kind=TargetKind.FLOOR)
