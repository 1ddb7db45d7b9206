"""What a person sees in the terminal: issues by place, one readable block per scenario, progress while solving."""

from collections.abc import Callable, Collection, Iterable, Sequence
from threading import Lock, Timer
from typing import Self

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from config.names import fold_key
from config.units import amount_of
from optimizer import exact
from optimizer.plan import Plan, spoken_resource
from optimizer.portfolio import Portfolio
from sheets_sync.issues.grouping import IssueGroup, grouped
from sheets_sync.issues.issue import Issue, Severity
from sheets_sync.issues.tables import TABLE_KINDS
from sheets_sync.outcome import RunOutcome, ScenarioOutcome
from sheets_sync.request import Progress

QUIET_SECONDS = 1.0
"""Solving that takes no longer than this shows no progress bar."""
STYLE_OF = {Severity.ERROR: "bold red", Severity.WARNING: "yellow"}
TABLE_CODES = frozenset(kind.code for kind in TABLE_KINDS)
STYLES = {"optimal": "bold", "targets_missed": "bold yellow", "feasible": "bold yellow"}


def show_issues(console: Console, issues: Sequence[Issue]) -> None:
    """Every mistake on its own line, errors first, in the order of the sheet; at the end what to fix first."""
    groups = grouped(issues)
    for group in groups:
        severity = group.first.severity
        console.print(Text.assemble((severity.value, STYLE_OF[severity]), f" {group}"), soft_wrap=True)
    errors = sum(issue.severity is Severity.ERROR for issue in issues)
    if issues:
        console.print(f"{_counted(errors, 'error')}, {_counted(len(issues) - errors, 'warning')}.{_first_step(groups)}")
    else:
        console.print("No errors, no warnings.")


def show_errors(console: Console, issues: Sequence[Issue]) -> None:
    """The errors alone, for commands that are about answers; `check` and `run` show warnings too."""
    errors = [issue for issue in issues if issue.severity is Severity.ERROR]
    if errors:
        show_issues(console, errors)


def _first_step(groups: Sequence[IssueGroup]) -> str:
    """Where to begin, where there are several errors: with what stops the most."""
    errors = [group for group in groups if group.first.severity is Severity.ERROR]
    if len(errors) < 2:
        return ""
    # Tabs and headers come first: what they hide makes other mistakes, or hides them.
    first = min(errors, key=lambda group: (group.first.code not in TABLE_CODES, -len(group.issues)))
    return f" Begin with {first.first.place}; fixing it may settle others."


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


def text_table(headers: Iterable[str], rows: Iterable[Iterable[str | Text]], right: Collection[str] = ()) -> Table:
    """A table without lines, whose cells are taken as they are; `right` has the headers of figures.

    On a narrow terminal a cell goes on in the next line: a figure that is cut would be another figure.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for header in headers:
        table.add_column(header, justify="right" if header in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    return table


def show_lines(console: Console, lines: Iterable[str]) -> None:
    """Each line as it is: nothing in it is markup, and the terminal breaks it."""
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)


def _show_portfolio(console: Console, plan: Plan, scenario: ScenarioOutcome, portfolio: Portfolio) -> None:
    if portfolio.gap:
        console.print(f"  Proven within {portfolio.gap:.2g} of the best possible.")
    titled = _titled(plan)
    selected = [titled.get(key, key) for key in portfolio.selected]
    _show_keys(console, f"Selected ({len(selected)})", selected or ("nothing",))
    if portfolio.horizon:
        _show_keys(console, "Going on", [key for key in portfolio.selected if key in plan.in_progress])
    for period in portfolio.horizon:
        starting = [
            key for key in portfolio.selected if portfolio.starts[key] == period and key not in plan.in_progress
        ]
        _show_keys(console, f"Starting in {period}", starting or ("nothing",))
    _show_keys(console, "In since last run", [titled.get(key, key) for key in scenario.came_in or ()])
    _show_keys(console, "Finished since last run", [titled.get(key, key) for key in scenario.finished])
    _show_keys(console, "Out since last run", [titled.get(key, key) for key in scenario.went_out or ()])
    whole = [one for one in portfolio.targets if one.target.slice is None and one.target.period is None]
    rows: list[list[str | Text]] = []
    for kpi in plan.kpis:
        total = amount_of(portfolio.kpi_totals[kpi.key], kpi)
        mine = [outcome for outcome in whole if outcome.target.kpi == kpi.key]
        if not mine:
            rows.append([f"  {kpi.key}", total])
        for outcome in mine:
            gap = kpi.direction.sign * exact.difference(outcome.achieved, outcome.target.value) + 0.0
            rows.append(
                [
                    f"  {kpi.key}",
                    total,
                    amount_of(outcome.target.value, kpi),
                    amount_of(gap, kpi),
                    outcome.target.kind.value,
                    "met" if outcome.met else Text("missed", "bold yellow"),
                ]
            )
    figures = ("Total", "Target", "Gap")
    console.print(text_table(("  KPI", *figures, "", ""), rows, right=figures))
    for outcome in portfolio.targets:
        if outcome not in whole:
            kpi = plan.kpi(outcome.target.kpi)
            verdict = "met" if outcome.met else f"missed by {amount_of(outcome.shortfall, kpi)}"
            target, achieved = (
                amount_of(outcome.target.value, kpi),
                amount_of(outcome.achieved, kpi),
            )
            part = f" for {outcome.target.slice}" if outcome.target.slice is not None else ""
            by = f" by the end of {outcome.target.period}" if outcome.target.period is not None else ""
            console.print(f"  {kpi.key}{part}{by}: {achieved} of {target}, {verdict}", soft_wrap=True, markup=False)
    for use in portfolio.resources:
        named = spoken_resource(use.resource)
        if use.available is None:
            by_period = any(part.period and part.resource == use.resource for part in portfolio.slices)
            limit = "limited by period" if by_period else "unlimited"
            console.print(f"  {named}: {use.used:,.15g} used, {limit}", soft_wrap=True, markup=False)
        else:
            share = f" ({share_used(use.used, use.available)})" if use.available else ""
            spent = f"{use.used:,.15g} of {use.available:,.15g} used{share}"
            console.print(f"  {named}: {spent}", soft_wrap=True, markup=False)


def share_used(used: float, available: float) -> str:
    """The share in percent: 100% is all of it, and 0% is nothing."""
    for decimals in range(6):
        text = f"{used / available:.{decimals}%}"
        if float(text[:-1]) not in (0.0, 100.0) or used in (0.0, available):
            return text
    return "almost 100%" if used > available / 2 else "almost 0%"


def _titled(plan: Plan) -> dict[str, str]:
    """Each key with its title: ``PAY-1 (Wallets)``; the key alone where there is none, or it says the same."""
    return {
        one.key: f"{one.key} ({one.title})" if one.title and fold_key(one.title) != fold_key(one.key) else one.key
        for one in plan.initiatives
    }


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
