"""The command `robustness`: how sure a plan is while its estimates are not."""

from typing import TYPE_CHECKING

import click

from sheets_sync.cli.run_commands import Seconds
from sheets_sync.cli.session import WORKBOOK_HELP, Session, global_options, installation, pass_session
from sheets_sync.cli.study_options import (
    Percent,
    held_for_writing,
    study_request,
    study_store,
    tell,
    writing_options,
    written,
)

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
@click.option("--stop-after", type=Seconds(), metavar="SECONDS", help="Then show what was found so far.")
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
    from sheets_sync.cli.console import ProgressBar
    from sheets_sync.cli.study_options import deadline
    from sheets_sync.opening import open_workbook
    from sheets_sync.run.robustness_study import RobustnessRequest, robustness_study
    from sheets_sync.run.study_analyses import command_line, robustness_analysis

    asked = RobustnessRequest(samples, seed, spread, common, with_core)
    opened = open_workbook(workbook, installation())
    with held_for_writing(opened, write=write, force=force):
        with ProgressBar(session.err) as progress:
            request = study_request(None, time_limit)
            found = robustness_study(
                opened, scenario, asked, request, store=study_store(), progress=progress, stop=deadline(stop_after)
            )
        notices = []
        if write:
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
            notices = written(opened, robustness_analysis(found, command), found.reading, force=force)
    tell(session.err, notices)
    if session.as_json:
        session.print_json(found.to_json())
    else:
        _show(session.out, found)
    return found.reading.outcome.exit_code


def _show(console: "Console", found: "RobustnessAnswer") -> None:
    from rich.table import Table
    from rich.text import Text

    from sheets_sync.cli.study_options import show_answer
    from sheets_sync.run.robustness_in_words import doubtful_rows, outlook_rows, sentences

    show_answer(console, found.reading)
    study, robust = found.reading.study, found.robustness
    if study is None or robust is None:
        return
    console.print()
    for sentence in sentences(found):
        console.print(sentence, markup=False, soft_wrap=True)
    if not robust.done:
        return
    outlook = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for header in ("", "Estimates add up to", "Corrected", "Middle", "Worst tenth"):
        outlook.add_column(header, justify="right" if header else "left", overflow="fold")
    for cells in outlook_rows(study.plan, robust):
        outlook.add_row(*map(Text, cells))
    console.print()
    console.print(outlook)
    doubtful = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for header in ("In doubt", "Plan", "In the best plan"):
        doubtful.add_column(header, overflow="fold")
    for row in doubtful_rows(study, robust):
        doubtful.add_row(*map(Text, row))
    if doubtful.row_count:
        console.print()
        console.print(doubtful)
