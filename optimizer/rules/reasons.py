"""What a rule says about why an initiative is in or out of a portfolio, and the facts that it may go by.

Of all reasons for an initiative the one of the first rank counts. A rule that decides comes before arithmetic, and
arithmetic before merit. Beside merit, what needs the initiative is said too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from optimizer.plan import Initiative


class In(IntEnum):
    """How strongly something speaks for an initiative that is selected; the first counts."""

    DEMANDED = 1
    TIED_TO_DEMANDED = 2
    NEEDED_BY_DEMANDED = 3
    MERIT = 4
    NEEDED = 5
    TIED = 6
    OTHERWISE = 7


class Out(IntEnum):
    """How strongly something speaks against an initiative that is not selected; the first counts."""

    FORBIDDEN = 1
    LACKS = 2
    RIVALLED = 3
    TIED_TO_IMPOSSIBLE = 4
    WORTHLESS = 5
    NO_ROOM = 6
    BREAKS = 7
    TIED = 8
    COSTS_A_TARGET = 9
    OTHERWISE = 10


FOR_A_BOUND = "for a target, floor or synergy, not for its own score"
"""Why something is selected that no rule asks for by name and that has no score."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A true sentence about one initiative.

    Reasons in the same `words` are one reason: their `others`, the keys of the initiatives that are to be named after
    the words, are listed together, and so are their `figures`.
    """

    initiative: str
    rank: In | Out
    words: str
    others: tuple[str, ...] = ()
    figures: str = ""


@dataclass(frozen=True)
class Facts:
    """A portfolio as rules see it.

    Attributes:
        selected: keys of what is selected.
        left_out: the candidates that are not selected, by key.
        demanded: keys that some rule alone says must be selected.
        ratios: score per engineering token of every candidate; 0 for what costs no tokens.
        least_ratio: the least ratio above 0 among what is selected and not demanded; 0 without any.
        starts: in plans over several periods, the periods in which each candidate can start; empty in a plan of one.
    """

    selected: frozenset[str]
    left_out: Mapping[str, Initiative]
    demanded: frozenset[str]
    ratios: Mapping[str, float]
    least_ratio: float
    starts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def starts_of(self, key: str) -> tuple[int, ...]:
        """The periods of the horizon in which something can start."""
        return self.starts.get(key, ()) if self.starts else (0,)

    def brings_less_per_token(self, key: str) -> bool:
        """Whether it has a score per token, and everything selected for its score has a better one."""
        return 0 < self.ratios[key] < self.least_ratio
