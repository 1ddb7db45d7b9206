"""Commands that ask further questions about an answer: `explain`, `what-if`, `frontier`, `audit`."""

from typing import TYPE_CHECKING

import click

from sheets_sync.cli.number_options import Seconds
from sheets_sync.cli.session import WORKBOOK_HELP, Session, global_options, pass_session
from sheets_sync.cli.study_options import chart_option, stop_option, writing_options
from sheets_sync.cli.study_steps import ask_and_write, deadline, show_answer, study_request, study_store

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from sheets_sync.outcome import ExitCode
    from sheets_sync.run.audit_column import AuditAnswer
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
@click.option(
    "--thresholds", "with_thresholds", is_flag=True, help="Also say at which numbers each of the decisions would turn."
)
@stop_option
@click.option("--time-limit", type=Seconds(), metavar="SECONDS", help="Limit for each solve.")
@writing_options
@global_options
@pass_session
def explain(
    session: Session,
    workbook: str,
    scenarios: tuple[str, ...],
    initiative: str | None,
    with_thresholds: bool,
    stop_after: float | None,
    time_limit: float | None,
    write: bool,
    force: bool,
) -> "ExitCode":
    """Say why each initiative is in or out, and what the opposite decision would cost."""
    from sheets_sync.run.decision_analyses import explanation_analysis
    from sheets_sync.run.decisions_in_words import explanation_json
    from sheets_sync.run.explain_decisions import explain_decisions
    from sheets_sync.run.question import Question, QuestionKind
    from sheets_sync.run.study_analyses import command_line

    options = [*(("--scenario", name) for name in scenarios), ("--initiative", initiative)]
    command = command_line("explain", [*options, ("--thresholds", with_thresholds)])
    in_depth = initiative is not None or with_thresholds
    return ask_and_write(
        session,
        workbook,
        lambda opened, progress: explain_decisions(
            opened,
            study_request(scenarios or None, time_limit),
            initiative=initiative,
            with_thresholds=with_thresholds,
            store=study_store(),
            progress=progress,
            stop=deadline(stop_after),
        ),
        lambda console, found: _show(console, found, in_depth=in_depth),
        lambda found: explanation_analysis(found, command),
        asked=Question(
            QuestionKind.EXPLAIN,
            scenarios[0] if len(scenarios) == 1 else "",
            initiative=initiative,
            with_thresholds=with_thresholds or None,
        ),
        scenarios=scenarios or None,
        time_limit=time_limit,
        write=write,
        force=force,
        document=explanation_json,
    )


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
@writing_options
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
    write: bool,
    force: bool,
) -> "ExitCode":
    """Solve a scenario with changes, without touching the inputs, and show the difference."""
    from sheets_sync.run.decision_analyses import what_if_analysis
    from sheets_sync.run.question import Question, QuestionKind
    from sheets_sync.run.study_analyses import command_line
    from sheets_sync.run.what_if import WhatIfRequest
    from sheets_sync.run.what_if import what_if as solve_what_if

    if not (force_in or leave_out or settings or dropped):
        raise click.UsageError("Say what to change: --in, --out, --set or --without.")
    asked = WhatIfRequest(scenario, force_in, leave_out, settings, dropped)
    command = command_line(
        "what-if",
        [
            ("--scenario", scenario),
            *(("--in", key) for key in force_in),
            *(("--out", key) for key in leave_out),
            *(("--set", text) for text in settings),
            *(("--without", cell) for cell in dropped),
        ],
    )
    return ask_and_write(
        session,
        workbook,
        lambda opened, progress: solve_what_if(
            opened, asked, study_request((scenario,), time_limit), store=study_store(), progress=progress
        ),
        _show_what_if,
        lambda found: what_if_analysis(found, command),
        asked=Question(
            QuestionKind.WHAT_IF,
            scenario,
            force_in=force_in,
            leave_out=leave_out,
            changes=settings,
            dropped=dropped,
        ),
        scenarios=(scenario,),
        time_limit=time_limit,
        write=write,
        force=force,
    )


@click.command(epilog=f"{MEASURE_HELP}\n\n{WORKBOOK_HELP}")
@click.argument("workbook")
@click.option("--scenario", required=True, metavar="NAME", help="The scenario whose rules hold.")
@click.option("--by", "measures", multiple=True, required=True, metavar="MEASURE", help="Give it twice: two measures.")
@click.option("--points", type=click.IntRange(min=2), metavar="N", help="At most N plans, spread evenly.")
@stop_option
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
    charts: "tuple[Path, ...]",
) -> "ExitCode":
    """List all efficient plans between two KPIs, or a KPI and what is spent of a resource."""
    from sheets_sync.run.frontier_plans import frontier_plans
    from sheets_sync.run.question import Question, QuestionKind
    from sheets_sync.run.study_analyses import command_line, frontier_analysis

    if len(measures) != 2:
        raise click.UsageError("Give --by twice: the two measures between which to choose.")
    command = command_line(
        "frontier", [("--scenario", scenario), ("--by", measures[0]), ("--by", measures[1]), ("--points", points)]
    )
    return ask_and_write(
        session,
        workbook,
        lambda opened, progress: frontier_plans(
            opened,
            scenario,
            measures,
            study_request(None, time_limit),
            points=points,
            store=study_store(),
            progress=progress,
            stop=deadline(stop_after),
        ),
        _show_frontier,
        lambda found: frontier_analysis(found, command),
        asked=Question(QuestionKind.FRONTIER, scenario, measures=measures, points=points),
        time_limit=time_limit,
        write=write,
        force=force,
        charts=charts,
    )


@click.command(epilog=WORKBOOK_HELP)
@click.argument("workbook")
@click.option("--scenario", required=True, metavar="NAME", help="The scenario whose rules and objective hold.")
@click.option(
    "--column",
    required=True,
    metavar="HEADER",
    help="The column of the list that has the plan: ticks, or the period in which each starts.",
)
@stop_option
@click.option("--time-limit", type=Seconds(), metavar="SECONDS", help="Limit for each solve.")
@writing_options
@global_options
@pass_session
def audit(
    session: Session,
    workbook: str,
    scenario: str,
    column: str,
    stop_after: float | None,
    time_limit: float | None,
    write: bool,
    force: bool,
) -> "ExitCode":
    """Compare a plan made by hand with the best: rules it breaks, better, cheaper, fewest changes."""
    from sheets_sync.run.audit_column import audit_column
    from sheets_sync.run.decision_analyses import audit_analysis
    from sheets_sync.run.question import Question, QuestionKind
    from sheets_sync.run.study_analyses import command_line

    command = command_line("audit", [("--scenario", scenario), ("--column", column)])
    return ask_and_write(
        session,
        workbook,
        lambda opened, progress: audit_column(
            opened,
            scenario,
            column,
            study_request(None, time_limit),
            store=study_store(),
            progress=progress,
            stop=deadline(stop_after),
        ),
        _show_audit,
        lambda found: audit_analysis(found, command),
        asked=Question(QuestionKind.AUDIT, scenario, column=column),
        time_limit=time_limit,
        write=write,
        force=force,
    )


def _show(console: "Console", found: "Explanation", *, in_depth: bool) -> None:
    from sheets_sync.cli.console import show_errors
    from sheets_sync.outcome import brief_status
    from sheets_sync.run.decisions_in_words import stopped_words

    show_errors(console, found.outcome.issues)
    for scenario in found.scenarios:
        console.print(f"\n{scenario.outcome.name}: {brief_status(scenario.outcome, found.outcome.plan)}", markup=False)
        if scenario.is_stopped:
            console.print(stopped_words(scenario), markup=False, soft_wrap=True)
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
    from sheets_sync.cli.console import text_table
    from sheets_sync.run.decisions_in_words import price, shortened, title_of

    assert scenario.study is not None
    for heading, is_selected in (("Selected", True), ("Not selected", False)):
        rows = []
        for one in scenario.decisions:
            if one.is_selected is is_selected:
                moves = ((), ()) if one.opposite is None else (one.opposite.came_in, one.opposite.went_out)
                rows.append((f"  {title_of(one)}", one.reason, price(scenario.study, one), *map(shortened, moves)))
        opposite = "Without it" if is_selected else "With it"
        if rows:
            headers = (f"  {heading}", "Why", opposite, "Would come in", "Would drop out")
            console.print(text_table(headers, rows))


def _show_what_if(console: "Console", found: "WhatIf") -> None:
    from sheets_sync.cli.console import show_errors, show_lines, text_table
    from sheets_sync.run.what_if_in_words import change_lines, effect_lines, figures

    show_errors(console, found.after.issues)
    show_lines(console, change_lines(found))
    console.print()
    show_lines(console, effect_lines(found))
    table = text_table(("", "Before", "After", "Change"), figures(found), right=("Before", "After", "Change"))
    if table.row_count:
        console.print(table)


def _show_frontier(console: "Console", found: "FrontierAnswer") -> None:
    from sheets_sync.cli.console import show_errors, show_lines, text_table
    from sheets_sync.run.decisions_in_words import row_above, shortened
    from sheets_sync.run.frontier_in_words import frontier_heading, frontier_rows, measure_name, placed_in_words

    show_errors(console, found.outcome.issues)
    plan, curve = found.outcome.plan, found.frontier
    if plan is None or curve is None:
        return
    show_lines(console, [frontier_heading(found.scenario, curve)])
    if not curve.points:
        return
    measures = tuple(measure_name(plan, measure) for measure in (curve.first, curve.second))
    rows = (
        (first, second, shortened(came_in), shortened(went_out))
        for first, second, came_in, went_out in frontier_rows(plan, curve)
    )
    console.print(text_table((*measures, "Comes in", "Drops out"), rows, right=measures))
    show_lines(console, row_above([point.portfolio for point in curve.points]))
    show_lines(console, placed_in_words(plan, curve, found.placed))


def _show_audit(console: "Console", found: "AuditAnswer") -> None:
    from sheets_sync.cli.console import show_lines
    from sheets_sync.run.audit_in_words import audit_sentences

    show_answer(console, found.reading)
    show_lines(console, audit_sentences(found))
