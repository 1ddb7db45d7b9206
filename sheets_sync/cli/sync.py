"""`sync`: the scheduled job."""

import click

from sheets_sync.cli.session import Session, global_options, installation, pass_session, person
from sheets_sync.outcome import ExitCode

WORDS = {"unchanged": "unchanged since its last run", "ran": "ran", "failed": "failed"}


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "everything", is_flag=True, help="All registered workbooks.")
@click.option("--force", is_flag=True, help="Also those whose inputs are those of their last run.")
@global_options
@pass_session
def sync(session: Session, names: tuple[str, ...], everything: bool, force: bool) -> ExitCode:
    """Run registered workbooks whose inputs changed since their last run."""
    from sheets_sync import sync as job

    if bool(names) == everything:
        raise click.UsageError("Name registered workbooks, or give --all.")
    settings = installation()
    synced = []
    for one in job.sync(job.chosen(names, settings), settings, force=force, person=person()):
        synced.append(one)
        if not session.as_json:
            told = one.error or (one.outcome.summary if one.outcome is not None else "")
            session.out.print(f"{one.name}: {WORDS[one.state]}. {told}".strip(), soft_wrap=True, markup=False)
    if session.as_json:
        session.print_json({"workbooks": [one.to_json() for one in synced]})
    return job.exit_code(synced)
