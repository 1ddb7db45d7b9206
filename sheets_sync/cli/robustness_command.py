"""The command `robustness`: how sure a plan is while its estimates are not."""

from typing import TYPE_CHECKING

import click

from sheets_sync.cli.number_options import Seconds
from sheets_sync.cli.session import WORKBOOK_HELP, Session, global_options, pass_session
from sheets_sync.cli.study_options import Percent, stop_option, writing_options
from sheets_sync.cli.study_steps import ask_and_write, deadline, show_answer, study_request, study_store

if TYPE_CHECKING:
    from rich.console import Console

    from sheets_sync.outcome import ExitCode
    from sheets_sync.run.robustness_study import RobustnessAnswer


@click.command(epilog=WORKBOOK_HELP)
@click.argument("workbook")
@click.option("--scenario", required=True, metavar="NAME", help="The scenario whose plan is looked at.")
@click.option("--samples", type=click.IntRange(min=1), default=1000, show_default=True, metavar="N", help="Draws.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, metavar="N", help="Which draws.")
@click.option(
    "--spread",
    type=Percent(),
    default="20%",
    show_default=True,
    metavar="PERCENT",
    help="How far an estimate may be off that has no range and no confidence in the sheet.",
)
@click.option(
    "--common",
    type=Percent(),
    default="25%",
    show_default=True,
    metavar="PERCENT",
    help="The part of the variance that all estimates of one KPI, or resource, have in common.",
)
@click.option(
    "--core", "with_core", is_flag=True, help="Also prove what is safe anywhere in the ranges. May take long."
)
@stop_option
@click.option("--time-limit", type=Seconds(), metavar="SECONDS", help="Limit for each solve.")
@writing_options
@global_options
@pass_session
def robustness(
    session: Session,
    workbook: str,
    scenario: str,
    samples: int,
    seed: int,
    spread: float,
    common: float,
    with_core: bool,
    stop_after: float | None,
    time_limit: float | None,
    write: bool,
    force: bool,
) -> "ExitCode":
    """Show how sure a plan is: how often each initiative is picked, honest totals, what to check first.

    Ctrl-C ends it with what was found so far.
    """
    from sheets_sync.run.question import Question, QuestionKind
    from sheets_sync.run.robustness_study import RobustnessRequest, robustness_study
    from sheets_sync.run.study_analyses import command_line, robustness_analysis

    asked = RobustnessRequest(samples, seed, spread, common, with_core)
    command = command_line(
        "robustness",
        [
            ("--scenario", scenario),
            ("--samples", samples),
            ("--seed", seed),
            ("--spread", f"{100 * spread:g}%"),
            ("--common", f"{100 * common:g}%"),
            ("--core", with_core),
        ],
    )
    return ask_and_write(
        session,
        workbook,
        lambda opened, progress: robustness_study(
            opened,
            scenario,
            asked,
            study_request(None, time_limit),
            store=study_store(),
            progress=progress,
            stop=deadline(stop_after),
        ),
        _show,
        lambda found: robustness_analysis(found, command),
        asked=Question(
            QuestionKind.ROBUSTNESS,
            scenario,
            samples=samples,
            seed=seed,
            spread=spread,
            common=common,
            with_core=with_core,
        ),
        time_limit=time_limit,
        write=write,
        force=force,
    )


def _show(console: "Console", found: "RobustnessAnswer") -> None:
    from sheets_sync.cli.console import show_lines, text_table
    from sheets_sync.run.robustness_in_words import doubtful_rows, outlook_rows, sentences

    show_answer(console, found.reading)
    study, robust = found.reading.study, found.robustness
    if study is None or robust is None:
        return
    console.print()
    show_lines(console, sentences(found))
    if not robust.done:
        return
    figures = ("Estimates add up to", "Corrected", "Middle", "Worst tenth")
    console.print()
    console.print(text_table(("", *figures), outlook_rows(study.plan, robust), right=figures))
    doubtful = text_table(("In doubt", "Plan", "In the best plan"), doubtful_rows(study, robust))
    if doubtful.row_count:
        console.print()
        console.print(doubtful)
