"""All scenarios of a plan, side by side on all cores.

Threads suffice: HiGHS in process releases Python's global lock while it solves (measured), and CBC is a program of its
own.
Each scenario is answered on its own, so that one that fails does not hurt the others.
"""

import os
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from optimizer.errors import Cancelled, SolverUnavailableError
from optimizer.plan import Plan, Selection
from optimizer.portfolio import Portfolio, SolverName

_SIGNAL_CHECK_S = 0.1
"""Waiting in slices of this many seconds lets Ctrl-C through."""


@dataclass(frozen=True, slots=True)
class ScenarioFailure:
    """A scenario that gave no answer, and why; the others have theirs."""

    scenario: str
    error: Exception

    def __str__(self) -> str:
        return f"{self.scenario}: {self.error}"


Answer = Portfolio | ScenarioFailure


def solve_plan(
    plan: Plan,
    scenario_names: Sequence[str] | None = None,
    *,
    previous: Mapping[str, Collection[str]] | None = None,
    solver: SolverName = "highs",
    time_limit_s: float | None = None,
    workers: int | None = None,
    on_done: Callable[[Answer], None] | None = None,
    cancel: threading.Event | None = None,
) -> tuple[Answer, ...]:
    """Answers scenarios in parallel; the results are in the order asked for.

    Args:
        plan: what to choose from.
        scenario_names: which scenarios; None is all, in the order of the plan.
        previous: by scenario, the keys that its last run selected.
        solver: ``highs`` or ``cbc``.
        time_limit_s: wall time in seconds of each scenario.
        workers: how many scenarios at once; None is one per core.
        on_done: called in the caller's thread for each answer as it comes.
        cancel: stops all of them when it is set from another thread.

    A KeyboardInterrupt, or an exception from `on_done`, stops all solvers and is passed on.

    Raises:
        Cancelled: `cancel` was set.
        KeyError: no such scenario.
        SolverUnavailableError: the solver is not installed.
    """
    names = [scenario.name for scenario in plan.scenarios] if scenario_names is None else list(scenario_names)
    for name in names:
        plan.scenario(name)
    last = previous or {}
    stop = cancel or threading.Event()

    def answer(name: str) -> Answer:
        return answer_scenario(
            plan,
            name,
            previous_selection=last.get(name),
            solver=solver,
            time_limit_s=time_limit_s,
            cancel=stop,
        )

    with ThreadPoolExecutor(max_workers=max(1, min(workers or cores(), len(names)))) as pool:
        futures = [pool.submit(answer, name) for name in names]
        try:
            for done in _as_they_come(futures):
                if on_done is not None:
                    on_done(done.result())
        except BaseException:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return with_siblings(plan, [future.result() for future in futures], solver=solver)


def answer_scenario(
    plan: Plan,
    name: str,
    *,
    previous_selection: Collection[str] | None = None,
    solver: SolverName = "highs",
    time_limit_s: float | None = None,
    cancel: threading.Event | None = None,
) -> Answer:
    """Answers one scenario, for callers that keep each answer; whatever goes wrong is its answer.

    Args:
        plan: what to choose from.
        name: which scenario.
        previous_selection: the keys that its last run selected.
        solver: ``highs`` or ``cbc``.
        time_limit_s: wall time in seconds.
        cancel: stops it when set from another thread.

    Raises:
        Cancelled: `cancel` was set.
        SolverUnavailableError: the solver is not installed, for this scenario as for all others.
    """
    # Loads the solvers, which takes longer than many a plan takes to solve: not before there is something to solve.
    from optimizer.scenario import solve_scenario

    try:
        return solve_scenario(
            plan,
            name,
            previous_selection=previous_selection,
            solver=solver,
            time_limit_s=time_limit_s,
            cancel=cancel,
        )
    except (Cancelled, SolverUnavailableError):
        raise
    except Exception as error:
        return ScenarioFailure(name, error)


def with_siblings(plan: Plan, answers: Sequence[Answer], *, solver: SolverName = "highs") -> tuple[Answer, ...]:
    """The answers, none of them worse than another scenario's portfolio that keeps its rules.

    Only an answer that time cut short can be. What is tried are the portfolios as they were answered, so that the
    outcome does not depend on the order.
    """
    from optimizer.scenario import improved_by

    found = [a for a in answers if isinstance(a, Portfolio) and a.status.has_portfolio]

    def of_same_horizon(answer: Portfolio) -> list[Selection]:
        horizon = plan.horizon(plan.scenario(answer.scenario))
        return [other.selection for other in found if other.horizon == horizon]

    return tuple(
        improved_by(plan, answer, of_same_horizon(answer), solver=solver) if isinstance(answer, Portfolio) else answer
        for answer in answers
    )


def _as_they_come(futures: Sequence[Future[Answer]]) -> Iterator[Future[Answer]]:
    waiting = set(futures)
    while waiting:
        done, waiting = wait(waiting, timeout=_SIGNAL_CHECK_S, return_when=FIRST_COMPLETED)
        yield from sorted(done, key=futures.index)


def cores() -> int:
    """Cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
