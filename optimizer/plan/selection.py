"""A selection: which initiatives, and in which period of the horizon each one starts."""

from collections.abc import Collection, Iterable, Mapping


class Selection(frozenset[str]):
    """The keys of what is selected; `starts` has the period in which each starts, 0 being the first of the horizon.

    In a plan of one period everything starts in 0. So any set of keys is a selection there.
    """

    starts: Mapping[str, int]

    def __new__(cls, keys: Mapping[str, int] | Iterable[str]) -> "Selection":
        """From keys with their starts, or from keys that all start in 0."""
        starts = dict(keys) if isinstance(keys, Mapping) else dict.fromkeys(keys, 0)
        made = super().__new__(cls, starts)
        made.starts = starts
        return made

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, frozenset):
            return NotImplemented
        return frozenset.__eq__(self, other) and all(
            start == start_of(other, key) for key, start in self.starts.items()
        )

    __hash__ = frozenset.__hash__

    def __reduce__(self) -> tuple[type["Selection"], tuple[dict[str, int]]]:
        return Selection, (dict(self.starts),)


def start_of(selected: frozenset[str], key: str) -> int:
    """The period of the horizon in which something selected starts."""
    return selected.starts[key] if isinstance(selected, Selection) else 0


def keys_of(selected: frozenset[str]) -> Collection[str]:
    """The keys of a selection in the order in which it was made: near each other in memory, unlike those of a set."""
    return selected.starts if isinstance(selected, Selection) else selected
