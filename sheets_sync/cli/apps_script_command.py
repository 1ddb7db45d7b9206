"""The command that puts the menu into a Google Sheet: `apps-script`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sheets_sync.cli.session import Session, global_options, pass_session

if TYPE_CHECKING:
    from sheets_sync.outcome import ExitCode

STEPS = (
    "In the sheet, open Extensions > Apps Script.",
    'Under Project Settings, tick: Show "appsscript.json" manifest file in editor.',
    "Replace the contents of Code.gs and of appsscript.json by those below. With +, HTML, make a file Sidebar and do "
    "the same.",
    "Save, close the editor and reload the sheet: the menu Sheetplan appears.",
    "Choose Sheetplan > Connect... and allow what Google asks for. It says whether it works, or what your operator "
    "must add: the script's OAuth client id (service.audience) and your e-mail address (allowed).",
)
"""How a person installs the script by hand."""


@click.command("apps-script")
@click.option("--url", metavar="URL", help="Address of the service; the script then calls no other.")
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Write the files to this folder."
)
@click.option("--push", "pushes", is_flag=True, help="Write them into a clasp project (DIR, else here) and push it.")
@global_options
@pass_session
def apps_script(session: Session, url: str | None, into: Path | None, pushes: bool) -> "ExitCode":
    """Print the menu script for a Google Sheet and the steps to install it, or push it with clasp."""
    from sheets_sync.apps_script.printed import ServiceAddressError, script_files, service_url
    from sheets_sync.apps_script.project import ProjectError, PushError, clasp_folder, push, write_files
    from sheets_sync.outcome import ExitCode
    from sheets_sync.workbook.backend import WorkbookUnreachableError

    try:
        script = script_files(None if url is None else service_url(url))
        folder = clasp_folder(into or Path()) if pushes else into
        written = [] if folder is None else write_files(script, folder)
    except (ServiceAddressError, ProjectError) as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise click.UsageError(f"{error.filename} cannot be written: {error.strerror}.") from None
    if pushes:
        try:
            click.echo(push(into or Path()), err=True)
        except PushError as error:
            raise WorkbookUnreachableError(str(error)) from None
    if session.as_json:
        document = {
            "url": None if url is None else service_url(url),
            "pushed": pushes,
            "written": [str(file) for file in written],
        }
        session.print_json(document | ({} if written else {"steps": list(STEPS), "files": dict(script)}))
    elif written:
        names = ", ".join(str(file) for file in written)
        session.out.print(f"Pushed: {names}." if pushes else f"Written: {names}.", soft_wrap=True, markup=False)
        if pushes:
            session.out.print("Reload the sheet and choose Sheetplan > Connect...", soft_wrap=True, markup=False)
    else:
        for number, step in enumerate(STEPS, start=1):
            click.echo(f"{number}. {step}")
        for name, text in script.items():
            click.echo(f"\n======== {name} ========\n{text}", nl=False)
    return ExitCode.DONE
