"""The valid names of one kind of thing: finding a name however it is spelt, and the nearest one where it is none."""

from collections import defaultdict
from collections.abc import Iterable
from difflib import SequenceMatcher

from config.names import clean, fold_header, fold_key, header_words

_NEAR = 0.6
"""Similarity from which a name is worth suggesting."""
_CLOSE = 0.8
"""Similarity from which a header is taken for a misspelt name rather than for a word of its own."""
_SURE = 0.85
"""Similarity from which a header of several letters' difference is surely a misspelt name."""
_LONG = 8
"""Letters that both need for that."""
_SHORT = 4
"""Up to this many letters, a single other letter makes another word."""
_NEGATIONS = ("in", "un", "non", "not", "no")
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


def is_slip(header: str, name: str) -> bool:
    """Whether a header can only be `name` mistyped, so surely that work must not go on without it.

    Stricter than similarity alone, because teams have columns of their own: `Term` is no `team`, `TAM` neither, and
    `Department ID` is a column about departments.
    """
    one, other = fold_header(header), fold_header(name)
    if one == other or header_words(header) > header_words(name):
        return False
    if _is_swapped(one, other):
        return True
    shorter = min(len(one), len(other))
    if len(one) == len(other) + 1 and other in _shortenings(one):
        return len(other) > _SHORT or other in _undoubled(one)
    if len(other) == len(one) + 1 and one in _shortenings(other):
        return len(other) > _SHORT
    replaced = len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1
    if replaced:
        return shorter > _SHORT + 1
    return shorter >= _LONG and SequenceMatcher(None, one, other, autojunk=False).ratio() >= _SURE


def is_contrary(header: str, name: str) -> bool:
    """Whether a header is `name` with a negation, such as `inactive` for `active`."""
    one, other = fold_header(header), fold_header(name)
    return any(one.replace(negation, "", 1) == other for negation in _NEGATIONS)


def _is_swapped(one: str, other: str) -> bool:
    """Whether two neighbouring letters are all that differs."""
    differing = [at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b]
    if len(one) != len(other) or len(differing) != 2 or differing[1] != differing[0] + 1:
        return False
    first, second = differing
    return one[first] == other[second] and one[second] == other[first]


def _undoubled(name: str) -> set[str]:
    """The name without one letter of each pair of equal neighbours."""
    return {name[:at] + name[at + 1 :] for at in range(1, len(name)) if name[at] == name[at - 1]}


def _shortenings(name: str) -> set[str]:
    return {name} | {name[:at] + name[at + 1 :] for at in range(len(name))}
