"""Commands that run what changed: `sync` once, `watch` with every save."""

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sheets_sync.cli.service_commands import INSTALL_EXTRA
from sheets_sync.cli.session import Session, global_options, installation, pass_session, person

if TYPE_CHECKING:
    from config.settings import Settings
    from sheets_sync.outcome import ExitCode

WORDS = {"unchanged": "unchanged since its last run", "ran": "ran", "failed": "failed"}


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "everything", is_flag=True, help="All registered workbooks.")
@click.option("--force", is_flag=True, help="Also run workbooks whose inputs have not changed.")
@global_options
@pass_session
def sync(session: Session, names: tuple[str, ...], everything: bool, force: bool) -> "ExitCode":
    """Run registered workbooks whose inputs changed since their last run."""
    from sheets_sync.outcome import first_code
    from sheets_sync.run import sync_registered

    if bool(names) == everything:
        raise click.UsageError("Name registered workbooks, or give --all.")
    settings = installation()
    wanted, synced = sync_registered.chosen(names, settings), []
    with _notices(session, settings, wanted):
        for one in sync_registered.sync(wanted, settings, force=force, person=person()):
            synced.append(one)
            if not session.as_json:
                reported = one.message or (one.outcome.summary if one.outcome is not None else "")
                session.out.print(f"{one.name}: {WORDS[one.state]}. {reported}".strip(), soft_wrap=True, markup=False)
    if session.as_json:
        session.print_json({"workbooks": [one.to_json() for one in synced]})
    return first_code(one.exit_code for one in synced)


def _notices(session: Session, settings: "Settings", wanted: Sequence[str]) -> AbstractContextManager[None]:
    """Whoever is to be notified about one of these workbooks is notified when the block has ended."""
    noticed = [name for name in wanted if settings.workbooks[name].notify is not None]

    def report(sentence: str) -> None:
        session.err.print(sentence, soft_wrap=True, markup=False)

    if not noticed:
        return nullcontext()
    try:
        from sheets_sync.jobs.sync_notices import notices_around
    except ModuleNotFoundError:
        report(f"Nobody is notified about {', '.join(noticed)}, because the service extra is missing. {INSTALL_EXTRA}")
        return nullcontext()
    return notices_around(settings, report)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@global_options
@pass_session
def watch(session: Session, file: Path) -> None:
    """Run an .xlsx file now and after every save, until Ctrl-C."""
    from sheets_sync.opening import open_workbook
    from sheets_sync.request import RunRequest
    from sheets_sync.run.watch_file import watch as watch_file
    from sheets_sync.store import open_store

    settings = installation()
    request = RunRequest(
        solver=settings.solver,
        time_limit_s=settings.time_limit_s,
        only_if_changed=True,
        trigger="watch",
        person=person(),
    )
    session.err.print(f"Watching {file}; stop with Ctrl-C.", soft_wrap=True, markup=False)
    store = open_store(settings.store)
    for watched in watch_file(file, open_workbook(str(file), settings), request, store=store):
        if session.as_json:
            # One document per line: this command ends only when it is stopped.
            document = {"error": watched.error} if watched.outcome is None else watched.outcome.to_json()
            session.print_bytes(json.dumps(document, ensure_ascii=False, allow_nan=False))
        else:
            reported = watched.error or (watched.outcome.summary if watched.outcome is not None else "")
            session.out.print(reported, soft_wrap=True, markup=False)
        if session.reader_gone:
            return
