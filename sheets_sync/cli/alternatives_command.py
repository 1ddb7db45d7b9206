"""The command `alternatives`: the next best plans, and those near the best that differ most."""

from typing import TYPE_CHECKING

import click

from sheets_sync.cli.number_options import Seconds
from sheets_sync.cli.session import WORKBOOK_HELP, Session, global_options, pass_session
from sheets_sync.cli.study_options import Percent, stop_option, writing_options
from sheets_sync.cli.study_steps import ask_and_write, deadline, show_answer, study_request, study_store

if TYPE_CHECKING:
    from rich.console import Console

    from sheets_sync.outcome import ExitCode
    from sheets_sync.run.other_plans import OtherPlansAnswer


@click.command(epilog=WORKBOOK_HELP)
@click.argument("workbook")
@click.option("--scenario", required=True, metavar="NAME", help="The scenario whose other plans are listed.")
@click.option(
    "--count", type=click.IntRange(min=1, max=50), default=5, show_default=True, metavar="N", help="Plans of each kind."
)
@click.option(
    "--within",
    type=Percent(),
    default="1%",
    show_default=True,
    metavar="PERCENT",
    help="How near to the best different plans are.",
)
@stop_option
@click.option("--time-limit", type=Seconds(), metavar="SECONDS", help="Limit for each solve.")
@writing_options
@global_options
@pass_session
def alternatives(
    session: Session,
    workbook: str,
    scenario: str,
    count: int,
    within: float,
    stop_after: float | None,
    time_limit: float | None,
    write: bool,
    force: bool,
) -> "ExitCode":
    """List the next best plans, and the most different plans that are nearly as good."""
    from sheets_sync.run.other_plans import other_plans
    from sheets_sync.run.question import Question, QuestionKind
    from sheets_sync.run.study_analyses import alternatives_analysis, command_line

    command = command_line(
        "alternatives", [("--scenario", scenario), ("--count", count), ("--within", f"{100 * within:g}%")]
    )
    return ask_and_write(
        session,
        workbook,
        lambda opened, progress: other_plans(
            opened,
            scenario,
            study_request(None, time_limit),
            count=count,
            within=within,
            store=study_store(),
            progress=progress,
            stop=deadline(stop_after),
        ),
        _show,
        lambda found: alternatives_analysis(found, command),
        asked=Question(QuestionKind.ALTERNATIVES, scenario, count=count, within=within),
        time_limit=time_limit,
        write=write,
        force=force,
    )


def _show(console: "Console", found: "OtherPlansAnswer") -> None:
    from sheets_sync.cli.console import show_lines, text_table
    from sheets_sync.run.decisions_in_words import shortened
    from sheets_sync.run.other_plans_in_words import other_plan_rows, other_plan_sentences

    show_answer(console, found.reading)
    study = found.reading.study
    if study is None or found.alternatives is None:
        return
    if found.alternatives.plans:
        rows = (
            (row.label, row.against, shortened(row.came_in), shortened(row.went_out))
            for row in other_plan_rows(study, found.alternatives)
        )
        console.print()
        console.print(text_table(("Plan", "Against the answer", "Comes in", "Drops out"), rows))
    show_lines(console, other_plan_sentences(study, found.alternatives))
