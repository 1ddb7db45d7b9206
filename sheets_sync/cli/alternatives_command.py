"""The command `alternatives`: the next best plans, and those near the best that differ most."""

import re
from typing import TYPE_CHECKING, Any

import click

from sheets_sync.cli.run_commands import Seconds
from sheets_sync.cli.session import WORKBOOK_HELP, Session, global_options, installation, pass_session
from sheets_sync.cli.study_options import study_request, study_store

if TYPE_CHECKING:
    from rich.console import Console

    from sheets_sync.outcome import ExitCode
    from sheets_sync.run.other_plans import OtherPlansAnswer


class Percent(click.ParamType):  # type: ignore[type-arg]
    """A percentage from 0 to 100, with or without its sign: ``2%`` and ``2`` are both 0.02."""

    name = "percent"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The share.

        Raises:
            click.BadParameter: it is no percentage from 0 to 100.
        """
        if isinstance(value, float):
            return value
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%?", str(value).strip())
        if found is None or float(found[1]) > 100:
            self.fail(f"{value} is not a percentage from 0% to 100%.", param, ctx)
        return float(found[1]) / 100


@click.command(epilog=WORKBOOK_HELP)
@click.argument("workbook")
@click.option("--scenario", required=True, metavar="NAME", help="The scenario whose other plans are listed.")
@click.option(
    "--count", type=click.IntRange(min=1, max=50), default=5, show_default=True, metavar="N", help="Plans of each kind."
)
@click.option(
    "--within",
    type=Percent(),
    default=0.01,
    metavar="PERCENT",
    help="How near to the best different plans are. [1%]",
)
@click.option("--time-limit", type=Seconds(), metavar="SECONDS", help="Limit for each solve.")
@global_options
@pass_session
def alternatives(
    session: Session, workbook: str, scenario: str, count: int, within: float, time_limit: float | None
) -> "ExitCode":
    """List the next best plans, and the most different plans that are nearly as good. Writes nothing."""
    from sheets_sync.cli.console import ProgressBar
    from sheets_sync.opening import open_workbook
    from sheets_sync.run.other_plans import other_plans

    with ProgressBar(session.err) as progress:
        found = other_plans(
            open_workbook(workbook, installation()),
            scenario,
            study_request(None, time_limit),
            count=count,
            within=within,
            store=study_store(),
            progress=progress,
        )
    if session.as_json:
        session.print_json(found.to_json())
    else:
        _show(session.out, found)
    return found.reading.outcome.exit_code


def _show(console: "Console", found: "OtherPlansAnswer") -> None:
    from rich.table import Table
    from rich.text import Text

    from sheets_sync.cli.study_options import show_answer
    from sheets_sync.run.decisions_in_words import shortened
    from sheets_sync.run.other_plans_in_words import other_plan_rows, other_plan_sentences

    show_answer(console, found.reading)
    study = found.reading.study
    if study is None or found.alternatives is None:
        return
    if found.alternatives.plans:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for header in ("Plan", "Against the answer", "Comes in", "Drops out"):
            table.add_column(header, overflow="fold")
        for row in other_plan_rows(study, found.alternatives):
            table.add_row(*map(Text, (row.label, row.against, shortened(row.came_in), shortened(row.went_out))))
        console.print()
        console.print(table)
    for sentence in other_plan_sentences(study, found.alternatives):
        console.print(sentence, markup=False, soft_wrap=True)
