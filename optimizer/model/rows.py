"""Solver-neutral linear rows over the columns of one scenario, and the cuts that keep answers exact.

Columns: x of the candidates, sorted by key, come first (so that the order of the sheet never matters), then y of the
synergies that can be earned, then u, one continuous shortfall per goal.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import ClassVar, Protocol

from optimizer import exact
from optimizer.plan import Initiative, Plan, Scenario, Slice, Synergy

_WHOLE = 1e8
"""Below a bound of 1e9 the relative tolerance of 1e-9 is less than 1."""

Bits = Sequence[int]
"""A selection as 0/1 per x and y column."""


class Sense(StrEnum):
    """Which side of its bound a row must stay on."""

    AT_MOST = "<="
    AT_LEAST = ">="


@dataclass(frozen=True, slots=True)
class Terms:
    """A linear expression: column numbers and their coefficients, in native units."""

    columns: Sequence[int]
    coefficients: Sequence[float]

    def value(self, bits: Bits) -> float:
        """The correctly rounded value on a selection."""
        return exact.total(c for column, c in zip(self.columns, self.coefficients, strict=True) if bits[column])

    def largest(self) -> float:
        """The largest absolute coefficient; 0 without any."""
        return max(map(abs, self.coefficients), default=0.0)


@dataclass(frozen=True, eq=False, slots=True)
class Row:
    """``terms <= bound`` or ``terms >= bound``; `rule` is the business rule that it stands for (None: bookkeeping).

    A `soft` row has a shortfall column, which the solver fills: it is not loosened and not checked on selections. A
    `tight` row is loosened by no more than the tolerance, so that few answers need a cut.
    """

    terms: Terms
    sense: Sense
    bound: float
    rule: "RowSource | None" = None
    soft: bool = False
    tight: bool = False

    @property
    def kind(self) -> str:
        """What its name begins with: the kind of its rule, or ``row`` for bookkeeping."""
        return "row" if self.rule is None else self.rule.kind

    @property
    def direction(self) -> int:
        """+1 where more of the terms is better for the row, else -1."""
        return 1 if self.sense is Sense.AT_LEAST else -1

    @property
    def is_whole(self) -> bool:
        """Whether all numbers are whole and so small that the tolerance cannot matter: such a row is exact as it is."""
        return (
            abs(self.bound) < _WHOLE
            and self.bound == int(self.bound)
            and all(coefficient.is_integer() for coefficient in self.terms.coefficients)
        )

    def rows(self) -> Iterator["Row"]:
        """Itself: a row is the simplest demand."""
        yield self

    def cut(self, bits: Bits) -> "Row | None":
        """None where `bits` keeps the row, else a valid row that forbids `bits` and everything that is no better.

        Take the literals whose flip would help (off with a helpful coefficient, on with a harmful one). Flip those that
        do not suffice together, least helpful first: of the remaining ones at least one must flip. That is the minimal
        cover inequality (Balas 1975; Wolsey 1975), for rows with coefficients of either sign.
        """
        amount = self.terms.value(bits)
        if self.soft or self.suffices(amount):
            return None
        size = dict(zip(self.terms.columns, self.terms.coefficients, strict=True))
        helpful = sorted((abs(size[column]), column) for column in self.helpful(bits))
        flipped: list[float] = [amount]
        kept: list[int] = []
        for gain, column in helpful:
            if not kept and not self.suffices(exact.total([*flipped, self.direction * gain])):
                flipped.append(self.direction * gain)
            else:
                kept.append(column)
        return flip_one_of(kept, bits, self.rule)

    @property
    def is_out_of_reach(self) -> bool:
        """Whether not even the best value of each column alone keeps the row."""
        best = exact.total(c for c in self.terms.coefficients if c * self.direction > 0)
        return not self.soft and not self.suffices(best)

    def helpful(self, bits: Bits) -> Iterator[int]:
        """The columns whose flip brings the row closer to being kept."""
        for column, coefficient in zip(self.terms.columns, self.terms.coefficients, strict=True):
            if coefficient and (coefficient * self.direction > 0) != bool(bits[column]):
                yield column

    def suffices(self, amount: float) -> bool:
        """Whether a value of the terms keeps the row."""
        if self.sense is Sense.AT_LEAST:
            return exact.reaches(amount, self.bound)
        return exact.stays_within(amount, self.bound)


class RowSource(Protocol):
    """What rows stand for: a business rule, as far as rows need to know it."""

    kind: ClassVar[str]

    def rows(self, candidates: "Candidates") -> Iterable[Row]:
        """The linear rows that stand for it."""

    def wording(self) -> str:
        """It in words, with the cell where it is written down."""


class Demand(Protocol):
    """Something that answers must keep exactly: a row, or several rows with an exact meaning of their own."""

    def rows(self) -> Iterable[Row]:
        """The rows that stand for it in the solver's model."""

    def cut(self, bits: Bits) -> Row | None:
        """None where `bits` keeps the demand, else a valid row that forbids `bits`."""


def flip_one_of(columns: Iterable[int], bits: Bits, rule: "RowSource | None" = None) -> Row:
    """``sum over columns off of z + sum over columns on of (1 - z) >= 1``: at least one of them differs from `bits`."""
    ordered = tuple(columns)
    signs = tuple(-1.0 if bits[column] else 1.0 for column in ordered)
    return Row(Terms(ordered, signs), Sense.AT_LEAST, 1.0 - sum(1 for sign in signs if sign < 0), rule)


@dataclass(frozen=True)
class Candidates:
    """The columns of one scenario: what may be selected, and which synergies can be earned."""

    plan: Plan
    scenario: Scenario

    @cached_property
    def initiatives(self) -> tuple[Initiative, ...]:
        """The candidates, sorted by key; their position is their column."""
        return tuple(sorted(self.plan.candidates(self.scenario), key=lambda initiative: initiative.key))

    @cached_property
    def column(self) -> dict[str, int]:
        """Column of each candidate's x, by key."""
        return {initiative.key: column for column, initiative in enumerate(self.initiatives)}

    @cached_property
    def synergies(self) -> tuple[Synergy, ...]:
        """Synergies whose members are all candidates, in an order that does not depend on the sheet's."""
        earnable = (s for s in self.scenario.synergies if s.members and all(key in self.column for key in s.members))
        return tuple(sorted(earnable, key=lambda s: (sorted(set(s.members)), s.kpi, s.value, s.label)))

    @cached_property
    def members(self) -> tuple[tuple[int, ...], ...]:
        """Columns of the members of each synergy."""
        return tuple(tuple(sorted({self.column[key] for key in s.members})) for s in self.synergies)

    @property
    def width(self) -> int:
        """Number of binary columns, x and y."""
        return len(self.initiatives) + len(self.synergies)

    def bits(self, values: Sequence[float]) -> list[int]:
        """The selection that a solver's values of x mean; y follows from x, whatever the solver said."""
        bits = [int(value > 0.5) for value in values[: len(self.initiatives)]]
        bits.extend(int(all(bits[column] for column in members)) for members in self.members)
        return bits

    def bits_of(self, keys: Collection[str]) -> tuple[int, ...]:
        """The selection of some keys; those that are no candidates are left out."""
        chosen = frozenset(keys)
        return tuple(self.bits([float(initiative.key in chosen) for initiative in self.initiatives]))

    def keys(self, bits: Bits) -> frozenset[str]:
        """The selected keys."""
        return frozenset(initiative.key for initiative, bit in zip(self.initiatives, bits, strict=False) if bit)

    def terms(
        self, of_initiative: Callable[[Initiative], float], of_synergy: Callable[[Synergy], float] | None = None
    ) -> Terms:
        """The expression with these coefficients; zeros left out."""
        pairs = [(column, of_initiative(initiative)) for column, initiative in enumerate(self.initiatives)]
        if of_synergy:
            pairs += enumerate(map(of_synergy, self.synergies), start=len(self.initiatives))
        pairs = [pair for pair in pairs if pair[1]]
        return Terms(tuple(column for column, _ in pairs), tuple(value for _, value in pairs))

    def kpi_terms(self, kpi: str, part: Slice | None = None, sign: int = 1) -> Terms:
        """``sign *`` the total of a KPI in a slice (None: the whole portfolio), synergies included."""
        return self.terms(
            lambda initiative: sign * initiative.contributions.get(kpi, 0.0) if is_in(initiative, part) else 0.0,
            lambda synergy: sign * synergy.value if counts_in(self.plan, synergy, kpi, part) else 0.0,
        )

    @cached_property
    def _rows(self) -> "dict[RowSource, tuple[Row, ...]]":
        return {}

    def rows_of(self, rule: "RowSource") -> tuple[Row, ...]:
        """The rows of a rule, made once: a conflict asks for the same rules again and again."""
        if rule not in self._rows:
            self._rows[rule] = tuple(rule.rows(self))
        return self._rows[rule]

    def links(self) -> Iterator[Row]:
        """(13) y_j <= x_i for each member i; (14) y_j >= sum of x_i over members - (members - 1)."""
        for column, members in enumerate(self.members, start=len(self.initiatives)):
            for member in members:
                yield Row(Terms((member, column), (1.0, -1.0)), Sense.AT_LEAST, 0.0)
            yield Row(Terms((*members, column), (1.0,) * len(members) + (-1.0,)), Sense.AT_MOST, len(members) - 1.0)


def is_in(initiative: Initiative, part: Slice | None) -> bool:
    """Whether an initiative belongs to a slice; everything belongs to the whole portfolio (None)."""
    return part is None or initiative.dimensions.get(part.dimension) == part.key


def counts_in(plan: Plan, synergy: Synergy, kpi: str, part: Slice | None) -> bool:
    """Whether a synergy adds to a KPI's total in a slice: only if every member belongs to the slice."""
    return synergy.kpi == kpi and all(is_in(plan.initiative(key), part) for key in synergy.members)
