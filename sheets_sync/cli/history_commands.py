"""Commands about past runs: `runs`, `diff` and `replay`."""

from typing import TYPE_CHECKING

import click

from sheets_sync.cli.session import WORKBOOK_HELP, Session, global_options, installation, pass_session

if TYPE_CHECKING:
    from sheets_sync.outcome import ExitCode

RUN_HELP = "RUN is a run id, or the beginning of one; see sheetplan runs."


@click.command("runs", epilog=WORKBOOK_HELP)
@click.argument("workbook", required=False)
@global_options
@pass_session
def past_runs(session: Session, workbook: str | None) -> None:
    """List past runs and studies, newest first: of one workbook, or of all that this installation ran."""
    from sheets_sync.cli.history_tables import show_runs
    from sheets_sync.opening import is_known, nearest_name
    from sheets_sync.run.workbook_history import identity_of
    from sheets_sync.store import StoreError, open_store

    settings = installation()
    store = open_store(settings.store)
    identity = None if workbook is None else identity_of(workbook, settings, store)
    found, studies = store.runs(identity), store.studies.summaries(identity)
    if workbook is not None and not (found or studies) and not is_known(workbook, settings):
        near = nearest_name(workbook, settings, [run.workbook for run in store.runs()])
        raise StoreError(
            f"There is no workbook {workbook}: no such file, address or registered name, and no stored run of it."
            + (f" Did you mean {near}?" if near else "")
        )
    if session.as_json:
        document = {"runs": [run.to_json() for run in found], "studies": [study.to_json() for study in studies]}
        session.print_json(document)
    else:
        show_runs(session.out, found, studies, workbook)


@click.command(epilog=f"{RUN_HELP} {WORKBOOK_HELP}")
@click.argument("workbook")
@click.argument("run", metavar="[RUN", required=False)
@click.argument("other", metavar="[RUN]]", required=False)
@global_options
@pass_session
def diff(session: Session, workbook: str, run: str | None, other: str | None) -> None:
    """Show what changed between two runs of a workbook: estimates, initiatives in and out, totals.

    Without any RUN, the newest run is compared with the one before it; with one, that one with the newest.
    """
    from sheets_sync.cli.history_tables import show_difference
    from sheets_sync.run.compare_runs import difference, with_bridges
    from sheets_sync.run.workbook_history import identity_of
    from sheets_sync.store import StoreError, open_store

    settings = installation()
    store = open_store(settings.store)
    identity = identity_of(workbook, settings, store)
    if run is None:
        newest = next((summary.run_id for summary in store.runs(identity)), None)
        if newest is None:
            raise StoreError(f"There is no stored run of {workbook}. Run it first: sheetplan run")
        run = newest
    one = store.run(run, identity)
    if other is None:
        others = [summary.run_id for summary in store.runs(identity) if summary.run_id != one.run_id]
        if not others:
            raise StoreError(
                f"{one.run_id} is the only stored run of {workbook}, so there is nothing to compare it with."
            )
        other = others[0]
    pair = (one, store.run(other, identity))
    if pair[0].started_at > pair[1].started_at:
        pair = (pair[1], pair[0])
    found = with_bridges(difference(*pair), *pair, solver=settings.solver, time_limit_s=settings.time_limit_s)
    if session.as_json:
        session.print_json(found.to_json())
    else:
        show_difference(session.out, found)


@click.command(epilog=RUN_HELP)
@click.argument("run")
@global_options
@pass_session
def replay(session: Session, run: str) -> "ExitCode":
    """Solve a past run or study again from its stored inputs, and report whether the answer is the same.

    Writes nothing.
    """
    from sheets_sync.cli.console import ProgressBar
    from sheets_sync.outcome import ExitCode
    from sheets_sync.run.kept_studies import find_kept, replay_kept
    from sheets_sync.store import open_store

    store = open_store(installation().store)
    record = find_kept(store, run)
    with ProgressBar(session.err) as progress:
        found = replay_kept(record, store, progress)
    if session.as_json:
        session.print_json(found.to_json())
    elif found.is_same:
        session.out.print(f"{found.run_id}: the same answer, byte for byte.", soft_wrap=True, markup=False)
    else:
        session.out.print(f"{found.run_id}: the answer differs.", soft_wrap=True, markup=False)
        for line in found.differences:
            session.out.print(f"  {line}", soft_wrap=True, markup=False)
    return ExitCode.DONE if found.is_same else ExitCode.DEFECT
