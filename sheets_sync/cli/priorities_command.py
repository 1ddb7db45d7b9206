"""The command `priorities`: one ordered list for every budget."""

from typing import TYPE_CHECKING

import click

from sheets_sync.cli.number_options import Amount, Seconds
from sheets_sync.cli.session import WORKBOOK_HELP, Session, global_options, pass_session
from sheets_sync.cli.study_options import stop_option, writing_options
from sheets_sync.cli.study_steps import ask_and_write, deadline, show_answer, study_request, study_store

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
    type=Amount(),
    metavar="AMOUNT",
    help="The smallest budget that the list is compared with the best plan for. Default: half of today's capacity. "
    "Over several periods, --from and --to are percentages of today's capacity.",
)
@click.option(
    "--to",
    "top",
    type=Amount(above_0=True),
    metavar="AMOUNT",
    help="The largest budget. Default: what the best plan uses without a limit; over several periods, 150.",
)
@stop_option
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
    stop_after: float | None,
    time_limit: float | None,
    write: bool,
    force: bool,
) -> "ExitCode":
    """Order the initiatives in one list for every budget, and show what it loses against the best plans."""
    from sheets_sync.run.priority_list import priority_list
    from sheets_sync.run.question import Question, QuestionKind
    from sheets_sync.run.study_analyses import command_line, priority_analysis

    command = command_line(
        "priorities", [("--scenario", scenario), ("--of", resource), ("--from", bottom), ("--to", top)]
    )
    return ask_and_write(
        session,
        workbook,
        lambda opened, progress: priority_list(
            opened,
            scenario,
            study_request(None, time_limit),
            resource=resource,
            bottom=bottom,
            top=top,
            store=study_store(),
            progress=progress,
            stop=deadline(stop_after),
        ),
        _show,
        lambda found: priority_analysis(found, command),
        asked=Question(QuestionKind.PRIORITIES, scenario, of=resource, low=bottom, high=top),
        time_limit=time_limit,
        write=write,
        force=force,
    )


def _show(console: "Console", found: "PriorityAnswer") -> None:
    from sheets_sync.cli.console import show_lines, text_table
    from sheets_sync.run.priorities_in_words import (
        budget_header,
        budget_rows,
        line_headers,
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
    lines = line_headers(priorities)
    budgets = (budget_header(priorities), "Lines", f"List: {worth}", f"Best plan: {worth}", "The list loses")
    for table in (
        text_table(lines, line_rows(study, priorities), right={"", unit, "In all"}),
        text_table(budgets, budget_rows(study, priorities), right=budgets),
    ):
        if table.row_count:
            console.print()
            console.print(table)
    console.print()
    show_lines(console, priority_sentences(study, priorities))
