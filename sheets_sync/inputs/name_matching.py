"""The valid names of one kind of thing: finding a name however it is spelt, and the nearest one where it is none."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rapidfuzz.distance import OSA, Indel, Levenshtein
from rapidfuzz.process import extract, extractOne

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
_SWAPPED = 0.95
"""Similarity of names in which two neighbouring letters are swapped: letters in common say too little in short ones."""
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
            self._nearest[folded] = _most_similar(folded, list(self._shown))
        best = self._nearest[folded]
        return self._shown[best] if best is not None and similarity(folded, best) >= cutoff else None


def _most_similar(text: str, names: Sequence[str]) -> str | None:
    """A name that is one slip away, else the one with the most letters in common; the first of equals."""
    slips = [name for name, _, _ in extract(text, names, scorer=OSA.distance, score_cutoff=1, limit=None)]
    if slips:
        return max(slips, key=lambda name: similarity(text, name))
    similar = extractOne(text, names, scorer=Indel.normalized_similarity, score_cutoff=_NEAR)
    return None if similar is None else similar[0]


def similarity(one: str, other: str) -> float:
    """0 (no letter in common) to 1 (equal): the share of letters that both have in the same order."""
    if len(one) == len(other) > 2 and _is_swapped(one, other):
        return _SWAPPED
    return Indel.normalized_similarity(one, other)


def is_slip(header: str, name: str) -> bool:
    """Whether a header can only be `name` mistyped, so surely that work must not go on without it.

    Stricter than similarity alone, because teams have columns of their own: `Term` is no `team`, `TAM` neither, and
    `Department ID` is a column about departments.
    """
    one, other = fold_header(header), fold_header(name)
    if one == other or header_words(header) > header_words(name):
        return False
    if OSA.distance(one, other, score_cutoff=1) == 1:
        return _is_sure_slip(one, other)
    return min(len(one), len(other)) >= _LONG and Indel.normalized_similarity(one, other) >= _SURE


def is_contrary(header: str, name: str) -> bool:
    """Whether a header is `name` with a negation, such as `inactive` for `active`."""
    one, other = fold_header(header), fold_header(name)
    return any(one.replace(negation, "", 1) == other for negation in _NEGATIONS)


def _is_sure_slip(one: str, other: str) -> bool:
    """Whether the one letter by which `one` differs from the name `other` cannot make it another word."""
    if len(one) == len(other):
        return _is_swapped(one, other) or len(other) > _SHORT + 1
    return len(other) > _SHORT or (len(one) > len(other) and _has_doubled_letter(one, other))


def _is_swapped(one: str, other: str) -> bool:
    """Whether two neighbouring letters are all that differs between names of one length."""
    return OSA.distance(one, other, score_cutoff=1) == 1 and Levenshtein.distance(one, other) == 2


def _has_doubled_letter(one: str, other: str) -> bool:
    """Whether the letter that `one` has besides those of `other` is the same as its neighbour."""
    (extra,) = Levenshtein.editops(one, other)
    at = extra.src_pos
    return one[at] in (one[at - 1 : at], one[at + 1 : at + 2])
