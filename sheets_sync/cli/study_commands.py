"""Commands that ask further questions about an answer, and write nothing: `explain`, `what-if`, `frontier`, `audit`."""

from typing import TYPE_CHECKING

import click

from sheets_sync.cli.run_commands import Seconds
from sheets_sync.cli.session import WORKBOOK_HELP, Session, global_options, installation, pass_session
from sheets_sync.cli.study_options import (
    chart_option,
    deadline,
    drawn,
    held_for_writing,
    refuse_other_charts,
    study_request,
    study_store,
    tell,
    writing_options,
    written,
)

if TYPE_CHECKING:
    from rich.console import Console

    from sheets_sync.outcome import ExitCode
    from sheets_sync.run.explain_decisions import Explanation, ScenarioExplanation
    from sheets_sync.run.frontier_plans import FrontierAnswer
    from sheets_sync.run.what_if import WhatIf

MEASURE_HELP = "MEASURE is the key or name of a KPI, or a resource: tokens, or the name behind cost: in the list."
FIELD_HELP = (
    "FIELD is a header of the tab Scenarios (for the scenario's own row), INITIATIVE.HEADER for a cell of the list, or "
    "a cell such as Constraints!E5. VALUE is what you would type there; leave it empty to clear the cell."
)


@click.command(epilog=WORKBOOK_HELP)
@click.argument("workbook")
@click.option(
    "--scenario", "scenarios", multiple=True, metavar="NAME", help="Explain this scenario, ticked or not. Repeatable."
)
@click.option(
    "--initiative", metavar="KEY", help="Explain this initiative, and say at which numbers its decision would turn."
)
@click.option("--time-limit", type=Seconds(), metavar="SECONDS", help="Limit for each solve.")
@global_options
@pass_session
def explain(
    session: Session, workbook: str, scenarios: tuple[str, ...], initiative: str | None, time_limit: float | None
) -> "ExitCode":
    """Say why each initiative is in or out, and what the opposite decision would cost. Writes nothing."""
    from sheets_sync.cli.console import ProgressBar
    from sheets_sync.opening import open_workbook
    from sheets_sync.run.decisions_in_words import explanation_json
    from sheets_sync.run.explain_decisions import explain_decisions

    with ProgressBar(session.err) as progress:
        found = explain_decisions(
            open_workbook(workbook, installation()),
            study_request(scenarios or None, time_limit),
            initiative=initiative,
            store=study_store(),
            progress=progress,
        )
    if session.as_json:
        session.print_json(explanation_json(found))
    else:
        _show(session.out, found, in_depth=initiative is not None)
    return found.outcome.exit_code


@click.command("what-if", epilog=f"{FIELD_HELP}\n\n{WORKBOOK_HELP}")
@click.argument("workbook")
@click.option("--scenario", required=True, metavar="NAME", help="The scenario to change.")
@click.option("--in", "force_in", multiple=True, metavar="KEY", help="Force this initiative in. Repeatable.")
@click.option("--out", "leave_out", multiple=True, metavar="KEY", help="Leave this initiative out. Repeatable.")
@click.option("--set", "settings", multiple=True, metavar="FIELD=VALUE", help="Change one number or word. Repeatable.")
@click.option(
    "--without", "dropped", multiple=True, metavar="CELL", help="Drop the rule or target in this row. Repeatable."
)
@click.option("--time-limit", type=Seconds(), metavar="SECONDS", help="Limit for each solve.")
@global_options
@pass_session
def what_if(
    session: Session,
    workbook: str,
    scenario: str,
    force_in: tuple[str, ...],
    leave_out: tuple[str, ...],
    settings: tuple[str, ...],
    dropped: tuple[str, ...],
    time_limit: float | None,
) -> "ExitCode":
    """Solve a scenario with changes, without touching the sheet, and show the difference."""
    from sheets_sync.cli.console import ProgressBar
    from sheets_sync.opening import open_workbook
    from sheets_sync.run.what_if import WhatIfRequest
    from sheets_sync.run.what_if import what_if as solve_what_if

    if not (force_in or leave_out or settings or dropped):
        raise click.UsageError("Say what to change: --in, --out, --set or --without.")
    asked = WhatIfRequest(scenario, force_in, leave_out, settings, dropped)
    with ProgressBar(session.err) as progress:
        found = solve_what_if(
            open_workbook(workbook, installation()),
            asked,
            study_request((scenario,), time_limit),
            store=study_store(),
            progress=progress,
        )
    if session.as_json:
        session.print_json(found.to_json())
    else:
        _show_what_if(session.out, found)
    return found.after.exit_code


@click.command(epilog=f"{MEASURE_HELP}\n\n{WORKBOOK_HELP}")
@click.argument("workbook")
@click.option("--scenario", required=True, metavar="NAME", help="The scenario whose rules hold.")
@click.option("--by", "measures", multiple=True, required=True, metavar="MEASURE", help="Give it twice: two measures.")
@click.option("--points", type=click.IntRange(min=2), metavar="N", help="At most N plans, spread evenly.")
@click.option("--stop-after", type=Seconds(), metavar="SECONDS", help="Then show what was found so far.")
@click.option("--time-limit", type=Seconds(), metavar="SECONDS", help="Limit for each solve.")
@chart_option
@writing_options
@global_options
@pass_session
def frontier(
    session: Session,
    workbook: str,
    scenario: str,
    measures: tuple[str, ...],
    points: int | None,
    stop_after: float | None,
    time_limit: float | None,
    write: bool,
    force: bool,
    chart: str | None,
) -> "ExitCode":
    """List all efficient plans between two KPIs, or a KPI and what is spent of a resource."""
    from sheets_sync.cli.console import ProgressBar
    from sheets_sync.opening import open_workbook
    from sheets_sync.outcome import ExitCode
    from sheets_sync.run.frontier_plans import frontier_plans
    from sheets_sync.run.study_analyses import command_line, frontier_analysis

    if len(measures) != 2:
        raise click.UsageError("Give --by twice: the two measures between which to choose.")
    refuse_other_charts(chart)
    opened = open_workbook(workbook, installation())
    with held_for_writing(opened, write=write, force=force):
        with ProgressBar(session.err) as progress:
            request = study_request(None, time_limit)
            found = frontier_plans(
                opened,
                scenario,
                measures,
                request,
                points=points,
                store=study_store(),
                progress=progress,
                stop=deadline(stop_after),
            )
        command = command_line(
            "frontier",
            [("--scenario", scenario), ("--by", measures[0]), ("--by", measures[1]), ("--points", points)],
        )
        analysis = frontier_analysis(found, command)
        notices = written(opened, analysis, found, force=force) if write else []
    if chart is not None:
        notices.append(drawn(analysis, chart))
    tell(session.err, notices)
    if session.as_json:
        session.print_json(found.to_json())
    else:
        _show_frontier(session.out, found)
    if found.frontier is None:
        return ExitCode.WORKBOOK_ERRORS
    return ExitCode.DONE if found.frontier.points else ExitCode.UNSOLVED


@click.command(epilog=WORKBOOK_HELP)
@click.argument("workbook")
@click.option("--scenario", required=True, metavar="NAME", help="The scenario whose rules and objective hold.")
@click.option("--column", required=True, metavar="HEADER", help="The column of the list in which the plan is ticked.")
@click.option("--time-limit", type=Seconds(), metavar="SECONDS", help="Limit for each solve.")
@global_options
@pass_session
def audit(session: Session, workbook: str, scenario: str, column: str, time_limit: float | None) -> "ExitCode":
    """Compare a plan that is ticked by hand with the best: rules it breaks, better, cheaper, fewest changes."""
    from sheets_sync.cli.console import ProgressBar, show_errors
    from sheets_sync.opening import open_workbook
    from sheets_sync.outcome import run_status
    from sheets_sync.run.audit_column import audit_column
    from sheets_sync.run.audit_in_words import audit_sentences

    with ProgressBar(session.err) as progress:
        opened, request = open_workbook(workbook, installation()), study_request(None, time_limit)
        found = audit_column(opened, scenario, column, request, store=study_store(), progress=progress)
    if session.as_json:
        session.print_json(found.to_json())
        return found.outcome.exit_code
    show_errors(session.out, found.outcome.issues)
    for answer in found.outcome.scenarios:
        text = f"{answer.name}: {run_status(answer, found.outcome.plan)}"
        session.out.print(text, markup=False, soft_wrap=True)
    for sentence in audit_sentences(found):
        session.out.print(sentence, markup=False, soft_wrap=True)
    return found.outcome.exit_code


def _show(console: "Console", found: "Explanation", *, in_depth: bool) -> None:
    from sheets_sync.cli.console import show_errors
    from sheets_sync.outcome import run_status

    show_errors(console, found.outcome.issues)
    for scenario in found.scenarios:
        console.print(f"\n{scenario.outcome.name}: {run_status(scenario.outcome, found.outcome.plan)}", markup=False)
        if scenario.study is not None:
            (_show_in_depth if in_depth else _show_all)(console, scenario)


def _show_in_depth(console: "Console", scenario: "ScenarioExplanation") -> None:
    from sheets_sync.run.decisions_in_words import sentences, title_of

    assert scenario.study is not None
    for decision in scenario.decisions:
        console.print(f"  {title_of(decision)}", markup=False, soft_wrap=True)
        for sentence in sentences(scenario.study, decision):
            console.print(f"    {sentence}", markup=False, soft_wrap=True)


def _show_all(console: "Console", scenario: "ScenarioExplanation") -> None:
    from rich.table import Table
    from rich.text import Text

    from sheets_sync.run.decisions_in_words import price, shortened, title_of

    assert scenario.study is not None
    for heading, is_selected in (("Selected", True), ("Not selected", False)):
        decisions = [one for one in scenario.decisions if one.is_selected is is_selected]
        if not decisions:
            continue
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        opposite = "Without it" if is_selected else "With it"
        for header in (f"  {heading}", "Why", opposite, "Would come in", "Would drop out"):
            table.add_column(header, overflow="fold")
        for one in decisions:
            moves = ((), ()) if one.opposite is None else (one.opposite.came_in, one.opposite.went_out)
            cells = (f"  {title_of(one)}", one.reason, price(scenario.study, one), *map(shortened, moves))
            table.add_row(*(Text(cell) for cell in cells))
        console.print(table)


def _show_what_if(console: "Console", found: "WhatIf") -> None:
    from rich.table import Table
    from rich.text import Text

    from sheets_sync.cli.console import show_errors
    from sheets_sync.run.what_if_in_words import change_lines, effect_lines, figures

    show_errors(console, found.after.issues)
    for line in change_lines(found):
        console.print(line, markup=False, soft_wrap=True)
    console.print()
    for line in effect_lines(found):
        console.print(line, markup=False, soft_wrap=True)
    rows = list(figures(found))
    if not rows:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for header in ("", "Before", "After", "Change"):
        table.add_column(header, justify="left" if not header else "right", overflow="fold")
    for cells in rows:
        table.add_row(*map(Text, cells))
    console.print(table)


def _show_frontier(console: "Console", found: "FrontierAnswer") -> None:
    from rich.table import Table
    from rich.text import Text

    from sheets_sync.cli.console import show_errors
    from sheets_sync.run.decisions_in_words import shortened
    from sheets_sync.run.frontier_in_words import frontier_heading, frontier_rows, measure_name, placed_in_words

    show_errors(console, found.outcome.issues)
    plan, curve = found.outcome.plan, found.frontier
    if plan is None or curve is None:
        return
    console.print(frontier_heading(found.scenario, curve), markup=False, soft_wrap=True)
    if not curve.points:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for measure in (curve.first, curve.second):
        table.add_column(measure_name(plan, measure), justify="right", overflow="fold")
    for header in ("Comes in", "Drops out"):
        table.add_column(header, overflow="fold")
    for first, second, came_in, went_out in frontier_rows(plan, curve):
        table.add_row(*map(Text, (first, second, shortened(came_in), shortened(went_out))))
    console.print(table)
    for line in placed_in_words(plan, curve, found.placed):
        console.print(line, markup=False, soft_wrap=True)
