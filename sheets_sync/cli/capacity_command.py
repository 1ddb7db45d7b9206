"""The command `capacity-value`: what more of a capacity would bring."""

from typing import TYPE_CHECKING

import click

from sheets_sync.cli.number_options import Amount, Seconds
from sheets_sync.cli.session import WORKBOOK_HELP, Session, global_options, pass_session
from sheets_sync.cli.study_options import chart_option, stop_option, writing_options
from sheets_sync.cli.study_steps import ask_and_write, deadline, show_answer, study_request, study_store

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from sheets_sync.outcome import ExitCode
    from sheets_sync.run.capacity_values import CapacityAnswer


@click.command("capacity-value", epilog=WORKBOOK_HELP)
@click.argument("workbook")
@click.option("--scenario", required=True, metavar="NAME", help="The scenario whose capacity is looked at.")
@click.option(
    "--of",
    metavar="CAPACITY",
    help="A resource (tokens, or the name behind capacity: in Scenarios), or the cell of a cap or of a row of "
    "Capacity, such as Constraints!E5. Default: every capacity of the scenario.",
)
@click.option("--from", "low", type=Amount(), metavar="AMOUNT", help="Default: 9/10 of today's amount.")
@click.option("--to", "high", type=Amount(), metavar="AMOUNT", help="Default: 1/5 more than today's.")
@stop_option
@click.option("--time-limit", type=Seconds(), metavar="SECONDS", help="Limit for each solve.")
@chart_option
@writing_options
@global_options
@pass_session
def capacity_value(
    session: Session,
    workbook: str,
    scenario: str,
    of: str | None,
    low: float | None,
    high: float | None,
    stop_after: float | None,
    time_limit: float | None,
    write: bool,
    force: bool,
    charts: "tuple[Path, ...]",
) -> "ExitCode":
    """Show what more of a capacity would bring and less would cost, step by step."""
    from sheets_sync.run.capacity_values import capacity_values
    from sheets_sync.run.question import Question, QuestionKind
    from sheets_sync.run.study_analyses import capacity_analysis, command_line

    if low is not None and high is not None and low > high:
        raise click.UsageError("--from is above --to.")
    command = command_line("capacity-value", [("--scenario", scenario), ("--of", of), ("--from", low), ("--to", high)])
    return ask_and_write(
        session,
        workbook,
        lambda opened, progress: capacity_values(
            opened,
            scenario,
            study_request(None, time_limit),
            of=of,
            low=low,
            high=high,
            store=study_store(),
            progress=progress,
            stop=deadline(stop_after),
        ),
        _show,
        lambda found: capacity_analysis(found, command),
        asked=Question(QuestionKind.CAPACITY_VALUE, scenario, of=of, low=low, high=high),
        time_limit=time_limit,
        write=write,
        force=force,
        charts=charts,
    )


def _show(console: "Console", found: "CapacityAnswer") -> None:
    from sheets_sync.cli.console import show_lines, text_table
    from sheets_sync.run.capacity_in_words import curve_rows, curve_sentences, missing_sentences, unit_words
    from sheets_sync.run.decisions_in_words import row_above, shortened

    show_answer(console, found.reading)
    study = found.reading.study
    if study is None:
        return
    for curve in found.curves:
        console.print()
        show_lines(console, curve_sentences(study, curve))
        amount = f"From {unit_words(curve.limit)}"
        rows = (
            (at, against, targets, shortened(came_in), shortened(went_out))
            for at, against, targets, came_in, went_out in curve_rows(study, curve)
        )
        headers = (amount, "Against the plan", "Targets", "Comes in", "Drops out")
        console.print(text_table(headers, rows, right={amount}))
    longest = max((curve.steps for curve in found.curves), key=len, default=())
    show_lines(console, row_above([step.portfolio for step in longest]))
    show_lines(console, missing_sentences(found.missing, study.answer.horizon))
