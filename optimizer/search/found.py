"""What a search came to, and the better of two such."""

from dataclasses import dataclass, replace

from optimizer import exact
from optimizer.model.rows import Bits
from optimizer.portfolio import Stage, StopReason

_INACCURACY = 1e-8
"""Relative: by so much a solver's bound may be on the wrong side of a value, because CBC prints few digits."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to.

    `bits` is None without a selection; `value` is exact; nothing can be better than `bound` (None: not known). Both are
    in the objective's native unit.
    """

    reason: StopReason
    bits: tuple[int, ...] | None
    value: float | None
    bound: float | None
    unit_size: float = exact.ABSOLUTE_AT_ZERO

    @property
    def gap(self) -> float | None:
        """``|bound - value| / max(|value|, unit_size)``."""
        if self.value is None or self.bound is None:
            return None
        return abs(self.bound - self.value) / max(abs(self.value), self.unit_size)

    def as_stage(
        self, name: str, unit: str, seconds: float, *, sign: int = 1, is_held: bool = True, breaks_ties: bool = False
    ) -> Stage:
        """What people are reported of it; `sign` turns value and bound into what they see."""
        return Stage(
            name=name,
            unit=unit,
            reason=self.reason,
            value=None if self.value is None else sign * self.value + 0.0,
            bound=None if self.bound is None else sign * self.bound + 0.0,
            gap=self.gap,
            tolerance=exact.tolerance(self.value) if is_held and self.value is not None else None,
            seconds=seconds,
            breaks_ties=breaks_ties,
        )

    def no_worse_than(self, bits: Bits, value: float, sign: int) -> "Found":
        """This, or what was known before where that is better; `sign` -1 where larger is better.

        That there is nothing (INFEASIBLE) cannot be true then: it counts as a solver's error, and proves nothing.
        """
        if self.value is not None and sign * self.value <= sign * value:
            return self
        reason, bound = self.reason, self.bound
        if bound is not None and 0 < sign * (bound - value) <= _INACCURACY * abs(value):
            bound = value
        if reason is StopReason.INFEASIBLE or (bound is not None and sign * bound > sign * value):
            reason, bound = StopReason.ERROR, None
        elif reason is StopReason.OPTIMAL:
            # A solver may stop short of the best by its gap, and `bound` says by how much.
            bound = value if bound is None else bound
        return replace(self, reason=reason, bits=tuple(bits), value=value, bound=bound)

    def with_bound(self, bound: float, sign: int) -> "Found":
        """With another bound, known from elsewhere, where that is closer."""
        if self.bound is None or sign * bound > sign * self.bound:
            return replace(self, bound=bound)
        return self
