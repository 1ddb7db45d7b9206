"""Columns by the group that they belong to, such as the team that does the work: most rows stay within one group."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from optimizer.model.matrix import Matrix
from optimizer.model.rows import Candidates
from optimizer.plan import TOKENS, Initiative

_LARGEST_PART = 0.75
"""A group with more of the columns is as good as the whole."""
_WITHIN = 0.5
"""So much of what capacities and caps count stays within groups, or the groups are none."""
_LONG = 6
"""Rows of no more initiatives are links between them, such as prerequisites."""


@dataclass(frozen=True)
class Groups:
    """The group of each column and of each row of a matrix, from 0; rows that link groups have -1."""

    of_column: NDArray[np.int64]
    of_row: NDArray[np.int64]
    count: int

    @property
    def links(self) -> NDArray[np.bool_]:
        """The rows that link groups."""
        return self.of_row < 0

    def keys(self, candidates: Candidates) -> list[list[str]]:
        """The initiatives of each group that has any."""
        members: dict[int, dict[str, None]] = {}
        for option, group in zip(candidates.options, self.of_column.tolist(), strict=False):
            members.setdefault(group, {})[option.key] = None
        return [list(members[group]) for group in sorted(members)]

    @classmethod
    def of(cls, candidates: Candidates, matrix: Matrix) -> "Groups | None":
        """By the dimension, or the resource, that tears fewest rows apart; None where none leaves parts of a plan."""
        best: Groups | None = None
        for label in _labels(candidates):
            groups = cls._by(label, candidates, matrix)
            if groups is not None and (best is None or groups.links.sum() < best.links.sum()):
                best = groups
        return best

    @classmethod
    def _by(cls, label: Callable[[Initiative], str], candidates: Candidates, matrix: Matrix) -> "Groups | None":
        names = [label(option.initiative) for option in candidates.options]
        names += [label(candidates.plan.initiative(column.synergy.members[0])) for column in candidates.synergies]
        numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
        # What is no choice, such as the shortfall of a goal, is a group of its own.
        of_column = np.full(matrix.width, len(numbers))
        of_column[: len(names)] = [numbers[name] for name in names]
        sizes = np.bincount(of_column)
        if len(numbers) < 2 or sizes.max() > _LARGEST_PART * matrix.width:
            return None
        rows, height = matrix.row_of_entry, len(matrix.row_lower)
        first, last = np.full(height, len(sizes)), np.full(height, -1)
        np.minimum.at(first, rows, of_column[matrix.index])
        np.maximum.at(last, rows, of_column[matrix.index])
        of_row = np.where(first == last, first, -1)
        lengths = _initiatives_per_row(candidates, matrix)
        is_long = lengths > _LONG
        if lengths[is_long & (of_row >= 0)].sum() < _WITHIN * lengths[is_long].sum() or not is_long.any():
            return None
        return cls(of_column, of_row, len(sizes))


def _initiatives_per_row(candidates: Candidates, matrix: Matrix) -> NDArray[np.int64]:
    number = {key: place for place, key in enumerate(candidates.columns)}
    own = np.full(matrix.width, -1)
    own[: len(candidates.options)] = [number[option.key] for option in candidates.options]
    pairs = np.unique(np.stack((matrix.row_of_entry, own[matrix.index])), axis=1)
    return np.bincount(pairs[0][pairs[1] >= 0], minlength=len(matrix.row_lower))


def _labels(candidates: Candidates) -> Iterator[Callable[[Initiative], str]]:
    initiatives = candidates.initiatives
    for dimension in sorted({name for initiative in initiatives for name in initiative.dimensions}):
        yield partial(_value_in, dimension)
    totals = {name: 0.0 for initiative in initiatives for name in initiative.costs if name != TOKENS}
    for initiative in initiatives:
        for name in totals:
            totals[name] += initiative.costs.get(name, 0.0)
    resources = sorted(name for name, total in totals.items() if total)
    if len(resources) > 1:
        yield lambda initiative: max(resources, key=lambda name: initiative.costs.get(name, 0.0) / totals[name])


def _value_in(dimension: str, initiative: Initiative) -> str:
    return initiative.dimensions.get(dimension, "")


def neighbors(candidates: Candidates, rows: Sequence[Sequence[int]]) -> dict[str, list[str]]:
    """The initiatives that a short row ties to each one, sorted; `rows` are the columns of each row."""
    width = len(candidates.options)
    tied: dict[str, set[str]] = {key: set() for key in candidates.columns}
    for columns in rows:
        keys = {candidates.options[column].key for column in columns if column < width}
        if 1 < len(keys) <= _LONG:
            for key in keys:
                tied[key] |= keys
    return {key: sorted(others - {key}) for key, others in tied.items()}
