"""The best portfolio with one decision turned round, for many decisions of one answer, over one model.

For each candidate i, decided the other way round: ``max worth(x), x[i] = 1 - answer[i], x within the rules``. Nothing
but a column's bounds differs between these questions, so the model is made once, and what is found for one question is
known to the next ones: a portfolio in which another decision is turned round too is a start for that one. What remains
is to prove that nothing is better, and a solver that has only that to do is through in a fraction of the time.

In lexicographic mode goals are held at what the answer reaches; where that is impossible, they have to give way, and
the question is asked in full by whoever asks this.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from optimizer.errors import SolverError
from optimizer.model.objectives import ObjectiveTerms
from optimizer.model.rows import Bits, Candidates
from optimizer.portfolio import Portfolio, Status, StopReason
from optimizer.rules import rules_of
from optimizer.scenario import proven_portfolio
from optimizer.search.clock import Clock, Work
from optimizer.search.core_search import CORE_ABOVE, SEEN
from optimizer.search.exact_search import Search
from optimizer.search.goal_stages import level_stages
from optimizer.search.neighbors import Neighbors
from optimizer.search.solver_calls import SolverChoice
from optimizer.search.stages import Question
from optimizer.studies.study import Study

AT_ONCE = 50
"""So many decisions share a model: a fixed number, so that no answer depends on how many cores there are."""


def solve_turned(study: Study, initiatives: Sequence[str], *, work: Work | None = None) -> Mapping[str, Portfolio]:
    """The best portfolio with the decision about each of some candidates turned round, as far as that is quick.

    A portfolio is proven the best one, of several any. Left out are candidates for which the question has to be asked
    in full: those that a rule commands, all of a plan of several periods or of one that is large, and those for which
    nothing seems possible, or goals would have to give way.
    `work` is what may be spent on all of them, shared with whatever else is given it; None is what the study's time
    limit buys.

    Raises:
        Cancelled: `study.cancel` was set.
        DefectError: an answer disagrees with the plan.
    """
    if study.solver != "highs" or study.answer.horizon or study.answer.status is Status.FEASIBLE:
        return {}
    turning = _Turning.of(study, work)
    return {} if turning is None else dict(turning.all(key for key in initiatives if not study.is_commanded(key)))


@dataclass
class _Turning:
    study: Study
    question: Question
    search: Search
    aim: ObjectiveTerms
    answer: Bits
    neighbors: Neighbors
    pool: list[tuple[int, ...]] = field(default_factory=list)

    @classmethod
    def of(cls, study: Study, work: Work | None) -> "_Turning | None":
        """A model of the study's scenario that holds its goals; None where it is not for this."""
        plan, scenario = study.plan, study.scenario
        clock = Clock.with_work(study.time_limit_s, study.cancel)
        question = Question(
            plan=plan,
            scenario=scenario,
            rules=rules_of(plan, scenario),
            candidates=Candidates(plan, scenario),
            solver=SolverChoice(study.solver),
            clock=clock if work is None else replace(clock, work=work),
            breaks_ties=False,
        )
        candidates = question.candidates
        if candidates.width > CORE_ABOVE:
            return None
        answer = candidates.bits_of(study.answer.selected)
        levels = level_stages(plan, scenario, candidates)
        search = question.search([bound for level in levels for bound in level.bounds()])
        for level in levels:
            search.limit(zip(level.terms.columns, level.limits(level.value(answer)), strict=True))
            for demand in (level, *level.kept_at(answer)):
                search.demand(demand)
        aim = study.objective.over(candidates)
        search.model.minimize(aim.terms, -1)
        if search.model.largest_cost > SEEN * abs(study.answer.objective or 0.0):
            return None
        neighbors = Neighbors(candidates, search.rows(), answer, aim.terms)
        return cls(study, question, search, aim, answer, neighbors)

    def all(self, initiatives: Iterable[str]) -> Iterator[tuple[str, Portfolio]]:
        """Each of some initiatives with its best portfolio, where that was found."""
        for key in initiatives:
            columns = self.question.candidates.columns.get(key, ())
            if not columns or self.search.model.is_fixed(columns[0]):
                continue
            try:
                found = self._best(columns[0])
            except SolverError:
                continue
            if found is not None:
                yield key, found

    def _best(self, column: int) -> Portfolio | None:
        """The best portfolio with one column at its other value; None where the question is to be asked in full."""
        question, search = self.question, self.search
        objective, aim = self.study.objective, self.aim
        turned = 1 - self.answer[column]
        with search.model.fixed([(column, turned)]):
            bits = search.best_of_knapsack(aim.terms, question.clock)
            if bits is None:
                known = self._known(column, turned)
                than = None if known is None else aim.value(known)
                found = search.better(aim.terms, question.clock, than=than, value_of=aim.value)
                if found.reason is StopReason.INFEASIBLE:
                    if known is None:
                        # That nothing is possible is asked twice, and not here; or goals would have to give way.
                        return None
                    bits = known
                elif found.reason is StopReason.OPTIMAL and found.bits is not None and not found.gap:
                    bits = found.bits if known is None or aim.value(found.bits) > aim.value(known) else known
                else:
                    return None
        self.pool.append(bits)
        return proven_portfolio(question, objective, question.candidates.keys(bits))

    def _known(self, column: int, turned: int) -> tuple[int, ...] | None:
        """The best selection that is known with a column at a value."""
        built = self.neighbors.turned(column)
        others = [bits for bits in (*built, *self.pool) if bits[column] == turned]
        best = self._best_of(others)
        return None if best is None else self._best_of([best, self.neighbors.improved(best, column)])

    def _best_of(self, selections: Iterable[tuple[int, ...]]) -> tuple[int, ...] | None:
        """The best of those that keep every demand."""
        ordered = sorted(selections, key=self.aim.value, reverse=True)
        return next((bits for bits in ordered if self.search.keeps_demands(bits)), None)
