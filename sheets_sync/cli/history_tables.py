"""Past runs in the terminal: the list of them, and the difference between two."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from optimizer.studies.bridge import Bridge, BridgeStep, Cause
from sheets_sync.outcome import STATUS_WORDS
from sheets_sync.run.compare_runs import Figure, InputChange, RunDifference, ScenarioDifference
from sheets_sync.store import RunSummary

SHOWN_CHANGES = 200
"""Lines of changed inputs before the rest is only counted; --json has them all."""


CAUSES = {
    Cause.ESTIMATES: "changed estimates",
    Cause.INITIATIVES: "initiatives in and out",
    Cause.CAPACITY: "capacity",
    Cause.RULES: "rules and weights",
}
"""Each step of a bridge in words."""
FIGURE_DIGITS, ALL_DIGITS = 10, 17
"""Significant digits of a figure, and of one that would otherwise look unchanged."""


def show_runs(console: Console, runs: Sequence[RunSummary], workbook: str | None) -> None:
    """One line per run, newest first; of `workbook`, or of all."""
    if not runs:
        of = "" if workbook is None else f" of {workbook}"
        console.print(f"No run{of} is stored yet.", soft_wrap=True)
        return
    several = len({run.workbook for run in runs}) > 1
    for run in runs:
        statuses = [status for _, status in run.scenarios]
        counted = ", ".join(f"{statuses.count(status)} {status}" for status in dict.fromkeys(statuses))
        by = f"{run.person} ({run.trigger})" if run.person else run.trigger
        started = run.started_at[:16].replace("T", " ")
        where = f"  {run.workbook}" if several else ""
        console.print(f"{run.run_id}  {started} UTC  {by}  {counted}{where}", soft_wrap=True)


def show_difference(console: Console, found: RunDifference) -> None:
    """Inputs first, then each scenario."""
    console.print(f"From {found.before} to {found.after}", soft_wrap=True)
    console.print(Text("\nInputs", "bold"))
    for change in found.inputs[:SHOWN_CHANGES]:
        console.print(f"  {_change_line(change)}", soft_wrap=True)
    if len(found.inputs) > SHOWN_CHANGES:
        console.print(f"  and {len(found.inputs) - SHOWN_CHANGES:,} more: --json has them all")
    if not found.inputs:
        console.print("  the same")
    for scenario in found.scenarios:
        console.print(Text(f"\n{scenario.scenario}", "bold"))
        for line in _scenario_lines(scenario):
            console.print(f"  {line}", soft_wrap=True)


def _change_line(change: InputChange) -> str:
    if change.column is not None:
        before, after = change.before_text or "blank", change.after_text or "blank"
        return f"{change.tab} {change.key}: {change.column} {before} -> {after}"
    return f"{change.tab} {change.key}: {'new' if change.before is None else 'gone'}"


def _scenario_lines(scenario: ScenarioDifference) -> list[str]:
    if scenario.is_same:
        return ["the same"]
    lines = []
    if scenario.status_before != scenario.status_after:
        before, after = (_status(status) for status in (scenario.status_before, scenario.status_after))
        lines.append(f"Status: {before} -> {after}")
    if scenario.came_in:
        lines.append(f"In: {', '.join(scenario.came_in)}")
    if scenario.went_out:
        lines.append(f"Out: {', '.join(scenario.went_out)}")
    lines += map(_figure_line, scenario.figures)
    return lines if scenario.bridge is None else [*lines, *_bridge_lines(scenario.bridge)]


def _bridge_lines(bridge: Bridge) -> list[str]:
    """Where the change of each KPI comes from, and what came in and went out on the way; steps without effect go."""
    lines = ["Where the change comes from:"]
    for step in bridge.steps:
        parts = [f"{kpi} {float(change):+,.{FIGURE_DIGITS}g}" for kpi, change in step.changes.items() if change]
        moves = [f"in: {', '.join(step.came_in)}"] if step.came_in else []
        moves += [f"out: {', '.join(step.went_out)}"] if step.went_out else []
        if parts or moves:
            told = f" ({'; '.join(moves)})" if moves else ""
            lines.append(f"  {_causes(step)}: {', '.join(parts) or 'no KPI changes'}{told}")
    return lines if len(lines) > 1 else []


def _causes(step: BridgeStep) -> str:
    return " and ".join(CAUSES[cause] for cause in step.causes)


def _status(status: str | None) -> str:
    return "not in that run" if status is None else STATUS_WORDS[status]


def _figure_line(figure: Figure) -> str:
    before, after = (_number(value, FIGURE_DIGITS) for value in (figure.before, figure.after))
    if before == after:
        before, after = (_number(value, ALL_DIGITS) for value in (figure.before, figure.after))
    line = f"{figure.name}: {before} -> {after}"
    if figure.before is None or figure.after is None:
        return line
    return f"{line} ({figure.after - figure.before:+,.{FIGURE_DIGITS}g})"


def _number(value: float | None, digits: int) -> str:
    return "none" if value is None else f"{value:,.{digits}g}"
