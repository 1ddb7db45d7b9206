"""What a person sees in the terminal: issues by place, one readable block per scenario, progress while solving."""

from collections.abc import Callable, Sequence
from threading import Lock, Timer
from typing import Self

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from config.units import in_words
from optimizer.plan import Plan
from optimizer.portfolio import Portfolio
from sheets_sync.issues.issue import Issue, Severity
from sheets_sync.outcome import RunOutcome, ScenarioOutcome
from sheets_sync.request import Progress

QUIET_SECONDS = 1.0
"""Solving that takes no longer than this shows no progress bar."""
STYLES = {"optimal": "bold", "targets_missed": "bold yellow", "feasible": "bold yellow"}


def show_issues(console: Console, issues: Sequence[Issue]) -> None:
    """Every issue on its own line, errors first, in the order of the sheet."""
    for severity, style in ((Severity.ERROR, "bold red"), (Severity.WARNING, "yellow")):
        for issue in issues:
            if issue.severity is severity:
                console.print(Text.assemble((severity.value, style), f" {issue}"), soft_wrap=True)
    errors = sum(issue.severity is Severity.ERROR for issue in issues)
    if issues:
        console.print(f"{_counted(errors, 'error')}, {_counted(len(issues) - errors, 'warning')}.")
    else:
        console.print("No errors, no warnings.")


def show_outcome(console: Console, outcome: RunOutcome) -> None:
    """One block per scenario: status, what is selected, totals against targets, capacity used."""
    for scenario in outcome.scenarios:
        console.print()
        style = STYLES.get(scenario.status, "bold red")
        console.print(
            Text.assemble((scenario.name, "bold"), f" ({scenario.objective_mode}): ", (scenario.words, style))
        )
        for problem in scenario.problems:
            console.print(f"  {problem}", soft_wrap=True)
        portfolio = scenario.portfolio
        if outcome.plan is not None and portfolio is not None and portfolio.status.has_portfolio:
            _show_portfolio(console, outcome.plan, scenario, portfolio)


def _show_portfolio(console: Console, plan: Plan, scenario: ScenarioOutcome, portfolio: Portfolio) -> None:
    if portfolio.gap:
        console.print(f"  Proven within {portfolio.gap:.2g} of the best.")
    _show_keys(console, f"Selected ({len(portfolio.selected)})", portfolio.selected or ("nothing",))
    _show_keys(console, "In since last run", scenario.came_in or ())
    _show_keys(console, "Out since last run", scenario.went_out or ())
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    # On a narrow terminal a figure goes on in the next line: one that is cut would be another figure.
    table.add_column("  KPI", overflow="fold")
    for header in ("Total", "Target", "Gap"):
        table.add_column(header, justify="right", overflow="fold")
    table.add_column("", overflow="fold")
    table.add_column("", overflow="fold")
    whole = [outcome for outcome in portfolio.targets if outcome.target.slice is None]
    for kpi in plan.kpis:
        total = in_words(portfolio.kpi_totals[kpi.key], kpi.unit)
        mine = [outcome for outcome in whole if outcome.target.kpi == kpi.key]
        if not mine:
            table.add_row(f"  {kpi.key}", total)
        for outcome in mine:
            gap = kpi.direction.sign * (outcome.achieved - outcome.target.value)
            table.add_row(
                f"  {kpi.key}",
                total,
                in_words(outcome.target.value, kpi.unit),
                in_words(gap, kpi.unit),
                outcome.target.kind.value,
                "met" if outcome.met else Text("missed", "bold yellow"),
            )
    console.print(table)
    for outcome in portfolio.targets:
        if outcome.target.slice is not None:
            kpi = plan.kpi(outcome.target.kpi)
            verdict = "met" if outcome.met else f"missed by {in_words(outcome.shortfall, kpi.unit)}"
            target, achieved = in_words(outcome.target.value, kpi.unit), in_words(outcome.achieved, kpi.unit)
            console.print(f"  {kpi.key} for {outcome.target.slice}: {achieved} of {target}, {verdict}")
    for use in portfolio.resources:
        if use.available is None:
            console.print(f"  {use.resource}: {use.used:,.15g} used, not limited")
        else:
            share = f" ({use.used / use.available:.0%})" if use.available else ""
            console.print(f"  {use.resource}: {use.used:,.15g} of {use.available:,.15g} used{share}")


def _show_keys(console: Console, label: str, keys: Sequence[str]) -> None:
    if keys:
        console.print(Padding(f"{label}: {', '.join(keys)}", (0, 0, 0, 2)))


class ProgressBar(Progress):
    """Scenarios solved of all, on a terminal only, and only once solving has taken longer than a second."""

    def __init__(self, console: Console) -> None:
        self._bar = Bar(
            TextColumn("Solving"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            console=console, transient=True, disable=not console.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task("solve")
        self._later: _Later | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def solving(self, scenarios: int) -> None:
        """Show the bar, should this take longer than a moment."""
        self._bar.update(self._task, total=scenarios)
        self._later = _Later(QUIET_SECONDS, self._bar.start)

    def solved(self) -> None:
        """One step on."""
        self._bar.advance(self._task)

    def writing(self) -> None:
        """Solving is over."""
        self._stop()

    def _stop(self) -> None:
        if self._later is not None:
            self._later.cancel()
        self._bar.stop()


class _Later:
    """Calls an action after some seconds, unless cancelled before; cancel waits for an action under way."""

    def __init__(self, seconds: float, action: Callable[[], None]) -> None:
        self._lock = Lock()
        self._cancelled = False
        self._action = action
        self._timer = Timer(seconds, self._fire)
        self._timer.daemon = True
        self._timer.start()

    def _fire(self) -> None:
        with self._lock:
            if not self._cancelled:
                self._action()

    def cancel(self) -> None:
        """Nothing happens any more once this returns."""
        self._timer.cancel()
        with self._lock:
            self._cancelled = True


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
