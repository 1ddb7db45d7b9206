"""The command `mcp`: tools for assistants, on standard input and output."""

from typing import TYPE_CHECKING

import click

from sheets_sync.cli.session import WORKBOOK_HELP, global_options, installation, person

if TYPE_CHECKING:
    from sheets_sync.outcome import ExitCode

INSTALL_EXTRA = 'sheetplan mcp needs the extra "mcp". Install it with: pip install "sheetplan[mcp]"'


@click.command("mcp", epilog=WORKBOOK_HELP)
@click.argument("workbooks", nargs=-1, metavar="[WORKBOOK]...")
@global_options
def mcp(workbooks: tuple[str, ...]) -> "ExitCode":
    """Offer assistants tools that read, check, solve and study these workbooks, and write nothing.

    Speaks the Model Context Protocol on standard input and output. Without WORKBOOK, the tools may read every
    registered workbook; no others can be named.
    """
    from importlib.util import find_spec

    from config.settings import SettingsError
    from sheets_sync.outcome import ExitCode

    if find_spec("mcp") is None:
        raise SettingsError(INSTALL_EXTRA)
    settings = installation()
    places = {name: name for name in workbooks or settings.workbooks}
    if not places:
        raise click.UsageError("Name the workbooks that assistants may read, or register some in sheetplan.toml.")
    from sheets_sync.assistant.server import serve_over_stdio
    from sheets_sync.assistant.tools import Tools

    serve_over_stdio(Tools(places, settings, person()))
    return ExitCode.DONE
