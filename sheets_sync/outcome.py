"""What one run found out, whatever triggered it: the JSON document, the exit code and the words for people."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from config.units import amount_of
from optimizer.plan import Kpi, Plan, Target, spoken_resource
from optimizer.portfolio import Portfolio, Price, Status, TargetOutcome
from sheets_sync.issues.issue import Issue, Severity

INVALID = "invalid"
"""Status of a scenario that errors in the workbook kept from being solved."""


class ExitCode(IntEnum):
    """Exit codes of every command; if several apply, `first_code` says which one counts."""

    DONE = 0
    DEFECT = 1
    USAGE = 2
    WORKBOOK_ERRORS = 3
    UNSOLVED = 4
    UNREACHABLE = 5
    BUSY = 6


ORDER = (
    ExitCode.UNREACHABLE,
    ExitCode.BUSY,
    ExitCode.WORKBOOK_ERRORS,
    ExitCode.UNSOLVED,
    ExitCode.USAGE,
    ExitCode.DEFECT,
    ExitCode.DONE,
)
"""Of several exit codes, the first one here counts."""


def first_code(codes: Iterable[ExitCode]) -> ExitCode:
    """The exit code of everything that ended with these; DONE if there are none."""
    return min(codes, key=ORDER.index, default=ExitCode.DONE)


@dataclass(frozen=True)
class RunFacts:
    """Who ran what, when, on which inputs. Times carry a zone; `fingerprint` is the sha256 hex of what was used."""

    run_id: str
    workbook: str
    started_at: datetime
    finished_at: datetime
    trigger: str
    person: str
    fingerprint: str
    sheetplan_version: str


@dataclass(frozen=True)
class ScenarioOutcome:
    """One scenario of a run: its portfolio, or why there is none.

    `portfolio` is None for an invalid scenario; `problems` then says why, in sentences with places. `defect` marks one
    that sheetplan itself failed to solve: nothing of it is shown as a result. `came_in` and `went_out` compare the
    selection with the last run of the same scenario, None where there is none to compare with; what is done since is
    `finished`, and did not go out.
    """

    name: str
    objective_mode: str
    portfolio: Portfolio | None
    problems: tuple[str, ...] = ()
    came_in: tuple[str, ...] | None = None
    went_out: tuple[str, ...] | None = None
    finished: tuple[str, ...] = ()
    defect: bool = False

    @property
    def status(self) -> str:
        """One of the statuses of the JSON document."""
        if self.portfolio is None:
            return Status.NO_SOLUTION.value if self.defect else INVALID
        return self.portfolio.status.value

    @property
    def words(self) -> str:
        """The status as people read it."""
        if self.defect:
            return DEFECT_WORDS
        if self.portfolio is not None and self.portfolio.status is Status.FEASIBLE and not self.portfolio.is_cut_short:
            return BLURRED_WORDS if self.portfolio.is_blurred else EFFORT_WORDS
        return STATUS_WORDS[self.status]

    @property
    def solved(self) -> bool:
        """Whether there is a selection to show, proven best or not."""
        return self.status in (Status.OPTIMAL, Status.TARGETS_MISSED, Status.FEASIBLE)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that this scenario asks for."""
        if self.solved:
            return ExitCode.DONE
        return ExitCode.DEFECT if self.defect else ExitCode.UNSOLVED


@dataclass(frozen=True)
class RunOutcome:
    """Everything that one run found; `plan` is None where the workbook did not give one.

    `written_tabs` are the titles of the tabs that were written, statuses included; `notices` are sentences about the
    writing itself: texts that were cut, inputs that changed meanwhile. `results_url` opens Results where it was written
    and has an address.
    """

    facts: RunFacts
    plan: Plan | None
    scenarios: tuple[ScenarioOutcome, ...]
    issues: tuple[Issue, ...]
    written: bool
    written_tabs: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    results_url: str | None = None

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that this outcome asks for."""
        wrong = any(issue.severity is Severity.ERROR for issue in self.issues)
        return first_code(
            [*(scenario.exit_code for scenario in self.scenarios), *([ExitCode.WORKBOOK_ERRORS] if wrong else [])]
        )

    @property
    def summary(self) -> str:
        """In words: how many scenarios were solved, what became of those that are not optimal, what is wrong."""
        solved = [scenario for scenario in self.scenarios if scenario.solved]
        parts = [f"{len(solved)} of {len(self.scenarios)} scenarios solved."]
        parts += [
            f"{scenario.name}: {run_status(scenario, self.plan)}"
            for scenario in self.scenarios
            if scenario.status not in (Status.OPTIMAL, INVALID)
        ]
        invalid = [scenario.name for scenario in self.scenarios if scenario.status == INVALID]
        if invalid:
            parts.append(f"{', '.join(invalid)}: {STATUS_WORDS[INVALID]}.")
        return " ".join([*parts, *errors_in_words(self.issues), *self.notices])

    def to_json(self) -> dict[str, Any]:
        """The JSON document of `run`, ready for json.dumps."""
        return {
            "run_id": self.facts.run_id,
            "workbook": self.facts.workbook,
            "started_at": self.facts.started_at.isoformat(),
            "finished_at": self.facts.finished_at.isoformat(),
            "inputs_fingerprint": self.facts.fingerprint,
            "written": self.written,
            "results_url": self.results_url,
            "notices": list(self.notices),
            "issues": issues_json(self.issues),
            "scenarios": [_scenario_json(scenario, self.plan) for scenario in self.scenarios],
        }


def errors_in_words(issues: Sequence[Issue]) -> list[str]:
    """The first error and how many there are, for a summary: each is said once, however many scenarios it stops."""
    errors = [issue for issue in issues if issue.severity is Severity.ERROR]
    if not errors:
        return []
    first = f"{errors[0].place}: {errors[0].message}"
    return [first, f"The workbook has {len(errors)} error{'s' if len(errors) > 1 else ''}."]


def issues_json(issues: Sequence[Issue]) -> list[dict[str, str | None]]:
    """Issues as INTERFACE's JSON has them."""
    return [
        {
            "severity": issue.severity.value,
            "code": issue.code,
            "tab": issue.tab,
            "cell": issue.cell,
            "scenario": issue.scenario,
            "message": issue.message,
        }
        for issue in issues
    ]


def targets_json(targets: Sequence[TargetOutcome]) -> list[dict[str, Any]]:
    """How targets fared, as INTERFACE's JSON has them."""
    return [
        {
            **_named(outcome.target),
            "target": outcome.target.value,
            "achieved": outcome.achieved,
            "shortfall": outcome.shortfall,
            "met": outcome.met,
        }
        for outcome in targets
    ]


def worse_targets_json(worse: Sequence[tuple[TargetOutcome, TargetOutcome]]) -> list[dict[str, Any]]:
    """Targets that another plan misses by more: pairs of how each fares now, and how it would."""
    return [
        {**_named(after.target), "shortfall": after.shortfall, "shortfall_before": before.shortfall}
        for before, after in worse
    ]


def _named(target: Target) -> dict[str, Any]:
    """Which target it is."""
    return {
        "kpi": target.kpi,
        "kind": target.kind.value,
        "period": target.period,
        "dimension": "all" if target.slice is None else target.slice.dimension,
        "dimension_key": None if target.slice is None else target.slice.key,
    }


def _scenario_json(scenario: ScenarioOutcome, plan: Plan | None) -> dict[str, Any]:
    portfolio = scenario.portfolio
    document: dict[str, Any] = {
        "scenario": scenario.name,
        "objective_mode": scenario.objective_mode,
        "status": scenario.status,
        "summary": run_status(scenario, plan),
        "objective": None,
        "bound": None,
        "gap": None,
        "selected": [],
        "starts": {},
        "reasons": {},
        "prices": {},
        "capacity": {},
        "kpi_totals": {},
        "targets": [],
        "stages": [],
        "solver": None,
    }
    if portfolio is None:
        return document | {"problems": list(scenario.problems)}
    return document | {
        "objective": portfolio.objective,
        "bound": portfolio.bound,
        "gap": portfolio.gap,
        "selected": list(portfolio.selected),
        "starts": dict(portfolio.starts),
        "reasons": dict(portfolio.reasons),
        "prices": {key: _price_json(price) for key, price in portfolio.prices.items()},
        "capacity": {
            use.resource: {"used": use.used, "available": use.available}
            | ({"reserved": use.reserved} if use.reserved else {})
            for use in portfolio.resources
        },
        "kpi_totals": dict(portfolio.kpi_totals),
        "targets": targets_json(portfolio.targets),
        "stages": [
            {
                "stage": stage.name,
                "unit": stage.unit,
                "reason": stage.reason.value,
                "value": stage.value,
                "bound": stage.bound,
                "gap": stage.gap,
                "tolerance": stage.tolerance,
                "seconds": stage.seconds,
            }
            for stage in portfolio.stages
        ],
        "solver": {
            "name": portfolio.solver.name,
            "version": portfolio.solver.version,
            "seconds": portfolio.solver.seconds,
        },
        "problems": list(scenario.problems),
    }


def _price_json(price: Price) -> dict[str, Any]:
    """What the opposite decision comes to; `edge` is where a contribution turns the decision."""
    edge = price.edge
    return {
        "proven": price.is_proven,
        "possible": price.is_possible if price.is_proven else None,
        "objective_change": price.objective_change,
        "came_in": list(price.came_in),
        "went_out": list(price.went_out),
        "targets_worse": worse_targets_json(price.targets_worse),
        "edge": None
        if edge is None
        else {"kpi": edge.kpi, "now": edge.now, "turns_at": edge.turns_at, "holds_until": edge.holds_until},
    }


STATUS_WORDS: Mapping[str, str] = {
    Status.OPTIMAL: "Optimal: proven best",
    Status.FEASIBLE: "Feasible: the time limit was reached before it was proven best",
    Status.TARGETS_MISSED: "Targets missed: proven as close as possible",
    Status.INFEASIBLE: "Infeasible: no portfolio keeps every rule",
    Status.NO_SOLUTION: "No solution within the time limit",
    INVALID: "Invalid: the workbook has errors",
}
"""Each status as people read it."""
EFFORT_WORDS = "Feasible: proving it best takes more work than this time limit allows"
BLURRED_WORDS = "Feasible: numbers differ too much in size to prove that nothing is better"
DEFECT_WORDS = "Not solved: an internal error in sheetplan"


def run_status(scenario: ScenarioOutcome, plan: Plan | None) -> str:
    """The outcome of a scenario in one line, for its `run_status` cell and for the terminal."""
    has_portfolio = scenario.portfolio is not None and scenario.portfolio.status.has_portfolio
    # Problems name KPIs by their keys.
    status = _status(scenario, plan, lambda kpi: kpi.key)
    if plan is None or not has_portfolio:
        return status
    return " ".join((status, *(f"{problem.removesuffix('.')}." for problem in scenario.problems)))


def brief_status(scenario: ScenarioOutcome, plan: Plan | None) -> str:
    """The outcome without why goals are missed, for an answer to another question; why there is none is said."""
    return _status(scenario, plan, lambda kpi: kpi.name or kpi.key)


def _status(scenario: ScenarioOutcome, plan: Plan | None, name: Callable[[Kpi], str]) -> str:
    portfolio = scenario.portfolio
    words = scenario.words
    if portfolio is None or plan is None or not portfolio.status.has_portfolio:
        return " ".join((f"{words}.", *scenario.problems)).strip()
    parts = [words]
    if portfolio.status is Status.FEASIBLE and portfolio.gap is not None:
        parts[0] += f", at most {portfolio.gap:.2%} from the best"
    tokens = portfolio.main_use
    named = spoken_resource(tokens.resource)
    available = "" if tokens.available is None else f" of {tokens.available:,.15g}"
    kept_free = f", {tokens.reserved:,.15g} kept free" if tokens.reserved else ""
    parts.append(f"{len(portfolio.selected)} selected, {tokens.used:,.15g}{available} {named} used{kept_free}")
    for outcome in portfolio.targets:
        if not outcome.met:
            kpi = plan.kpi(outcome.target.kpi)
            where = f" for {outcome.target.slice}" if outcome.target.slice else ""
            by = f" by the end of {outcome.target.period}" if outcome.target.period else ""
            parts.append(f"{name(kpi)}{where}{by} short by {amount_of(outcome.shortfall, kpi)}")
    return f"{'; '.join(parts)}."
