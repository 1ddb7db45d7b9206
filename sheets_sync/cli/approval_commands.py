"""Commands about sign-off: `approve`, `revoke` and `approvals`."""

from typing import TYPE_CHECKING

import click

from sheets_sync.cli.session import WORKBOOK_HELP, Session, global_options, installation, pass_session, person

if TYPE_CHECKING:
    from sheets_sync.signoff.approval import Approval

BY_HELP = "Your name as people read it; it is shown beside the account that you are logged in with."


@click.command(epilog=WORKBOOK_HELP)
@click.argument("workbook")
@click.option("--scenario", required=True, metavar="NAME", help="The scenario to approve.")
@click.option("--by", default="", metavar="NAME", help=BY_HELP)
@click.option("--comment", default="", metavar="TEXT", help="A comment to keep with the approval.")
@global_options
@pass_session
def approve(session: Session, workbook: str, scenario: str, by: str, comment: str) -> None:
    """Freeze and seal a scenario's answer from Results in its own tab; later runs show what has changed since."""
    from sheets_sync.opening import open_workbook
    from sheets_sync.run.approve import Ask
    from sheets_sync.run.approve import approve as approve_answer
    from sheets_sync.store import open_store

    settings = installation()
    ask = Ask(scenario, person(), by, comment, settings.approvals.needed)
    found = approve_answer(open_workbook(workbook, settings), open_store(settings.store), ask)
    if session.as_json:
        session.print_json({"workbook": workbook, **found.summary})
        return
    text = f"{found.scenario}, as in the run {found.run_id}, is approved by {found.by}: tab {found.tab}."
    if not found.is_complete:
        text = f"{found.by} approved {found.scenario}, as in the run {found.run_id}. One more person has to approve it."
    session.out.print(text, soft_wrap=True, markup=False)


@click.command(epilog=WORKBOOK_HELP)
@click.argument("workbook")
@click.option("--scenario", required=True, metavar="NAME", help="The scenario whose newest approval is revoked.")
@click.option("--by", default="", metavar="NAME", help=BY_HELP)
@click.option("--comment", default="", metavar="TEXT", help="Why it is revoked.")
@global_options
@pass_session
def revoke(session: Session, workbook: str, scenario: str, by: str, comment: str) -> None:
    """Revoke the newest approval of a scenario. Its tab stays, and says who revoked it and when."""
    from sheets_sync.opening import open_workbook
    from sheets_sync.run.approve import Ask
    from sheets_sync.run.approve import revoke as revoke_approval
    from sheets_sync.store import open_store

    settings = installation()
    ask = Ask(scenario, person(), by, comment)
    found = revoke_approval(open_workbook(workbook, settings), open_store(settings.store), ask)
    if session.as_json:
        session.print_json({"workbook": workbook, **found.summary})
        return
    text = f"The approval of {found.scenario} by {found.by} is revoked. Results says so from the next run on."
    session.out.print(text, soft_wrap=True, markup=False)


@click.command(epilog=WORKBOOK_HELP)
@click.argument("workbook", required=False)
@global_options
@pass_session
def approvals(session: Session, workbook: str | None) -> None:
    """List who approved what and when, newest first: of one workbook, or of all that this machine recorded."""
    from sheets_sync.run.known_approvals import recorded_approvals
    from sheets_sync.run.workbook_history import identity_of
    from sheets_sync.store import open_store

    settings = installation()
    store = open_store(settings.store)
    identity = None if workbook is None else identity_of(workbook, settings, store)
    # A workbook without an id was never run, and so never approved.
    workbook_id = None if identity is None else identity.id
    found = [] if workbook_id == "" else recorded_approvals(store, workbook_id)
    places = {item.workbook_id: known.place for item in found if (known := store.remembered(item.workbook_id))}
    if session.as_json:
        documents = [{"workbook": places.get(item.workbook_id), **item.summary} for item in reversed(found)]
        session.print_json({"approvals": documents})
        return
    if not found:
        of = "" if workbook is None else f" of {workbook}"
        session.out.print(f"No approval{of} is recorded on this machine.", soft_wrap=True, markup=False)
    for item in reversed(found):
        where = f"  {places.get(item.workbook_id, item.workbook_id)}" if len(places) > 1 else ""
        session.out.print(f"{_line(item)}{where}", soft_wrap=True, markup=False)


def _line(item: "Approval") -> str:
    at = f"{item.at.isoformat()[:16].replace('T', ' ')} UTC"
    line = f"{item.approval_id}  {at}  {item.scenario}  {item.by}  run {item.run_id}"
    if not item.is_complete:
        return f"{line}  waits for one more person"
    if item.revoked is not None:
        return f"{line}  revoked by {item.revoked.who}"
    return f"{line}  tab {item.tab}"
