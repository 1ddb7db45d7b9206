"""The command that checks what a run needs: `doctor`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sheets_sync.cli.new_file import NewFile
from sheets_sync.cli.session import WORKBOOK_HELP, Session, global_options, installation, pass_session

if TYPE_CHECKING:
    from sheets_sync.outcome import ExitCode

STYLES = {"ok": "bold", "warn": "bold yellow", "fail": "bold red"}


@click.command(epilog=WORKBOOK_HELP)
@click.argument("workbook", required=False)
@click.option(
    "--live",
    is_flag=True,
    help="Prove on WORKBOOK, an empty Google Sheet made for this, what only Google can confirm; then clean up.",
)
@click.option(
    "--answers",
    type=NewFile(),
    metavar="FILE",
    help="With --live: keep Google's raw answers in this file, without names and secrets.",
)
@global_options
@pass_session
def doctor(session: Session, workbook: str | None, live: bool, answers: Path | None) -> "ExitCode":
    """Check credentials, sharing, tabs, clock and solver, and say what to fix; writes nothing without --live."""
    if answers is not None and not live:
        raise click.UsageError("--answers goes with --live.")
    if live:
        return _prove(session, workbook, answers)
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


def _prove(session: Session, workbook: str | None, answers: Path | None) -> "ExitCode":
    """First what every sheet needs, then the proofs."""
    from rich.text import Text

    from sheets_sync.doctor import Status, diagnose
    from sheets_sync.live.prove import Confirmed, Proofs
    from sheets_sync.opening import GoogleSheet, place_of
    from sheets_sync.outcome import ExitCode

    settings = installation()
    at = None if workbook is None else place_of(workbook, settings).at
    if not isinstance(at, GoogleSheet):
        raise click.UsageError("--live needs the address of an empty Google Sheet that is shared as Editor.")
    found: list[Confirmed] = []

    def show(confirmed: Confirmed) -> None:
        found.append(confirmed)
        if not session.as_json:
            word = ("PASS", "bold") if confirmed.passed else ("FAIL", "bold red")
            session.out.print(Text.assemble(word, f" {confirmed.proof}: {confirmed.what}"), soft_wrap=True)

    for finding in diagnose(workbook, settings):
        if finding.check != "tabs":
            show(Confirmed(finding.check, finding.status is not Status.FAIL, f"{finding.what} {finding.cure}".strip()))
    if all(item.passed for item in found):
        for confirmed in Proofs.of(settings.google).prove(at.spreadsheet_id, answers):
            show(confirmed)
    passed = all(item.passed for item in found)
    if session.as_json:
        proofs = [{"proof": item.proof, "passed": item.passed, "what": item.what} for item in found]
        session.print_json({"workbook": workbook, "passed": passed, "proofs": proofs})
    elif answers is not None and answers.exists():
        session.out.print(
            f"Google's answers are in {answers}. Look through them before you pass them on.", soft_wrap=True
        )
    return ExitCode.DONE if passed else ExitCode.UNREACHABLE
