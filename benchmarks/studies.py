"""Studies over plans of one or two capacities, beside the same number of plain solves."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from random import Random
from time import perf_counter, process_time, sleep

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
from tests.optimizer.published_frontiers import MEASURES, two_knapsacks

NAME, VALUE, SECOND = "S", "value", "second"
_PLAIN = 5
"""Plain solves that are measured; the others would take as long on average."""
_LOADED_S = 3.0
"""By then a process has loaded what it needs."""
_TURNS = 3
"""So often one process and two are measured in turns."""


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


def measure_frontier(name: str, plan: Plan, first: Measure, second: Measure) -> StudyFigures:
    """The complete frontier between two KPIs; a plain solve has a floor on the second."""
    begun = cpu_time()
    found = solve_frontier(plan, NAME, first, second)
    seconds = cpu_time() - begun
    assert found.is_complete
    points = found.points
    floors = [points[len(points) * number // _PLAIN].second for number in range(_PLAIN)]

    def solve(floor: float) -> None:
        target = Target(kpi=second.name, value=floor, kind=TargetKind.FLOOR)
        asked = plan.scenarios[0].model_copy(update={"targets": (target,)})
        whole = plan.model_copy(update={"scenarios": (asked,)})
        solve_scenario(whole, NAME, explain=False, break_ties=False)

    plain = _average([lambda floor=floor: solve(floor) for floor in floors])
    return StudyFigures(name, len(plan.initiatives), f"{len(points)} plans, complete", seconds, len(points), plain)


def measure_published_frontier(size: int) -> StudyFigures:
    """That of two knapsacks in print, with as many efficient plans as it has there."""
    plan, published = two_knapsacks(size)
    found = measure_frontier("frontier of two knapsacks in print", plan, *MEASURES)
    assert found.solves == published
    return found


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
    name: str, plan: Plan, solves: int, solve: Callable[[Plan, Portfolio, int], object]
) -> StudyFigures:
    """A study by one process, and by two: how much sooner these are through, by the clock of an idle machine.

    What the second process needs is loaded beforehand, as `robustness` does while it reads the workbook. Both are
    measured in turns. Plain solves are those of the study by one process.
    """
    load_early()
    sleep(_LOADED_S)
    answer = solve_scenario(plan, NAME, explain=False)
    clock_s, cpu_s = Counter[int](), Counter[int]()
    for workers in (1, 2) * _TURNS:
        clock, begun = perf_counter(), cpu_time()
        solve(plan, answer, workers)
        clock_s[workers] += perf_counter() - clock
        cpu_s[workers] += cpu_time() - begun
    return StudyFigures(
        f"{name}, two processes",
        len(plan.initiatives),
        f"{clock_s[1] / clock_s[2]:.2f} times as fast",
        cpu_s[2] / _TURNS,
        solves,
        cpu_s[1] / _TURNS / solves,
    )


def measure_machine(size: int, solves: int) -> StudyFigures:
    """As many plain solves by one process, and by two that share nothing: what two cores of this machine gain at most.

    Cores that share a cache, or that others use too, are slower together than alone.
    """
    context, clock_s, cpu_s = get_context("spawn"), Counter[int](), Counter[int]()
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        list(pool.map(_plain_solves, [size, size], [_PLAIN, _PLAIN]))
        for workers in (1, 2) * _TURNS:
            clock = perf_counter()
            cpu_s[workers] += sum(pool.map(_plain_solves, [size] * workers, [solves // workers] * workers))
            clock_s[workers] += perf_counter() - clock
    return StudyFigures(
        "plain solves that share nothing, two processes",
        size,
        f"{clock_s[1] / clock_s[2]:.2f} times as fast",
        cpu_s[2] / _TURNS,
        solves,
        cpu_s[1] / _TURNS / solves,
    )


def _plain_solves(size: int, count: int) -> float:
    """The CPU seconds that so many take."""
    plan, begun = study_plan(size, largest=500), process_time()
    for _ in range(count):
        solve_scenario(plan, NAME, explain=False, break_ties=False)
    return process_time() - begun


def _draws(samples: int) -> Callable[[Plan, Portfolio, int], object]:
    return lambda plan, answer, workers: solve_robustness(Study(plan, answer), samples=samples, workers=workers)


def _core(plan: Plan, answer: Portfolio, workers: int) -> object:
    return core_index(Study(plan, answer), spread=0.2, workers=workers)


def _frontier(plan: Plan, answer: Portfolio, workers: int) -> object:
    del answer
    return solve_frontier(plan, NAME, *MEASURES, workers=workers)


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
    "frontier, one capacity": (
        lambda: measure_frontier(
            "frontier between two KPIs, one capacity", study_plan(100), Measure(VALUE), Measure(SECOND)
        ),
        10.0,
    ),
    "frontier in print": (lambda: measure_published_frontier(100), 10.0),
    "long frontier in print": (lambda: measure_published_frontier(250), 300.0),
    "core index": (lambda: measure_core(300), 240.0),
    "audit": (lambda: measure_audit(300), 5.0),
    "list": (lambda: measure_list(300), 120.0),
    "robustness": (lambda: measure_robustness(100, 1_000), 60.0),
    "machine, two processes": (lambda: measure_machine(100, 600), 60.0),
    "robustness, two processes": (
        lambda: measure_two_cores("robustness", study_plan(100, largest=500), 1_000, _draws(1_000)),
        60.0,
    ),
    "long frontier, two processes": (
        lambda: measure_two_cores("frontier of two knapsacks in print", *two_knapsacks(250), _frontier),
        60.0,
    ),
    "core index, two processes": (
        lambda: measure_two_cores("core index", study_plan(100, largest=500), 100, _core),
        120.0,
    ),
}
"""What is measured, and the CPU seconds that it may take; the core index has two cores for 120 seconds."""
