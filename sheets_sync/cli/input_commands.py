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
    """Create the input tabs that are missing, with headers, drop-downs and notes, ready to be filled in."""
    from config.tabs import INITIATIVES, find_tab
    from sheets_sync.opening import open_workbook
    from sheets_sync.run.create_template import create_template

    opened = open_workbook(workbook, installation())
    created, stated = create_template(opened)
    if session.as_json:
        session.print_json({"workbook": workbook, "created": created})
        return
    if created:
        session.out.print(f"Created {', '.join(created)} in {workbook}.", soft_wrap=True, markup=False)
    else:
        session.out.print(f"{workbook} has every tab already; nothing was changed.", soft_wrap=True, markup=False)
    lists = [title for title in opened.read(lambda _title: False).titles if find_tab(title) is INITIATIVES]
    lists = [title for title, tab in stated.items() if tab is INITIATIVES] or lists
    if created and INITIATIVES.name not in created and lists:
        reported = f'"{lists[0]}" is your list of initiatives. Fill in the other tabs, then: sheetplan run'
    elif created:
        reported = "Fill them in (the notes on the headers say how), then: sheetplan run"
    else:
        return
    session.out.print(f"{reported} {shlex.quote(workbook)}", soft_wrap=True, markup=False)


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
    from sheets_sync.run.check_workbook import check_and_write, check_workbook

    opened = open_workbook(workbook, installation())
    checked, notices = check_and_write(opened) if write else (check_workbook(opened), ())
    if session.as_json:
        issues = issues_json(checked.issues)
        session.print_json({"workbook": workbook, "written": write, "issues": issues, "notices": list(notices)})
    else:
        for notice in notices:
            session.err.print(notice, soft_wrap=True, markup=False)
        show_issues(session.out, checked.issues)
    wrong = any(issue.severity is Severity.ERROR for issue in checked.issues)
    return ExitCode.WORKBOOK_ERRORS if wrong else ExitCode.DONE
