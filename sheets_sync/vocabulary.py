"""The valid names of one kind of thing: finding a name however it is spelt, and the nearest one where it is none."""

from collections import defaultdict
from collections.abc import Iterable
from difflib import SequenceMatcher

from config.names import clean, fold_header, fold_key

_NEAR = 0.6
"""Similarity from which a name is worth suggesting."""
_CLOSE = 0.8
"""Similarity from which a header is taken for a misspelt name rather than for a word of its own."""
_COMPARED = 1000
"""Up to this many names, all are compared; beyond, only those that differ in one character or a swapped pair."""
_SUGGESTIONS = 200
"""Lookups of a nearest name per vocabulary; a sheet with more unknown names has another fault than a slip."""


class Vocabulary:
    """Names as first written, found without regard to case and surrounding blanks.

    `labels` are further names (a KPI's display name) and the key that each stands for; a label of two keys stands for
    neither. With `loose`, spaces, underscores and hyphens do not matter either, as in headers.
    """

    def __init__(self, keys: Iterable[str], labels: Iterable[tuple[str, str]] = (), *, loose: bool = False) -> None:
        self._fold = fold_header if loose else fold_key
        self._exact: dict[str, str] = {}
        self._shown: dict[str, str] = {}
        owners: dict[str, set[str]] = defaultdict(set)
        for key in keys:
            first = self._exact.setdefault(fold_key(key), key)
            self._shown.setdefault(self._fold(key), first)
            owners[self._fold(key)].add(first)
        labelled: dict[str, set[str]] = defaultdict(set)
        for label, key in labels:
            folded = self._fold(label)
            if folded and folded not in owners:
                labelled[folded].add(self._exact[fold_key(key)])
                self._shown.setdefault(folded, clean(label))
        owners.update(labelled)
        self._folded = {name: next(iter(keys)) for name, keys in owners.items() if len(keys) == 1}
        self._shared = {name: frozenset(keys) for name, keys in owners.items() if len(keys) > 1}
        self._nearest: dict[str, str | None] = {}
        self._neighbours: dict[str, list[str]] | None = None

    def __len__(self) -> int:
        return len(self._exact)

    def find(self, text: str) -> str | None:
        """The key that `text` means, as first written; a key goes before a label."""
        exact = self._exact.get(fold_key(text))
        if exact is not None:
            return exact
        return self._folded.get(self._fold(text))

    def meanings(self, text: str) -> frozenset[str]:
        """The keys that `text` might stand for where it is not clear which; empty where that is clear."""
        return frozenset() if self.find(text) is not None else self._shared.get(self._fold(text), frozenset())

    def nearest(self, text: str) -> str | None:
        """The most similar name, as first written, where one is similar enough to be meant."""
        return self._best(text, _NEAR)

    def close(self, text: str) -> str | None:
        """The most similar name, where `text` can hardly be anything but that name misspelt."""
        return self._best(text, _CLOSE)

    def _best(self, text: str, cutoff: float) -> str | None:
        folded = self._fold(text)
        if folded not in self._nearest:
            if len(self._nearest) >= _SUGGESTIONS:
                return None
            ranked = [(similarity(folded, other), other) for other in self._candidates(folded)]
            self._nearest[folded] = max(ranked, key=lambda pair: (pair[0], pair[1]))[1] if ranked else None
        best = self._nearest[folded]
        return self._shown[best] if best is not None and similarity(folded, best) >= cutoff else None

    def _candidates(self, folded: str) -> Iterable[str]:
        if len(self._shown) <= _COMPARED:
            return self._shown
        if self._neighbours is None:
            self._neighbours = defaultdict(list)
            for name in self._shown:
                for shortened in _shortenings(name):
                    self._neighbours[shortened].append(name)
        return {name for shortened in _shortenings(folded) for name in self._neighbours.get(shortened, ())}


def similarity(one: str, other: str) -> float:
    """0 (nothing in common) to 1 (equal); swapped letters, which a ratio misses in short names, are nearly equal."""
    if len(one) > 2 and sorted(one) == sorted(other):
        return 0.95 if one != other else 1.0
    if abs(len(one) - len(other)) > max(len(one), len(other)) * 0.6:
        return 0.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _shortenings(name: str) -> set[str]:
    return {name} | {name[:at] + name[at + 1 :] for at in range(len(name))}
