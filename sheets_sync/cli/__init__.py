"""The command line: parses, calls the library, and turns its errors into one sentence and an exit code.

Commands import what they need when they run, so that ``--help`` and ``--version`` answer at once.
"""

import errno
import io
import os
import sys
from typing import TYPE_CHECKING

import click

from config.control_characters import printable
from sheets_sync.cli.adopt_command import adopt
from sheets_sync.cli.alternatives_command import alternatives
from sheets_sync.cli.approval_commands import approvals, approve, revoke
from sheets_sync.cli.apps_script_command import apps_script
from sheets_sync.cli.capacity_command import capacity_value
from sheets_sync.cli.change_command import change_value
from sheets_sync.cli.doctor_command import doctor
from sheets_sync.cli.history_commands import diff, past_runs, replay
from sheets_sync.cli.input_commands import check, init
from sheets_sync.cli.mcp_command import mcp
from sheets_sync.cli.priorities_command import priorities
from sheets_sync.cli.robustness_command import robustness
from sheets_sync.cli.roll_command import roll
from sheets_sync.cli.rule_prices_command import rule_prices
from sheets_sync.cli.run_commands import demo, run
from sheets_sync.cli.service_commands import serve, worker
from sheets_sync.cli.session import Session, global_options
from sheets_sync.cli.study_commands import audit, explain, frontier, what_if
from sheets_sync.cli.sync_commands import sync, watch
from sheets_sync.cli.verify_command import verify

if TYPE_CHECKING:
    from sheets_sync.outcome import ExitCode

USAGE = click.UsageError.exit_code
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
AFTER_LOST_OUTPUT = "Free some space and try again; what a run wrote to its workbook stays there."
READER_GONE = 141
"""What a shell reports for a command whose output nobody reads any more."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sheetplan", message="sheetplan %(version)s")
@global_options
def cli() -> None:
    """Select the best portfolio of initiatives from a planning workbook, and write it back with reasons."""


for command in (
    *(init, adopt, check, run, demo, past_runs, diff, replay, doctor),
    *(
        explain,
        what_if,
        frontier,
        capacity_value,
        change_value,
        rule_prices,
        priorities,
        alternatives,
        audit,
        robustness,
    ),
    *(approve, approvals, revoke, verify, roll),
    *(sync, watch, serve, worker, apps_script, mcp),
):
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with INTERFACE's codes; never a traceback for what the user can fix."""
    from sheets_sync.cli.standard_streams import accept_all_texts

    session = Session()
    accept_all_texts()
    try:
        result = cli.main(arguments, prog_name="sheetplan", standalone_mode=False, obj=session)
        code = result if isinstance(result, int) else 0
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        click.echo(printable(said.getvalue()), err=True, nl=False)
        code = USAGE
        if session.as_json or "--json" in (sys.argv[1:] if arguments is None else arguments):
            session.print_json({"error": {"exit_code": code, "message": error.format_message()}})
    except click.Abort:
        raise KeyboardInterrupt from None  # click's word for Ctrl-C; `sheets_sync.__main__` has the answer to it
    except SystemExit:  # click's answer to a reader of our output that went away, as `head` does
        sys.exit(READER_GONE)
    except Exception as error:  # the last stop: whatever arrives here becomes a sentence and an exit code
        code = _reported(session, error)
    sys.exit(int(code))


def _report_lost_output(error: OSError) -> None:
    click.echo(f"sheetplan: The output cannot be written: {error.strerror}. {AFTER_LOST_OUTPUT}", err=True)
    # Else Python tries to write what is left once more at its end, and reports that with a traceback.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _reported(session: Session, error: Exception) -> "ExitCode":
    """Report an error in one sentence (and, if JSON was asked for, as a document); returns its exit code."""
    from sheets_sync.outcome import ExitCode
    from sheets_sync.run.exit_codes import REPORTED, exit_code_of

    code, message = exit_code_of(error), str(error)
    if isinstance(error, OSError) and error.errno in DISK_FULL and error.filename is None:
        # Files are written with words of their own: this is our standard output.
        _report_lost_output(error)
        return ExitCode.DEFECT
    if not isinstance(error, REPORTED):
        message = f"This is a bug in sheetplan, please report it: {type(error).__name__}: {error}"
        if session.verbose:
            session.err.print_exception()
    if session.as_json:
        session.print_json({"error": {"exit_code": int(code), "message": message}})
    click.echo(f"sheetplan: {printable(message)}", err=True)
    return code
