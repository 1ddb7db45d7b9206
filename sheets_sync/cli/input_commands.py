"""Commands about what people fill in: `init` and `check`."""

import shlex
from typing import TYPE_CHECKING

import click

from sheets_sync.cli.session import WORKBOOK_HELP, Session, global_options, installation, pass_session

if TYPE_CHECKING:
    from sheets_sync.outcome import ExitCode


@click.command(epilog=WORKBOOK_HELP)
@click.argument("workbook")
@global_options
@pass_session
def init(session: Session, workbook: str) -> None:
    """Create the input tabs that are missing, with headers, drop-downs, notes and one example row each."""
    from sheets_sync.opening import open_workbook
    from sheets_sync.workbook.template import templates

    created = list(open_workbook(workbook, installation()).create_tabs(templates()))
    if session.as_json:
        session.print_json({"workbook": workbook, "created": created})
    elif created:
        session.out.print(f"Created {', '.join(created)} in {workbook}.", soft_wrap=True, markup=False)
        session.out.print(f"Fill them in, then: sheetplan run {shlex.quote(workbook)}", soft_wrap=True, markup=False)
    else:
        session.out.print(f"{workbook} already has every tab; nothing was changed.", soft_wrap=True, markup=False)


@click.command(epilog=WORKBOOK_HELP)
@click.argument("workbook")
@click.option("--write", is_flag=True, help="Write the status columns of the input tabs.")
@global_options
@pass_session
def check(session: Session, workbook: str, write: bool) -> "ExitCode":
    """Check a workbook and report every issue; writes nothing without --write."""
    from sheets_sync.cli.console import show_issues
    from sheets_sync.issues.issue import Severity
    from sheets_sync.opening import open_workbook
    from sheets_sync.outcome import ExitCode, issues_json
    from sheets_sync.run.check_workbook import check_workbook

    checked = check_workbook(open_workbook(workbook, installation()), write=write)
    if session.as_json:
        session.print_json({"workbook": workbook, "written": write, "issues": issues_json(checked.issues)})
    else:
        show_issues(session.out, checked.issues)
    wrong = any(issue.severity is Severity.ERROR for issue in checked.issues)
    return ExitCode.WORKBOOK_ERRORS if wrong else ExitCode.DONE
