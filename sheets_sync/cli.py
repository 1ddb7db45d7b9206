"""The command line: parses, calls the library, and turns its errors into one sentence and an exit code."""

import getpass
import json
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sheets_sync.outcome import ExitCode, RunOutcome, issues_json
from sheets_sync.snapshot import WorkbookBusyError, WorkbookError, WorkbookUnreachableError

if TYPE_CHECKING:
    from rich.console import Console

    from config.settings import Settings

INTERRUPTED = 130
"""What a shell reports for a command ended by Ctrl-C."""
DEMO_FOLDER = Path("demo")
EXAMPLE = "marketplace-q3.xlsx"
WORKBOOK_HELP = "WORKBOOK is a Google Sheets URL, a spreadsheet id, a registered workbook's name, or an .xlsx file."


class _Session:
    """What the global options say, and the two streams: answers on standard output, the rest on standard error."""

    def __init__(self) -> None:
        self.as_json = False
        self.verbose = False

    @property
    def out(self) -> "Console":
        from rich.console import Console

        return Console(highlight=False, emoji=False)

    @property
    def err(self) -> "Console":
        from rich.console import Console

        return Console(stderr=True, highlight=False, emoji=False)

    def print_json(self, document: object) -> None:
        """The one JSON document of this command."""
        click.echo(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


pass_session = click.make_pass_decorator(_Session, ensure=True)


def _global_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the global options, so that they may stand before or behind its name."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document on standard output, nothing else.")
    @click.option("-v", "--verbose", is_flag=True, help="Say more on standard error; show where a defect arose.")
    @click.pass_context
    @wraps(command)
    def wrapped(context: click.Context, /, *args: Any, as_json: bool, verbose: bool, **kwargs: Any) -> Any:
        session = context.ensure_object(_Session)
        session.as_json |= as_json
        session.verbose |= verbose
        return context.invoke(command, *args, **kwargs)

    return wrapped


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sheetplan", message="sheetplan %(version)s")
@_global_options
def cli() -> None:
    """Select the best portfolio of initiatives from a planning workbook, and write it back with reasons."""


@cli.command(epilog=WORKBOOK_HELP)
@click.argument("workbook")
@_global_options
@pass_session
def init(session: _Session, workbook: str) -> None:
    """Create the input tabs that are missing, with headers, drop-downs, notes and one example row each."""
    from sheets_sync.template import templates
    from sheets_sync.workbooks import open_workbook

    created = list(open_workbook(workbook, _settings()).create_tabs(templates()))
    if session.as_json:
        session.print_json({"workbook": workbook, "created": created})
    elif created:
        session.out.print(f"Created {', '.join(created)} in {workbook}.", soft_wrap=True, markup=False)
        session.out.print(f"Fill them in, then: sheetplan run {workbook}", soft_wrap=True, markup=False)
    else:
        session.out.print(f"{workbook} has every tab already; nothing was changed.", soft_wrap=True, markup=False)


@cli.command(epilog=WORKBOOK_HELP)
@click.argument("workbook")
@click.option("--write", is_flag=True, help="Write the status columns of the input tabs.")
@_global_options
@pass_session
def check(session: _Session, workbook: str, write: bool) -> ExitCode:
    """Validate a workbook and tell every issue; writes nothing unless asked to."""
    from sheets_sync.console import show_issues
    from sheets_sync.issues import Severity
    from sheets_sync.run import check_workbook
    from sheets_sync.workbooks import open_workbook

    checked = check_workbook(open_workbook(workbook, _settings()), write=write)
    if session.as_json:
        session.print_json({"workbook": workbook, "written": write, "issues": issues_json(checked.issues)})
    else:
        show_issues(session.out, checked.issues)
    wrong = any(issue.severity is Severity.ERROR for issue in checked.issues)
    return ExitCode.WORKBOOK_ERRORS if wrong else ExitCode.DONE


@cli.command(epilog=WORKBOOK_HELP)
@click.argument("workbook")
@click.option(
    "--scenario", "scenarios", multiple=True, metavar="NAME", help="Run this scenario, ticked or not. Repeatable."
)
@click.option("--dry-run", is_flag=True, help="Solve and show, but write nothing.")
@click.option("--solver", type=click.Choice(["highs", "cbc"]), help="Solver to use instead of the configured one.")
@click.option(
    "--time-limit", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS", help="Limit for each scenario."
)
@click.option("--force", is_flag=True, help="Write even where parts of the file that sheetplan cannot keep are lost.")
@_global_options
@pass_session
def run(
    session: _Session,
    workbook: str,
    scenarios: tuple[str, ...],
    dry_run: bool,
    solver: str | None,
    time_limit: float | None,
    force: bool,
) -> ExitCode:
    """Read, validate, solve every ticked scenario, and write Results, Runs and statuses."""
    outcome = _run(session, workbook, scenarios or None, dry_run, solver, time_limit, force)
    _show(session, outcome)
    if not session.as_json:
        if outcome.written:
            session.out.print(f"\nWritten to {workbook}: tabs Results and Runs.", soft_wrap=True, markup=False)
        else:
            session.out.print("\nDry run: nothing was written.")
    return outcome.exit_code


@cli.command()
@_global_options
@pass_session
def demo(session: _Session) -> ExitCode:
    """Copy the example workbook to ./demo, run it, and say where to look."""
    from importlib.resources import as_file, files

    target = DEMO_FOLDER / EXAMPLE
    if not target.exists():
        DEMO_FOLDER.mkdir(exist_ok=True)
        with as_file(files("sheets_sync.demo") / EXAMPLE) as source:
            target.write_bytes(source.read_bytes())
    elif not session.as_json:
        session.out.print(f"{target} is there already and is run as it is; delete it to start afresh.", soft_wrap=True)
    outcome = _run(session, str(target), None, False, None, None, False)
    _show(session, outcome)
    if not session.as_json:
        session.out.print(
            f"\nOpen {target.resolve()} in Excel, LibreOffice or Google Sheets and look at the tab Results.\n"
            f"Change a number, save, and run again: {Path(sys.argv[0])} run {target}",
            soft_wrap=True,
            markup=False,
        )
    return outcome.exit_code


def _run(
    session: _Session,
    workbook: str,
    scenarios: tuple[str, ...] | None,
    dry_run: bool,
    solver: str | None,
    time_limit: float | None,
    force: bool,
) -> RunOutcome:
    from sheets_sync.console import ProgressBar
    from sheets_sync.run import RunRequest, run_workbook
    from sheets_sync.workbooks import open_workbook

    settings = _settings()
    request = RunRequest(
        scenarios=scenarios,
        dry_run=dry_run,
        solver="cbc" if (solver or settings.solver) == "cbc" else "highs",
        time_limit_s=time_limit or settings.time_limit_s,
        force=force,
        person=_person(),
    )
    with ProgressBar(session.err) as progress:
        return run_workbook(open_workbook(workbook, settings), request, progress=progress)


def _show(session: _Session, outcome: RunOutcome) -> None:
    from sheets_sync.console import show_issues, show_outcome

    if session.as_json:
        session.print_json(outcome.to_json())
        return
    for notice in outcome.notices:
        session.err.print(notice, soft_wrap=True, markup=False)
    if outcome.issues:
        show_issues(session.out, outcome.issues)
    show_outcome(session.out, outcome)


def _settings() -> "Settings":
    from config.settings import load_settings

    return load_settings()


def _person() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with INTERFACE's codes; never a traceback for what the user can mend."""
    session = _Session()
    try:
        result = cli.main(arguments, prog_name="sheetplan", standalone_mode=False, obj=session)
        code = ExitCode(result) if isinstance(result, int) else ExitCode.DONE
    except click.ClickException as error:
        error.show()
        code = ExitCode.USAGE
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(INTERRUPTED)
    except Exception as error:  # the last stop: whatever arrives here becomes a sentence and an exit code
        code = _told(session, error)
    sys.exit(int(code))


def _told(session: _Session, error: Exception) -> ExitCode:
    """Tell an error in one sentence (and, as JSON was asked for, as a document); returns its exit code."""
    from config.settings import SettingsError
    from sheets_sync.run import UnknownScenarioError

    message = str(error)
    if isinstance(error, WorkbookBusyError):
        code = ExitCode.BUSY
    elif isinstance(error, WorkbookUnreachableError):
        code = ExitCode.UNREACHABLE
    elif isinstance(error, WorkbookError):
        code = ExitCode.WORKBOOK_ERRORS
    elif isinstance(error, SettingsError | UnknownScenarioError):
        code = ExitCode.USAGE
    else:
        code = ExitCode.DEFECT
        message = f"This is a defect of sheetplan, please report it: {type(error).__name__}: {error}"
        if session.verbose:
            session.err.print_exception()
    if session.as_json:
        session.print_json({"error": {"exit_code": int(code), "message": message}})
    click.echo(f"sheetplan: {message}", err=True)
    return code
