"""Commands that solve: `run` and `demo`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sheets_sync.cli.new_file import NewFile
from sheets_sync.cli.number_options import Seconds
from sheets_sync.cli.session import WORKBOOK_HELP, Session, global_options, installation, pass_session, person

if TYPE_CHECKING:
    from optimizer import SolverName
    from sheets_sync.outcome import ExitCode, RunOutcome

DEMO_FOLDER = Path("demo")
RESULTS = "Results"
EXAMPLE, ROADMAP_EXAMPLE = "marketplace-q3.xlsx", "roadmap-2026.xlsx"


@click.command(epilog=WORKBOOK_HELP)
@click.argument("workbook")
@click.option(
    "--scenario", "scenarios", multiple=True, metavar="NAME", help="Run this scenario, ticked or not. Repeatable."
)
@click.option("--dry-run", is_flag=True, help="Solve and show, but write nothing.")
@click.option("--solver", type=click.Choice(["highs", "cbc"]), help="Solver to use instead of the configured one.")
@click.option("--time-limit", type=Seconds(), metavar="SECONDS", help="Limit for each scenario.")
@click.option("--lp", type=NewFile(), metavar="FILE", help="Also write the models as .lp files.")
@click.option("--mps", type=NewFile(), metavar="FILE", help="Also write the models as .mps files.")
@click.option("--force", is_flag=True, help="Write even if parts of the file that sheetplan cannot keep are lost.")
@global_options
@pass_session
def run(
    session: Session,
    workbook: str,
    scenarios: tuple[str, ...],
    dry_run: bool,
    solver: str | None,
    time_limit: float | None,
    lp: Path | None,
    mps: Path | None,
    force: bool,
) -> "ExitCode":
    """Read, validate, solve every ticked scenario, and write Results, Runs and statuses."""
    outcome = _run(session, workbook, scenarios or None, dry_run, solver, time_limit, force)
    if not session.as_json:
        _show(session, outcome)
    _write_models(session, outcome, lp, mps)
    if session.as_json:
        # Last: a model that cannot be written is the one document then.
        _show(session, outcome)
    else:
        session.out.print(f"\n{_told_written(workbook, outcome, dry_run)}", soft_wrap=True, markup=False)
    return outcome.exit_code


def _write_models(session: Session, outcome: "RunOutcome", lp: Path | None, mps: Path | None) -> None:
    """Write the models that were asked for, and say where."""
    if lp is None and mps is None:
        return
    from sheets_sync.run.model_files import write_models

    try:
        files = [*(write_models(outcome, lp, "lp") if lp else ()), *(write_models(outcome, mps, "mps") if mps else ())]
    except OSError as error:
        raise click.UsageError(f"{error.filename} cannot be written: {error.strerror}.") from None
    text = (
        f"Models written: {', '.join(map(str, files))}." if files else "No model was written: no scenario was solved."
    )
    session.err.print(text, soft_wrap=True, markup=False)


def _told_written(workbook: str, outcome: "RunOutcome", dry_run: bool) -> str:
    """Which tabs now hold what this run found, and which do not."""
    if dry_run:
        return "Dry run: nothing was written."
    if not outcome.written:
        return "Nothing was written."
    reported = f"Written to {workbook}: {', '.join(outcome.written_tabs)}."
    if RESULTS not in outcome.written_tabs:
        reported += " Results was left unchanged because no scenario was solved."
    return reported


@click.command()
@click.option("--roadmap", is_flag=True, help="The example of a year: four quarters, seven teams, what starts when.")
@global_options
@pass_session
def demo(session: Session, roadmap: bool) -> "ExitCode":
    """Copy an example workbook to ./demo, run it, and show where to look."""
    from importlib.resources import as_file, files

    example = ROADMAP_EXAMPLE if roadmap else EXAMPLE
    target = DEMO_FOLDER / example
    if not target.exists():
        DEMO_FOLDER.mkdir(exist_ok=True)
        with as_file(files("sheets_sync.demo") / example) as source:
            target.write_bytes(source.read_bytes())
    elif not session.as_json:
        session.out.print(f"{target} already exists and is used as it is; delete it to start afresh.", soft_wrap=True)
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
    session: Session,
    workbook: str,
    scenarios: tuple[str, ...] | None,
    dry_run: bool,
    solver: str | None,
    time_limit: float | None,
    force: bool,
) -> "RunOutcome":
    from optimizer.solvers.cbc import cbc_path
    from sheets_sync.cli.console import ProgressBar
    from sheets_sync.opening import open_workbook
    from sheets_sync.request import RunRequest
    from sheets_sync.run.run_workbook import run_workbook
    from sheets_sync.store import open_store

    settings = installation()
    name: SolverName = "cbc" if (solver or settings.solver) == "cbc" else "highs"
    if name == "cbc":
        # Nothing is read or written for a solver that is not there.
        cbc_path()
    request = RunRequest(
        scenarios=scenarios,
        dry_run=dry_run,
        solver=name,
        time_limit_s=time_limit or settings.time_limit_s,
        force=force,
        on_change=settings.on_change,
        person=person(),
    )
    with ProgressBar(session.err) as progress:
        store = open_store(settings.store)
        return run_workbook(open_workbook(workbook, settings), request, progress=progress, store=store)


def _show(session: Session, outcome: "RunOutcome") -> None:
    from sheets_sync.cli.console import show_issues, show_outcome

    if session.as_json:
        session.print_json(outcome.to_json())
        return
    for notice in outcome.notices:
        session.err.print(notice, soft_wrap=True, markup=False)
    if outcome.issues:
        show_issues(session.out, outcome.issues)
    show_outcome(session.out, outcome)
