"""Numbers of the command line: neither `nan` nor `inf` is one, and what is written in another way is not guessed."""

from math import isfinite, nan
from typing import Any

import click

from sheets_sync.run.question import LARGEST_AMOUNT


class Seconds(click.ParamType):  # type: ignore[type-arg]
    """A number of seconds above 0."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number.

        Raises:
            click.BadParameter: it is no finite number above 0.
        """
        seconds = _number(value)
        if not isfinite(seconds) or seconds <= 0:
            self.fail(
                f"{value} is not a number of seconds above 0. Leave the option out for the default.",
                param,
                ctx,
            )
        return seconds


class Amount(click.ParamType):  # type: ignore[type-arg]
    """An amount of something: a number of 0 or more, or only above 0."""

    name = "amount"

    def __init__(self, *, above_0: bool = False) -> None:
        self.above_0 = above_0

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number; 0 has no sign.

        Raises:
            click.BadParameter: it is no finite number in that range, or beyond what solvers count with.
        """
        amount = _number(value)
        if not isfinite(amount) or amount < 0 or (self.above_0 and not amount):
            self.fail(f"{value} is not a number{' above 0' if self.above_0 else ', 0 or more'}.", param, ctx)
        if amount > LARGEST_AMOUNT:
            self.fail(f"{value} is too large: {LARGEST_AMOUNT:g} is the most.", param, ctx)
        return amount + 0.0


def _number(value: Any) -> float:
    text = str(value)
    try:
        # Python reads 1_0 as 10, and digits of every script.
        return float(text) if text.isascii() and "_" not in text else nan
    except ValueError:
        return nan
