"""Past runs in the terminal: the list of them, and the difference between two."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from sheets_sync.run.compare_runs import RunDifference
from sheets_sync.run.difference_in_words import change_line, scenario_lines
from sheets_sync.store import RunSummary, StudySummary

SHOWN_CHANGES = 200
"""Lines of changed inputs before the rest is only counted; --json has them all."""


def show_runs(
    console: Console, runs: Sequence[RunSummary], studies: Sequence[StudySummary], workbook: str | None
) -> None:
    """One line per run and study, newest first; of `workbook`, or of all."""
    if not runs and not studies:
        of = "" if workbook is None else f" of {workbook}"
        console.print(f"No run{of} is stored yet.", soft_wrap=True)
        return
    entries: list[RunSummary | StudySummary] = [*runs, *studies]
    several = len({run.workbook for run in entries}) > 1
    for run in sorted(entries, key=lambda entry: (entry.started_at, entry.run_id), reverse=True):
        counted = _counted(run) if isinstance(run, RunSummary) else _asked(run)
        by = f"{run.person} ({run.trigger})" if run.person else run.trigger
        started = run.started_at[:16].replace("T", " ")
        where = f"  {run.workbook}" if several else ""
        console.print(f"{run.run_id}  {started} UTC  {by}  {counted}{where}", soft_wrap=True)


def _counted(run: RunSummary) -> str:
    statuses = [status for _, status in run.scenarios]
    return ", ".join(f"{statuses.count(status)} {status}" for status in dict.fromkeys(statuses))


def _asked(study: StudySummary) -> str:
    names = list(study.scenarios)
    return f"{study.kind} of {', '.join(names)}" if names else f"{study.kind} of the ticked scenarios"


def show_difference(console: Console, found: RunDifference) -> None:
    """Inputs first, then each scenario."""
    console.print(f"From {found.before} to {found.after}", soft_wrap=True)
    console.print(Text("\nInputs", "bold"))
    for change in found.inputs[:SHOWN_CHANGES]:
        console.print(f"  {change_line(change)}", soft_wrap=True)
    if len(found.inputs) > SHOWN_CHANGES:
        console.print(f"  and {len(found.inputs) - SHOWN_CHANGES:,} more: --json has them all")
    if not found.inputs:
        console.print("  the same")
    for scenario in found.scenarios:
        console.print(Text(f"\n{scenario.scenario}", "bold"))
        for line in scenario_lines(scenario, found.kpis):
            console.print(f"  {line}", soft_wrap=True)
