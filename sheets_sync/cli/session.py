"""What every command shares: the global options, the two streams, the settings."""

import json
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from config.control_characters import printable_json

if TYPE_CHECKING:
    from rich.console import Console

    from config.settings import Settings

WORKBOOK_HELP = "WORKBOOK is a Google Sheets URL, a spreadsheet id, a registered workbook's name, or an .xlsx file."


class Session:
    """What the global options say, and the two streams: answers on standard output, the rest on standard error."""

    def __init__(self) -> None:
        self.as_json = False
        self.verbose = False
        self.reader_gone = False

    @property
    def out(self) -> "Console":
        """Standard output, for answers."""
        from sheets_sync.cli.streams import answers

        return answers(self.lose_reader)

    @property
    def err(self) -> "Console":
        """Standard error, for progress and notices."""
        from sheets_sync.cli.streams import notices

        return notices()

    def print_json(self, document: object) -> None:
        """The one JSON document of this command."""
        self.print_bytes(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))

    def print_bytes(self, text: str) -> None:
        """A line of JSON: UTF-8 whatever the terminal's encoding, half a surrogate pair as JSON's own escape."""
        try:
            click.echo(printable_json(text).encode("utf-8", "backslashreplace"))
        except BrokenPipeError:
            self.lose_reader()

    def lose_reader(self) -> None:
        """Nobody reads our answers any more; what the command does, and its exit code, stay the same."""
        from sheets_sync.cli.standard_streams import drop_further_output

        self.reader_gone = True
        drop_further_output()


pass_session = click.make_pass_decorator(Session, ensure=True)


def global_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the global options, so that they may stand before or behind its name."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document on standard output, nothing else.")
    @click.option("-v", "--verbose", is_flag=True, help="Show more on standard error, including where a bug occurred.")
    @click.pass_context
    @wraps(command)
    def wrapped(context: click.Context, /, *args: Any, as_json: bool, verbose: bool, **kwargs: Any) -> Any:
        session = context.ensure_object(Session)
        session.as_json |= as_json
        session.verbose |= verbose
        return context.invoke(command, *args, **kwargs)

    return wrapped


def installation() -> "Settings":
    """The installation's settings, read now.

    Raises:
        SettingsError: they cannot be used.
    """
    from config.settings import load_settings

    return load_settings()


def person() -> str:
    """Who runs this, as the operating system knows them; empty where it does not."""
    from sheets_sync.workbook.os_account import os_account

    return os_account()
