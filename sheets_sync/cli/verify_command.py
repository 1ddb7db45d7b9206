"""The command `verify`."""

from typing import TYPE_CHECKING

import click

from sheets_sync.cli.session import WORKBOOK_HELP, Session, global_options, installation, pass_session

if TYPE_CHECKING:
    from sheets_sync.outcome import ExitCode


@click.command(epilog=WORKBOOK_HELP)
@click.argument("workbook")
@global_options
@pass_session
def verify(session: Session, workbook: str) -> "ExitCode":
    """Check on any machine that Results is what its own inputs give, and that no approval was changed. Writes nothing.

    Solves again from the inputs that Results details keeps, compares every cell of Results and Results details with
    what the run wrote, and checks every approval against its seal.
    """
    from sheets_sync.cli.console import ProgressBar
    from sheets_sync.opening import open_workbook
    from sheets_sync.outcome import ExitCode
    from sheets_sync.run.verify import verify as verify_workbook
    from sheets_sync.store import open_store

    settings = installation()
    with ProgressBar(session.err) as progress:
        found = verify_workbook(open_workbook(workbook, settings), open_store(settings.store), progress)
    if session.as_json:
        session.print_json(found.to_json())
    else:
        for finding in found.findings:
            words = f"{'OK     ' if finding.ok else 'WRONG  '} {finding.words}"
            session.out.print(words, soft_wrap=True, markup=False)
        for note in found.notes:
            session.out.print(f"Note:   {note}", soft_wrap=True, markup=False)
    return ExitCode.DONE if found.is_ok else ExitCode.WORKBOOK_ERRORS
