"""The command `priorities`: one ordered list for every budget."""

from typing import TYPE_CHECKING

import click

from sheets_sync.cli.run_commands import Seconds
from sheets_sync.cli.session import WORKBOOK_HELP, Session, global_options, installation, pass_session
from sheets_sync.cli.study_options import held_for_writing, study_request, study_store, tell, writing_options, written

if TYPE_CHECKING:
    from rich.console import Console

    from sheets_sync.outcome import ExitCode
    from sheets_sync.run.priority_list import PriorityAnswer


@click.command(epilog=WORKBOOK_HELP)
@click.argument("workbook")
@click.option("--scenario", required=True, metavar="NAME", help="The scenario whose rules hold.")
@click.option(
    "--of",
    "resource",
    metavar="RESOURCE",
    help="What the budget is of: tokens, or the name behind cost: in the list. Default: the first that is limited.",
)
@click.option(
    "--from",
    "bottom",
    type=click.FloatRange(min=0),
    metavar="AMOUNT",
    help="The smallest budget that the list is compared with the best plan for. Default: half of today's capacity.",
)
@click.option(
    "--to",
    "top",
    type=click.FloatRange(min=0, min_open=True),
    metavar="AMOUNT",
    help="The largest budget. Default: what the best plan uses without a limit.",
)
@click.option("--time-limit", type=Seconds(), metavar="SECONDS", help="Limit for each solve.")
@writing_options
@global_options
@pass_session
def priorities(
    session: Session,
    workbook: str,
    scenario: str,
    resource: str | None,
    bottom: float | None,
    top: float | None,
    time_limit: float | None,
    write: bool,
    force: bool,
) -> "ExitCode":
    """Order the initiatives in one list for every budget, and show what it loses against the best plans."""
    from sheets_sync.cli.console import ProgressBar
    from sheets_sync.opening import open_workbook
    from sheets_sync.run.priority_list import priority_list
    from sheets_sync.run.study_analyses import command_line, priority_analysis

    opened = open_workbook(workbook, installation())
    with held_for_writing(opened, write=write, force=force):
        with ProgressBar(session.err) as progress:
            found = priority_list(
                opened,
                scenario,
                study_request(None, time_limit),
                resource=resource,
                bottom=bottom,
                top=top,
                store=study_store(),
                progress=progress,
            )
        notices = []
        if write:
            command = command_line(
                "priorities", [("--scenario", scenario), ("--of", resource), ("--from", bottom), ("--to", top)]
            )
            notices = written(opened, priority_analysis(found, command), found.reading, force=force)
    tell(session.err, notices)
    if session.as_json:
        session.print_json(found.to_json())
    else:
        _show(session.out, found)
    return found.reading.outcome.exit_code


def _show(console: "Console", found: "PriorityAnswer") -> None:
    from rich.table import Table
    from rich.text import Text

    from sheets_sync.cli.study_options import show_answer
    from sheets_sync.run.priorities_in_words import (
        budget_rows,
        line_rows,
        objective_name,
        priority_sentences,
        resource_words,
    )

    show_answer(console, found.reading)
    study, priorities = found.reading.study, found.priorities
    if study is None or priorities is None:
        return
    unit, worth = resource_words(priorities), objective_name(study)
    lists = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for header in ("", "Initiative", unit, "In all"):
        lists.add_column(header, justify="left" if header == "Initiative" else "right", overflow="fold")
    for line in line_rows(study, priorities):
        lists.add_row(*map(Text, line))
    budgets = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for header in (f"Budget in {unit}", "Lines", f"List: {worth}", f"Best plan: {worth}", "The list loses"):
        budgets.add_column(header, justify="right", overflow="fold")
    for row in budget_rows(study, priorities):
        budgets.add_row(*map(Text, row))
    for table in (lists, budgets):
        console.print()
        console.print(table)
    console.print()
    for sentence in priority_sentences(study, priorities):
        console.print(sentence, markup=False, soft_wrap=True)
