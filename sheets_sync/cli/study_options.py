"""Options that the commands of studies share."""

import re
from collections.abc import Callable
from typing import Any

import click

from sheets_sync.cli.new_file import NewFile
from sheets_sync.cli.number_options import Seconds


class Percent(click.ParamType):  # type: ignore[type-arg]
    """A percentage from 0 to 100: ``20%`` is 0.2, and so is a plain ``20``; a plain ``0.2`` could be either."""

    name = "percent"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The share.

        Raises:
            click.BadParameter: it is no percentage from 0 to 100, or could be a share as well.
        """
        if isinstance(value, float):
            return value
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(%?)", str(value).strip())
        if found is None or float(found[1]) > 100:
            self.fail(f"{value} is not a percentage from 0% to 100%.", param, ctx)
        number = float(found[1])
        if 0 < number <= 1 and not found[2]:
            self.fail(f"{value} could mean {number:g}% or {100 * number:g}%. Write it with its sign.", param, ctx)
        return number / 100


def writing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a study the options that write it to the workbook."""
    write = click.option("--write", is_flag=True, help="Also write the study to the tab Analysis of the workbook.")
    force = click.option(
        "--force", is_flag=True, help="With --write: accept what saving an .xlsx file of this kind would lose."
    )
    return write(force(command))


def stop_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a study the option that ends it after a while with what it found, as Ctrl-C does at any time."""
    text = "Stop after so long, and show what was found so far."
    return click.option("--stop-after", type=Seconds(), metavar="SECONDS", help=text)(command)


def chart_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a study the option that draws its chart as a file."""
    text = "Also draw the chart as a .svg or .png file. Repeatable."
    return click.option("--chart", "charts", type=NewFile(), multiple=True, metavar="FILE", help=text)(command)
