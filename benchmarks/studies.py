"""Studies over plans of one or two capacities, beside the same number of plain solves."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from time import perf_counter, sleep

from benchmarks.clock import cpu_time
from optimizer.plan import TOKENS, Initiative, Kpi, ObjectiveMode, Plan, Scenario, Target, TargetKind
from optimizer.portfolio import Portfolio
from optimizer.scenario import solve_scenario
from optimizer.studies.audit import audit_plan
from optimizer.studies.core_index import Core, core_index
from optimizer.studies.frontier import Measure, solve_frontier
from optimizer.studies.opposite import flip, solve_opposites
from optimizer.studies.parallel import load_early
from optimizer.studies.priorities import BUDGETS, solve_priorities
from optimizer.studies.robustness import solve_robustness
from optimizer.studies.study import Study
from optimizer.studies.thresholds import all_thresholds

NAME, VALUE, SECOND = "S", "value", "second"
_PLAIN = 5
"""Plain solves that are measured; the others would take as long on average."""
_LOADED_S = 3.0
"""By then a process has loaded what it needs."""


@dataclass(frozen=True)
class StudyFigures:
    """CPU seconds of a study with the processes that it began, and of one plain solve of such a question.

    `found` says what it came to, `solves` how many plain solves would answer the same.
    """

    name: str
    size: int
    found: str
    seconds: float
    solves: int
    plain_s: float

    @property
    def ratio(self) -> float:
        """The study to the same number of plain solves."""
        return self.seconds / (self.solves * self.plain_s)


def study_plan(size: int, *, capacities: int = 1, largest: int = 100, seed: int = 1) -> Plan:
    """Whole costs of 10 to 100 and two KPIs of 10 to `largest`; half of all costs fit."""
    random = Random(seed)
    resources = (TOKENS, "money")[:capacities]
    initiatives = tuple(
        Initiative(
            key=f"I{number:03}",
            costs={resource: float(random.randint(10, 100)) for resource in resources},
            contributions={VALUE: float(random.randint(10, largest)), SECOND: float(random.randint(10, largest))},
        )
        for number in range(size)
    )
    half = {resource: float(sum(one.costs[resource] for one in initiatives) // 2) for resource in resources}
    scenario = Scenario(name=NAME, objective_mode=ObjectiveMode.NORTH_STAR, capacities=half)
    kpis = (Kpi(key=VALUE, is_north_star=True), Kpi(key=SECOND))
    return Plan(kpis=kpis, initiatives=initiatives, scenarios=(scenario,))


def measure_frontier(size: int, capacities: int) -> StudyFigures:
    """The complete frontier between two KPIs; a plain solve has a floor on the second."""
    plan = study_plan(size, capacities=capacities)
    begun = cpu_time()
    found = solve_frontier(plan, NAME, Measure(VALUE), Measure(SECOND))
    seconds = cpu_time() - begun
    assert found.is_complete
    points = found.points
    floors = [points[len(points) * number // _PLAIN].second for number in range(_PLAIN)]

    def solve(floor: float) -> None:
        target = Target(kpi=SECOND, value=floor, kind=TargetKind.FLOOR)
        asked = plan.scenarios[0].model_copy(update={"targets": (target,)})
        whole = plan.model_copy(update={"scenarios": (asked,)})
        solve_scenario(whole, NAME, explain=False, break_ties=False)

    plain = _average([lambda floor=floor: solve(floor) for floor in floors])
    rows = "one capacity" if capacities == 1 else f"{capacities} capacities"
    return StudyFigures(
        f"frontier between two KPIs, {rows}", size, f"{len(points)} plans, complete", seconds, len(points), plain
    )


def measure_thresholds(size: int) -> StudyFigures:
    """What every opposite decision costs, and each number at which it turns; plain: both sides of each, solved."""
    plan = study_plan(size, largest=500)
    study = Study(plan, solve_scenario(plan, NAME, explain=False))
    begun = cpu_time()
    opposites = solve_opposites(study, stop=lambda: False)
    found = sum(map(len, all_thresholds(study, opposites)))
    seconds = cpu_time() - begun
    plain = _average(
        [lambda key=one.key: study.solve(flip(study, key), break_ties=False) for one in study.candidates[:_PLAIN]]
    )
    return StudyFigures("thresholds of all, three kinds", size, f"{found} thresholds", seconds, size + 2 * found, plain)


def measure_robustness(size: int, samples: int) -> StudyFigures:
    """As many draws; a plain solve is that of the plan."""
    plan = study_plan(size, largest=500)
    study = Study(plan, solve_scenario(plan, NAME, explain=False))
    begun = cpu_time()
    done = solve_robustness(study, samples=samples).done
    seconds = cpu_time() - begun
    plain = _average([lambda: solve_scenario(plan, NAME, explain=False, break_ties=False)] * _PLAIN)
    return StudyFigures("robustness", size, f"{done:,} draws", seconds, samples, plain)


def measure_core(size: int) -> StudyFigures:
    """What is safe while every estimate may be off by a fifth; a plain solve forces a decision the other way."""
    plan = study_plan(size, largest=500)
    study = Study(plan, solve_scenario(plan, NAME, explain=False))
    begun = cpu_time()
    found = Counter(one.core for one in core_index(study, spread=0.2))
    seconds = cpu_time() - begun
    plain = _average(
        [lambda key=one.key: study.solve(flip(study, key), break_ties=False) for one in study.candidates[:_PLAIN]]
    )
    said = f"{found[Core.IN] + found[Core.OUT]} safe, {found[Core.DISCUSS]} discuss, {found[Core.UNKNOWN]} open"
    return StudyFigures("core index", size, said, seconds, size, plain)


def measure_two_cores(
    name: str, size: int, solves: int, solve: Callable[[Plan, Portfolio, int], object]
) -> StudyFigures:
    """A study by one process, and by two: how much sooner these are through, by the clock of an idle machine.

    What the second process needs is loaded beforehand, as `robustness` does while it reads the workbook. Plain solves
    are those of the study by one process.
    """
    load_early()
    sleep(_LOADED_S)
    plan = study_plan(size, capacities=2 if "frontier" in name else 1, largest=100 if "frontier" in name else 500)
    answer = solve_scenario(plan, NAME, explain=False)
    took_s = []
    for workers in (1, 2):
        clock, begun = perf_counter(), cpu_time()
        solve(plan, answer, workers)
        took_s.append((perf_counter() - clock, cpu_time() - begun))
    (one_s, one_cpu_s), (two_s, two_cpu_s) = took_s
    return StudyFigures(
        f"{name}, two processes", size, f"{one_s / two_s:.2f} times as fast", two_cpu_s, solves, one_cpu_s / solves
    )


def _draws(samples: int) -> Callable[[Plan, Portfolio, int], object]:
    return lambda plan, answer, workers: solve_robustness(Study(plan, answer), samples=samples, workers=workers)


def _core(plan: Plan, answer: Portfolio, workers: int) -> object:
    return core_index(Study(plan, answer), spread=0.2, workers=workers)


def _frontier(plan: Plan, answer: Portfolio, workers: int) -> object:
    del answer
    return solve_frontier(plan, NAME, Measure(VALUE), Measure(SECOND), workers=workers)


def measure_audit(size: int) -> StudyFigures:
    """A plan made by hand: what brings most, as far as it fits. Plain solves are of the plan."""
    plan = study_plan(size, largest=500)
    study = Study(plan, solve_scenario(plan, NAME, explain=False))
    left, ticked = plan.scenarios[0].capacities[TOKENS], []
    for one in sorted(plan.initiatives, key=lambda one: -one.contributions[VALUE]):
        if one.costs[TOKENS] <= left:
            ticked.append(one.key)
            left -= one.costs[TOKENS]
    begun = cpu_time()
    found = audit_plan(study, ticked)
    seconds = cpu_time() - begun
    plain = _average([lambda: solve_scenario(plan, NAME, explain=False, break_ties=False)] * _PLAIN)
    questions = 3 - len(found.unproven) - len(found.unanswered)
    return StudyFigures("audit of a plan", size, f"{questions} of 3 proven", seconds, 3, plain)


def measure_list(size: int) -> StudyFigures:
    """One list for 20 budgets, and what it loses at most; a plain solve is that of the plan."""
    plan = study_plan(size, largest=500)
    study = Study(plan, solve_scenario(plan, NAME, explain=False))
    begun = cpu_time()
    found = solve_priorities(study, TOKENS)
    seconds = cpu_time() - begun
    plain = _average([lambda: solve_scenario(plan, NAME, explain=False, break_ties=False)] * _PLAIN)
    loss = "?" if found.largest_loss is None else f"{100 * found.largest_loss:.2f} %"
    return StudyFigures("one list for every budget", size, f"loses {loss} at most", seconds, BUDGETS, plain)


def _average(solves: Sequence[Callable[[], object]]) -> float:
    begun = cpu_time()
    for solve in solves:
        solve()
    return (cpu_time() - begun) / len(solves)


STUDIES = {
    "thresholds": (lambda: measure_thresholds(300), 60.0),
    "frontier, one capacity": (lambda: measure_frontier(100, 1), 10.0),
    "frontier, two capacities": (lambda: measure_frontier(100, 2), 10.0),
    "long frontier, two capacities": (lambda: measure_frontier(250, 2), 300.0),
    "core index": (lambda: measure_core(300), 240.0),
    "audit": (lambda: measure_audit(300), 5.0),
    "list": (lambda: measure_list(300), 120.0),
    "robustness": (lambda: measure_robustness(100, 1_000), 60.0),
    "robustness, two processes": (lambda: measure_two_cores("robustness", 100, 1_000, _draws(1_000)), 60.0),
    "long frontier, two processes": (lambda: measure_two_cores("long frontier", 250, 447, _frontier), 60.0),
    "core index, two processes": (lambda: measure_two_cores("core index", 100, 100, _core), 120.0),
}
"""What is measured, and the CPU seconds that it may take; the core index has two cores for 120 seconds."""
