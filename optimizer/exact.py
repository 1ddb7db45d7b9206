"""When a sum reaches a bound: one rule for the whole optimizer, stricter than any solver's tolerance.

A target is met, and a capacity, cap or floor kept, when the sum of the sheet's own numbers reaches it within 1e-9
relative to the bound (1e-12 absolute for a bound of 0). So three thirds reach 1, 0.1 + 0.2 fits in 0.3, and 0.015 does
not meet a target of 0.0150000005. Where rounding could decide, the numbers are added up as they are written, without
any: 200,000,000,000 - 200.000000005 is short of 200,000,000,000 by more than a billionth of it.
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from math import frexp, fsum, isfinite, ldexp

RELATIVE = 1e-9
ABSOLUTE_AT_ZERO = 1e-12
LARGEST_MULTIPLE = 1e20
"""A shortfall relative to a target is beyond double precision where amounts are more than so many times the target."""

EDGE = 4e-16
"""Relative to what is added up and to the bound: what rounding may add to their difference."""
_CANCELS = 1e-3
_PLAIN_DIGITS = 12
_ROUNDED_DIGITS = 9
_SURE_DIGITS = 15
"""What sums of decimal numbers have beyond these is rounding."""


def as_written(value: float) -> Fraction:
    """The decimal number that a person sees for `value`, the shortest that is read as it: 0.1 is a tenth."""
    return Fraction(repr(float(value)))


def total(values: Iterable[float]) -> float:
    """The correctly rounded sum, whatever the order of the values; 0.1 + 0.2 - 0.3 is 0, as on paper."""
    addends = list(values)
    # Zero has no sign for people: -0.0 + 0.0 is 0.0.
    rounded = fsum(addends) + 0.0
    if not _cancels(rounded, addends):
        return rounded
    return float(total_as_written(addends))


def total_as_written(values: Iterable[float]) -> Fraction:
    """The sum without any rounding, of the numbers that people see."""
    return sum(map(as_written, values), Fraction(0))


def weighted(parts: Iterable[tuple[float, Fraction, Sequence[float]]]) -> float:
    """The sum of products ``weight * total``, given as (weight, weight as written, addends of the total).

    Where most of it cancels it is added up without rounding: 3 * 0.3333333333333333 is not 1, and what 1e-5 adds to
    1e12 counts where another 1e12 is taken off.
    """
    given = list(parts)
    products = [weight * total(addends) for weight, _, addends in given]
    rounded = fsum(products) + 0.0
    if len(given) < 2 or not _cancels(rounded, products):
        return rounded
    return float(sum(written * total_as_written(addends) for _, written, addends in given))


def _cancels(rounded: float, addends: Sequence[float]) -> bool:
    """Whether a sum is so small beside its addends that their rounding shows in its first 12 digits."""
    if not addends or min(addends) >= 0.0 or max(addends) <= 0.0:
        return False
    size = fsum(map(abs, addends))
    return isfinite(size) and abs(rounded) <= _CANCELS * size


def tolerance(bound: float) -> float:
    """How far a sum may stay short of `bound` and still reach it, in the bound's unit."""
    return RELATIVE * abs(bound) if bound else ABSOLUTE_AT_ZERO


def reaches(amount: float, bound: float) -> bool:
    """Whether `amount` is at least `bound`."""
    # The difference of two near numbers is exact; bound - tolerance would round.
    return _is_no_more(bound - amount, amount, bound)


def _is_no_more(missing: float, amount: float, bound: float) -> bool:
    """Whether what `amount` lacks is within the tolerance; where rounding could decide, of the numbers that people see.

    110.00000011 is within 1e-9 of 110, and a difference of floating point says that it is not.
    """
    most = tolerance(bound)
    edge = EDGE * max(abs(amount), abs(bound))
    if abs(missing - most) > edge or not isfinite(edge):
        return missing <= most
    return abs(as_written(bound) - as_written(amount)) <= (
        as_written(RELATIVE) * abs(as_written(bound)) if bound else as_written(ABSOLUTE_AT_ZERO)
    )


def difference(amount: float, other: float) -> float:
    """``amount - other``; 0 where only the rounding of the two lies between."""
    rest = amount - other
    return 0.0 if abs(rest) <= EDGE * max(abs(amount), abs(other)) else rest


def sum_reaches(addends: Iterable[float], bound: float) -> bool:
    """Whether the sum of some numbers is at least `bound`; where rounding could decide, of the numbers as written."""
    return _sum_reaches(list(addends), bound, 1)


def sum_stays_within(addends: Iterable[float], bound: float) -> bool:
    """Whether the sum of some numbers is at most `bound`; where rounding could decide, of the numbers as written."""
    return _sum_reaches(list(addends), bound, -1)


def _sum_reaches(given: Sequence[float], bound: float, direction: int) -> bool:
    """Whether ``direction * sum >= direction * bound``."""
    lacking = direction * (bound - fsum(given)) - tolerance(bound)
    edge = EDGE * (fsum(map(abs, given)) + abs(bound))
    if abs(lacking) > edge or not isfinite(edge):
        return lacking <= 0.0
    return reaches_as_written(direction * total_as_written(given), direction * as_written(bound))


def reaches_as_written(amount: Fraction, bound: Fraction) -> bool:
    """`reaches` without any rounding, for numbers that differ by the tolerance and nothing else."""
    return bound - amount <= (as_written(RELATIVE) * abs(bound) if bound else as_written(ABSOLUTE_AT_ZERO))


def stays_within(amount: float, bound: float) -> bool:
    """Whether `amount` is at most `bound`."""
    return _is_no_more(amount - bound, amount, bound)


def power_of_two_near(magnitude: float) -> float:
    """The power of two p with ``1 <= magnitude / p < 2``; multiplying by powers of two never rounds. 1 for 0."""
    return ldexp(1.0, frexp(magnitude)[1] - 1) if magnitude else 1.0


def rounded_for_people(value: float, *, upwards: bool) -> float:
    """`value` itself where it prints in 12 digits, else at 9 significant digits rounded to the side asked for.

    A number that differs from one of 9 digits or fewer in its 16th digit only is that number, on whichever side it is:
    0.020999999999999998 is 0.021.
    """
    nearest = float(f"{value:.{_SURE_DIGITS}g}")
    if len(Decimal(repr(nearest)).normalize().as_tuple().digits) <= _ROUNDED_DIGITS:
        return nearest
    exact = Decimal(repr(value))
    digits = len(exact.normalize().as_tuple().digits)
    if digits <= _PLAIN_DIGITS:
        return value
    grid = Decimal(1).scaleb(exact.adjusted() - _ROUNDED_DIGITS + 1)
    return float((exact / grid).to_integral_value(ROUND_CEILING if upwards else ROUND_FLOOR) * grid)
