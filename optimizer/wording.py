"""Numbers and lists as people write them in a sheet."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol


def number(value: float) -> str:
    """All digits of `value`, thousands separated, never in scientific notation: 1,000 and 0.000001."""
    exact = Decimal(repr(value)).normalize()
    return f"{exact:,f}" if exact else "0"


class Measured(Protocol):
    """Something whose amounts people read in a form of their own: a KPI."""

    @property
    def prefix(self) -> str:
        """What is before the number, such as a currency sign."""

    @property
    def suffix(self) -> str:
        """What is behind the number, such as a percent sign."""

    @property
    def factor(self) -> float:
        """What a native amount is multiplied by before people see it."""


def amount(value: float, of: Measured) -> str:
    """All digits of an amount in the form in which people read it: £120,000, and 7% for 0.07."""
    shown = number(abs(float(Decimal(repr(value)) * Decimal(repr(of.factor)))))
    return f"{'-' if value < 0 else ''}{of.prefix}{shown}{of.suffix}"


def percent(share: float) -> str:
    """``20%`` for 0.2; at most nine digits."""
    return f"{number(float(f'{100 * share:.9g}'))}%"


def listing(words: Sequence[str], last: str = "and", most: int = 12) -> str:
    """``A, B and C``; a list longer than `most` ends in how many more there are."""
    if len(words) > most:
        return f"{', '.join(words[:most])} {last} {len(words) - most:,} more"
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def few(keys: Sequence[str]) -> str:
    """The first three keys, and how many more there are."""
    return listing(keys, most=3)


def with_source(sentence: str, source: str | None) -> str:
    """The sentence and, in brackets, the cell where a person wrote it down."""
    return f"{sentence} ({source})" if source else sentence
