"""The command `rule-prices`: what each rule costs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from sheets_sync.cli.number_options import Seconds
from sheets_sync.cli.session import WORKBOOK_HELP, Session, global_options, pass_session
from sheets_sync.cli.study_options import stop_option, writing_options
from sheets_sync.cli.study_steps import ask_and_write, deadline, show_answer, study_request, study_store

if TYPE_CHECKING:
    from rich.console import Console

    from sheets_sync.outcome import ExitCode
    from sheets_sync.run.rule_price_list import RulePriceAnswer
    from sheets_sync.run.rule_prices_in_words import RulePriceRow


@click.command("rule-prices", epilog=WORKBOOK_HELP)
@click.argument("workbook")
@click.option("--scenario", required=True, metavar="NAME", help="The scenario whose rules are priced.")
@click.option(
    "--shares-of",
    "dimension",
    metavar="DIMENSION",
    help="Also price an equal share for each value of department, market, category or program. Default: department.",
)
@stop_option
@click.option("--time-limit", type=Seconds(), metavar="SECONDS", help="Limit for each solve.")
@writing_options
@global_options
@pass_session
def rule_prices(
    session: Session,
    workbook: str,
    scenario: str,
    dimension: str | None,
    stop_after: float | None,
    time_limit: float | None,
    write: bool,
    force: bool,
) -> "ExitCode":
    """Show what each rule, floor and goal costs the objective, and what equal shares would."""
    from sheets_sync.run.question import Question, QuestionKind
    from sheets_sync.run.rule_price_list import rule_price_list
    from sheets_sync.run.study_analyses import command_line, rule_price_analysis

    command = command_line("rule-prices", [("--scenario", scenario), ("--shares-of", dimension)])
    return ask_and_write(
        session,
        workbook,
        lambda opened, progress: rule_price_list(
            opened,
            scenario,
            study_request(None, time_limit),
            dimension=dimension,
            store=study_store(),
            progress=progress,
            stop=deadline(stop_after),
        ),
        _show,
        lambda found: rule_price_analysis(found, command),
        asked=Question(QuestionKind.RULE_PRICES, scenario, dimension=dimension),
        time_limit=time_limit,
        write=write,
        force=force,
    )


def _show(console: "Console", found: "RulePriceAnswer") -> None:
    from sheets_sync.cli.console import show_lines
    from sheets_sync.run.rule_prices_in_words import equal_share_rows, rule_price_rows, rule_price_sentences

    show_answer(console, found.reading)
    study, prices = found.reading.study, found.prices
    if study is None or prices is None:
        return
    _show_table(console, ("Rule", "Without it"), list(rule_price_rows(study, prices)))
    show_lines(console, rule_price_sentences(prices))
    _show_table(console, ("Further rule", "With it"), list(equal_share_rows(study, prices)))


def _show_table(console: "Console", headers: tuple[str, str], rows: Sequence["RulePriceRow"]) -> None:
    from sheets_sync.cli.console import text_table
    from sheets_sync.run.decisions_in_words import shortened

    if not rows:
        return
    cells = ((row.rule, row.without, shortened(row.came_in), shortened(row.went_out)) for row in rows)
    console.print()
    console.print(text_table((*headers, "Comes in", "Drops out"), cells))
