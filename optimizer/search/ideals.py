"""Ideals as factors: the best total of each KPI, and what is known where time ended before it was proven.

An ideal that is not proven may be larger than the best total found, so that the factor may be smaller. Then the
objective is measured by the best totals that any known portfolio reaches, the answer is never called proven, and its
bound holds whatever the ideals are: with the true factor between s[k] * value[k] / bound[k] and s[k], portfolio P
is worth at least V(P) less the sum of ``(1 - value[k] / bound[k]) * part[k](P)``, and no other is worth more than B.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from optimizer import exact
from optimizer.model.objectives import Objective
from optimizer.model.rows import Bits, Terms

_NO_IDEAL = 1e-12


@dataclass(frozen=True, slots=True)
class Ideal:
    """The best total of a KPI, larger is better: what was found, and what nothing can exceed (None: not known)."""

    terms: Terms
    value: float
    bound: float | None
    is_proven: bool

    @property
    def factor_base(self) -> float:
        """What the factor divides by; what rounding leaves of contributions that cancel counts as 0."""
        return self.value if abs(self.value) > _NO_IDEAL * self.terms.largest() else 0.0

    def reached_by(self, known: Collection[Bits]) -> "Ideal":
        """With the best total of some portfolios where that is better, and the ideal is not proven."""
        if self.is_proven:
            return self
        return replace(self, value=max([self.value, *map(self.terms.value, known)]))


def bound_for_all_ideals(
    ideals: Mapping[str, Ideal], objective: Objective, corrected: Objective, bound: float, bits: Bits
) -> float | None:
    """How good any portfolio can be at most beside `bits`, whatever the unproven ideals are; None where not known.

    `bound` is on `objective`; `corrected` has factors that are no larger.
    """
    allowance = []
    for kpi, ideal in ideals.items():
        is_same = objective.coefficients[kpi] == corrected.coefficients[kpi]
        if ideal.is_proven and is_same:
            continue
        # A part that can be negative would weigh less with a smaller factor.
        if ideal.bound is None or ideal.value <= 0 or min(ideal.terms.coefficients) < 0:
            return None
        part = abs(corrected.coefficients[kpi]) * ideal.terms.value(bits)
        allowance.append((1 - ideal.value / max(ideal.bound, ideal.value)) * part)
    return exact.total([bound, *allowance])
