"""The command that checks what a run needs: `doctor`."""

from typing import TYPE_CHECKING

import click

from sheets_sync.cli.session import WORKBOOK_HELP, Session, global_options, installation, pass_session

if TYPE_CHECKING:
    from sheets_sync.outcome import ExitCode

STYLES = {"ok": "bold", "warn": "bold yellow", "fail": "bold red"}


@click.command(epilog=WORKBOOK_HELP)
@click.argument("workbook", required=False)
@global_options
@pass_session
def doctor(session: Session, workbook: str | None) -> "ExitCode":
    """Check credentials, sharing, tabs, clock and solver, and say what to fix; writes nothing."""
    from rich.text import Text

    from sheets_sync.doctor import Status, diagnose
    from sheets_sync.outcome import ExitCode

    findings = diagnose(workbook, installation())
    healthy = all(finding.status is not Status.FAIL for finding in findings)
    if session.as_json:
        session.print_json({
            "workbook": workbook,
            "healthy": healthy,
            "checks": [
                {"check": found.check, "status": found.status.value, "what": found.what, "cure": found.cure or None}
                for found in findings
            ],
        })  # fmt: skip
    else:
        for found in findings:
            status = (f"{found.status.value:<4}", STYLES[found.status.value])
            session.out.print(Text.assemble(status, f" {found.check}: {found.what}"), soft_wrap=True)
            if found.cure:
                session.out.print(f"     {found.cure}", soft_wrap=True)
    if healthy:
        return ExitCode.DONE
    failed = {found.check for found in findings if found.status is Status.FAIL}
    return ExitCode.WORKBOOK_ERRORS if failed == {"tabs"} else ExitCode.UNREACHABLE
