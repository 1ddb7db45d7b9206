"""The command `change-value`: what more changes to the agreed plan would bring."""

from typing import TYPE_CHECKING

import click

from sheets_sync.cli.number_options import Seconds
from sheets_sync.cli.session import WORKBOOK_HELP, Session, global_options, pass_session
from sheets_sync.cli.study_options import stop_option, writing_options
from sheets_sync.cli.study_steps import ask_and_write, deadline, show_answer, study_request, study_store

if TYPE_CHECKING:
    from rich.console import Console

    from sheets_sync.outcome import ExitCode
    from sheets_sync.run.change_values import ChangeAnswer


@click.command("change-value", epilog=WORKBOOK_HELP)
@click.argument("workbook")
@click.option("--scenario", required=True, metavar="NAME", help="The scenario that is planned again.")
@click.option("--most", type=click.IntRange(0, 100), default=10, metavar="N", help="Up to so many; 10 by default.")
@stop_option
@click.option("--time-limit", type=Seconds(), metavar="SECONDS", help="Limit for each solve.")
@writing_options
@global_options
@pass_session
def change_value(
    session: Session,
    workbook: str,
    scenario: str,
    most: int,
    stop_after: float | None,
    time_limit: float | None,
    write: bool,
    force: bool,
) -> "ExitCode":
    """Show the best value with at most 0, 1, 2 ... changes to the approved plan, or to the last run."""
    from sheets_sync.run.change_values import change_values
    from sheets_sync.run.decision_analyses import change_analysis
    from sheets_sync.run.question import Question, QuestionKind
    from sheets_sync.run.study_analyses import command_line

    command = command_line("change-value", [("--scenario", scenario), ("--most", most)])
    return ask_and_write(
        session,
        workbook,
        lambda opened, progress: change_values(
            opened,
            scenario,
            study_request(None, time_limit),
            most=most,
            store=study_store(),
            progress=progress,
            stop=deadline(stop_after),
        ),
        _show,
        lambda found: change_analysis(found, command),
        asked=Question(QuestionKind.CHANGE_VALUE, scenario, count=most),
        time_limit=time_limit,
        write=write,
        force=force,
    )


def _show(console: "Console", found: "ChangeAnswer") -> None:
    from sheets_sync.cli.console import show_lines, text_table
    from sheets_sync.run.change_values import change_rows, change_sentences

    show_answer(console, found.reading)
    if found.curve is None:
        return
    show_lines(console, change_sentences(found))
    if not found.curve.points:
        return
    show_lines(console, [f"Changes against {found.curve.limit.since}:"])
    headers = ("Changes", "Against any number", "Comes in", "Drops out", "Moves")
    console.print(text_table(headers, change_rows(found)))
