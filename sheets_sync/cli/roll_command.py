"""The command `roll`: the next planning cycle."""

from typing import TYPE_CHECKING

import click

from sheets_sync.cli.session import WORKBOOK_HELP, Session, global_options, installation, pass_session

if TYPE_CHECKING:
    from sheets_sync.run.roll import Rolled


@click.command(epilog=WORKBOOK_HELP)
@click.argument("workbook")
@click.option("--to", "to_period", required=True, metavar="PERIOD", help="The period that the plan begins with now.")
@click.option("--scenario", metavar="NAME", help="The scenario that was carried out, where there are several.")
@click.option("--yes", is_flag=True, help="Write what is proposed, and keep a copy of how it was.")
@click.option("--force", is_flag=True, help="Write even if parts of the file that sheetplan cannot keep are lost.")
@global_options
@pass_session
def roll(session: Session, workbook: str, to_period: str, scenario: str | None, *, yes: bool, force: bool) -> None:
    """Roll a plan over several periods on: finished work done, running work with what remains, the horizon moved.

    Shows the cells that change. Writes them only with --yes, all in one step.
    """
    from sheets_sync.cli.study_steps import study_store
    from sheets_sync.opening import open_workbook
    from sheets_sync.run.roll import roll as roll_on

    opened = open_workbook(workbook, installation())
    rolled = roll_on(opened, to_period, scenario, study_store(), write=yes, force=force)
    if session.as_json:
        session.print_json(rolled.to_json())
        return
    _show(session, rolled)


def _show(session: Session, rolled: "Rolled") -> None:
    from sheets_sync.cli.console import show_lines, text_table

    proposal = rolled.proposal
    show_lines(session.out, [f'"{proposal.scenario}" from {proposal.to_period} on, based on {proposal.based_on}:'])
    rows = (
        (step.place, step.subject, step.header, step.old or "(blank)", step.new or "(blank)") for step in proposal.steps
    )
    session.out.print(text_table(("Cell", "What", "Column", "Old", "New"), rows))
    show_lines(session.out, proposal.notes)
    if rolled.issues:
        show_lines(session.out, ["A check then says:", *map(str, rolled.issues)])
    if rolled.written:
        show_lines(session.out, [f"Written. As it was: {rolled.copy}. Next: sheetplan run"])
    else:
        show_lines(session.out, ["Nothing was written. Write it with --yes."])
