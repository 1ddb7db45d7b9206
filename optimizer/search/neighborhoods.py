"""Parts of a plan over several periods that are looked at again while the rest stays as it is.

Four kinds take turns: the work of one or two groups (teams), the work of one or two periods beside some that is out,
chains of what short rows tie together (prerequisites, bundles, variants), and initiatives at random. Each kind has a
size of its own, which grows where a solver is through soon and shrinks where it is not.
"""

from collections.abc import Collection, Mapping, Sequence
from random import Random

from optimizer.model.rows import Bits, Candidates

_FIRST_SIZE, _LEAST_SIZE = 40, 8
_GROWTH, _SHRINKAGE = 1.15, 0.9
_MANY_PERIODS = 6
"""In a longer plan two periods at a time are looked at."""
_AT_WORK = 2 / 3
"""So much of the work of a period, beside what is out."""


class Neighborhoods:
    """A sequence of neighborhoods, the same each time.

    Args:
        candidates: the columns.
        groups: the initiatives of each group; none where there are no groups.
        ties: what short rows tie to each initiative.
    """

    def __init__(
        self, candidates: Candidates, groups: Sequence[Sequence[str]], ties: Mapping[str, Sequence[str]]
    ) -> None:
        self._candidates = candidates
        self._keys = [key for key, columns in candidates.columns.items() if columns]
        self._groups = groups
        self._ties = ties
        self._source = Random(0)
        ways = {"groups": self._of_groups, "periods": self._of_periods, "chains": self._of_chains, "any": self._any}
        self._ways = {name: way for name, way in ways.items() if groups or name != "groups"}
        self._sizes = dict.fromkeys(self._ways, min(_FIRST_SIZE, len(self._keys)))
        self._turn = -1

    def next(self, bits: Bits) -> frozenset[str]:
        """The initiatives of the next neighborhood of a selection."""
        self._turn += 1
        name = self._name
        return frozenset(self._ways[name](bits, self._sizes[name]))

    def adapt(self, *, is_small: bool, is_large: bool) -> None:
        """What the last one turned out to be for a solver."""
        size = self._sizes[self._name]
        if is_large:
            size = max(_LEAST_SIZE, int(size * _SHRINKAGE))
        elif is_small:
            size = int(size * _GROWTH) + 1
        self._sizes[self._name] = min(size, len(self._keys))

    @property
    def _name(self) -> str:
        return list(self._ways)[self._turn % len(self._ways)]

    def _of_groups(self, bits: Bits, size: int) -> Collection[str]:
        del bits
        order = self._source.sample(range(len(self._groups)), len(self._groups))
        keys: list[str] = []
        for number in order:
            if len(keys) >= size:
                break
            keys += self._groups[number]
        return self._some(keys, size)

    def _of_periods(self, bits: Bits, size: int) -> Collection[str]:
        horizon = len(self._candidates.horizon)
        first = self._source.randrange(horizon)
        last = first + (1 if horizon >= _MANY_PERIODS else 0)
        selected = {
            option.key: option
            for option, bit in zip(self._candidates.options, bits, strict=False)
            if bit and option.start is not None
        }
        at_work = [key for key, option in selected.items() if (option.start or 0) <= last and option.finish >= first]
        out = [key for key in self._keys if key not in selected]
        chosen = self._some(at_work, int(size * _AT_WORK) + 1)
        return [*chosen, *self._some(out, size - len(chosen))]

    def _of_chains(self, bits: Bits, size: int) -> Collection[str]:
        del bits
        keys: dict[str, None] = {}
        for seed in self._source.sample(self._keys, min(size, len(self._keys))):
            waiting = [seed]
            while waiting and len(keys) < size:
                key = waiting.pop(0)
                if key not in keys:
                    keys[key] = None
                    waiting += self._ties[key]
            if len(keys) >= size:
                break
        return list(keys)

    def _any(self, bits: Bits, size: int) -> Collection[str]:
        del bits
        return self._some(self._keys, size)

    def _some(self, keys: Sequence[str], size: int) -> list[str]:
        return self._source.sample(keys, min(len(keys), max(0, size)))
