"""A bound whose number people write as a percent."""

from abc import ABC
from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Self

from optimizer.rules.rule import BoundRule
from optimizer.wording import percent

_GRID = Decimal("0.0001")
"""Numbers that people are to type have two decimals of a percent."""
_SURE_DIGITS = 15


class PercentBound(BoundRule, ABC):
    """A bound whose number is a part of a whole, such as 0.2 for 20 percent."""

    def without(self) -> str:
        """``drop the share for department Platform of 20%``."""
        return f"drop the {self.what()} of {percent(self.stated)}"

    def change(self, stated: float) -> str:
        """``lower the share for department Platform from 20% to 17%``."""
        verb = "raise" if stated > self.stated else "lower"
        return f"{verb} the {self.what()} from {percent(self.stated)} to {percent(stated)}"

    def rounded(self, stated: float, *, upwards: bool) -> Iterator[float]:
        """With two decimals of a percent, then with more digits."""
        rounding = ROUND_CEILING if upwards else ROUND_FLOOR
        yield float(Decimal(f"{stated:.{_SURE_DIGITS}g}").quantize(_GRID, rounding))
        yield from super().rounded(stated, upwards=upwards)

    def restated(self, stated: float) -> Self:
        """The same rule with another number, no part being less than nothing or more than all."""
        return super().restated(min(1.0, max(0.0, stated)))
