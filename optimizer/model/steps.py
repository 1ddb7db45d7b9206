"""Amounts that are multiples of a step: people's numbers have few digits."""

from collections.abc import Sequence

import numpy as np

_DIGITS = 7
LARGEST_STEPS = 1e8
"""Sums of more steps may be off by a part of a step: they are not counted in steps."""
_NOISE = 1e-9


def step_of(coefficients: Sequence[float], largest_steps: float = LARGEST_STEPS) -> float:
    """The power of ten that all coefficients are multiples of, so that sums differ by as much or not; 0 for none.

    Nor is there one where all together are more than `largest_steps`.
    """
    amounts = np.abs(np.array(coefficients))
    if not len(amounts) or amounts.max() > LARGEST_STEPS * amounts.min():
        return 0.0
    step = float(10.0 ** np.floor(np.log10(amounts.min())))
    for _ in range(_DIGITS):
        steps = amounts / step
        if steps.sum() > largest_steps:
            return 0.0
        if (np.abs(steps - np.round(steps)) <= _NOISE).all():
            return step
        step /= 10
    return 0.0
