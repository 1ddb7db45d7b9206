"""Solver-neutral linear rows over the columns of one scenario, and the cuts that keep answers exact.

Columns: x of the candidates, sorted by key, come first (so that the order of the sheet never matters), then y of the
synergies that can be earned, then u, one continuous shortfall per goal. Over several periods a candidate has one x for
each period in which it can start (z in `optimizer.rules`), and work that may be stopped one more for being stopped; a
synergy has one y for each period by whose end it can be earned.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from itertools import compress
from math import fsum
from typing import ClassVar, Protocol

from optimizer import exact
from optimizer.model.options import Option, SynergyColumn
from optimizer.plan import TOKENS, Accrual, Initiative, Plan, Scenario, Selection, Slice, Synergy

_WHOLE = 1e8
"""Below a bound of 1e9 the relative tolerance of 1e-9 is less than 1."""
_COEFFICIENT_ROUNDING = 1e-14

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
        return exact.total(self.addends(bits))

    def addends(self, bits: Bits) -> Iterator[float]:
        """The numbers whose sum is the value on a selection."""
        return compress(self.coefficients, map(bits.__getitem__, self.columns))

    def as_written(self, bits: Bits) -> Fraction:
        """The value on a selection without any rounding, of the numbers that people see."""
        return exact.total_as_written(self.addends(bits))

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
        if self.soft or self.is_kept_by(bits):
            return None
        amount = self.terms.value(bits)
        size = dict(zip(self.terms.columns, self.terms.coefficients, strict=True))
        helpful = sorted((abs(size[column]), column) for column in self.helpful(bits))
        flipped: list[float] = [amount]
        kept: list[int] = []
        # What rounding could decide counts as enough: a cut may be weaker, but not forbid what keeps the row.
        short = exact.tolerance(self.bound) + exact.EDGE * fsum(map(abs, self.terms.coefficients))
        for gain, column in helpful:
            if not kept and self.direction * (self.bound - exact.total([*flipped, self.direction * gain])) > short:
                flipped.append(self.direction * gain)
            else:
                kept.append(column)
        return flip_one_of(kept, bits, self.rule)

    def is_kept_by(self, bits: Bits) -> bool:
        """Whether a selection keeps the row."""
        return self._is_enough(self.terms.addends(bits))

    @property
    def is_out_of_reach(self) -> bool:
        """Whether not even the best value of each column alone keeps the row."""
        return not self.soft and not self._is_enough(c for c in self.terms.coefficients if c * self.direction > 0)

    def _is_enough(self, addends: Iterable[float]) -> bool:
        if self.sense is Sense.AT_LEAST:
            return exact.sum_reaches(addends, self.bound)
        return exact.sum_stays_within(addends, self.bound)

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


@dataclass(frozen=True, eq=False, slots=True)
class JudgedRow(Row):
    """A row with rounded coefficients: where their rounding could decide, `judge` says whether a selection keeps it."""

    judge: Callable[[Bits], bool] = field(kw_only=True)

    def is_kept_by(self, bits: Bits) -> bool:
        """Whether a selection keeps the row."""
        addends = list(self.terms.addends(bits))
        over = self.direction * (fsum(addends) - self.bound)
        if abs(over) > _COEFFICIENT_ROUNDING * (fsum(map(abs, addends)) + abs(self.bound)):
            return over > 0.0
        return self.judge(bits)


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
    def horizon(self) -> tuple[str, ...]:
        """The periods of the plan; empty in a plan of one period."""
        return self.plan.horizon(self.scenario)

    @property
    def last(self) -> int:
        """The last period of the horizon."""
        return max(0, len(self.horizon) - 1)

    @cached_property
    def initiatives(self) -> tuple[Initiative, ...]:
        """The candidates, sorted by key."""
        return tuple(sorted(self.plan.candidates(self.scenario), key=lambda initiative: initiative.key))

    @cached_property
    def options(self) -> tuple[Option, ...]:
        """The x columns: by key, then by start, being stopped last."""
        options = []
        for initiative in self.initiatives:
            options += [Option(initiative, start) for start in self.plan.starts(self.scenario, initiative)]
            if self.horizon and initiative.is_in_progress and initiative.may_stop:
                options.append(Option(initiative, None))
        return tuple(options)

    @cached_property
    def columns(self) -> dict[str, tuple[int, ...]]:
        """Columns of each candidate's starts, by key; empty for one that cannot be finished within the horizon."""
        columns: dict[str, list[int]] = {initiative.key: [] for initiative in self.initiatives}
        for column, option in enumerate(self.options):
            if option.start is not None:
                columns[option.key].append(column)
        return {key: tuple(own) for key, own in columns.items()}

    @cached_property
    def synergies(self) -> tuple[SynergyColumn, ...]:
        """The y columns: synergies whose members are all candidates, in an order that is not the sheet's."""
        earnable = [s for s in self.scenario.synergies if s.members and all(key in self.columns for key in s.members)]
        earnable.sort(key=lambda s: (sorted(set(s.members)), s.kpi, s.value, s.label))
        return tuple(SynergyColumn(synergy, by) for synergy in earnable for by in self._earned_by(synergy))

    def _earned_by(self, synergy: Synergy) -> list[int]:
        """The periods by whose end it matters whether a synergy is earned."""
        ends = {self.end_of(target.period) for target in self.scenario.targets if target.kpi == synergy.kpi}
        ends.add(self.last)
        if self.horizon and self.plan.kpi(synergy.kpi).accrues is Accrual.EACH_PERIOD:
            return list(range(max(ends)))
        return sorted(ends)

    @cached_property
    def members(self) -> tuple[tuple[tuple[int, ...], ...], ...]:
        """For each y column, and each member of its synergy, the columns with which that one is finished in time."""
        return tuple(
            tuple(
                tuple(column for column in self.columns[key] if self.options[column].finish <= earned.by)
                for key in sorted(set(earned.synergy.members))
            )
            for earned in self.synergies
        )

    @property
    def width(self) -> int:
        """Number of binary columns, x and y."""
        return len(self.options) + len(self.synergies)

    def end_of(self, period: str | None) -> int:
        """The number in the horizon of a period of the plan; of its last one where none is given."""
        return self.last if period is None else self.horizon.index(period)

    def bits(self, values: Sequence[float]) -> list[int]:
        """The selection that a solver's values of x mean; y follows from x, whatever the solver said."""
        bits = [int(value > 0.5) for value in values[: len(self.options)]]
        bits.extend(int(all(any(bits[c] for c in group) for group in members)) for members in self.members)
        return bits

    def bits_of(self, keys: Collection[str]) -> tuple[int, ...]:
        """The selection of some keys, each at its first possible start where `keys` does not say when.

        Those that are no candidates, or cannot start when they should, are left out.
        """
        starts = keys.starts if isinstance(keys, Selection) and self.horizon else None
        chosen = frozenset(keys)
        values = [0.0] * len(self.options)
        for key, columns in self.columns.items():
            for column in columns if key in chosen else ():
                if starts is None or self.options[column].start == starts[key]:
                    values[column] = 1.0
                    break
        for column, option in enumerate(self.options):
            if option.start is None:
                values[column] = float(option.key not in chosen)
        return tuple(self.bits(values))

    def keys(self, bits: Bits) -> Selection:
        """The selected keys and their starts."""
        if not self.horizon:
            return Selection(compress([initiative.key for initiative in self.initiatives], bits))
        pairs = zip(self.options, bits, strict=False)
        return Selection({o.key: o.start for o, bit in pairs if bit and o.start is not None})

    def terms(
        self, of_initiative: Callable[[Initiative], float], of_synergy: Callable[[SynergyColumn], float] | None = None
    ) -> Terms:
        """The expression with these coefficients, whenever an initiative starts; zeros left out."""
        return self.terms_at(lambda o: 0.0 if o.start is None else of_initiative(o.initiative), of_synergy)

    def terms_at(
        self, of_option: Callable[[Option], float], of_synergy: Callable[[SynergyColumn], float] | None = None
    ) -> Terms:
        """The expression with these coefficients; zeros left out."""
        pairs = [(column, of_option(option)) for column, option in enumerate(self.options)]
        if of_synergy:
            pairs += enumerate(map(of_synergy, self.synergies), start=len(self.options))
        pairs = [pair for pair in pairs if pair[1]]
        return Terms(tuple(column for column, _ in pairs), tuple(value for _, value in pairs))

    def cost_terms(self, resource: str = TOKENS, part: Slice | None = None, period: int | None = None) -> Terms:
        """What is spent of a resource in a slice (None: all), in one period or (None) in all of them."""
        return self.terms_at(lambda o: o.cost(resource, period) if is_in(o.initiative, part) else 0.0)

    def kpi_terms(self, kpi: str, part: Slice | None = None, sign: int = 1, period: str | None = None) -> Terms:
        """``sign *`` the total of a KPI in a slice (None: the whole portfolio), synergies included.

        By the end of a period; None is the end of the plan.
        """
        by = self.end_of(period)
        return self.terms_at(
            lambda o: sign * self.moved(o, kpi, by) if is_in(o.initiative, part) else 0.0,
            lambda s: sign * self.earned(s, by) if counts_in(self.plan, s.synergy, kpi, part) else 0.0,
        )

    def moved(self, option: Option, kpi: str, by: int | None = None) -> float:
        """How far a choice moves a KPI by the end of a period (None: of the plan), in the KPI's native unit."""
        contribution = option.initiative.contributions.get(kpi, 0.0)
        if option.start is None or not contribution:
            return 0.0
        if not self.horizon:
            return contribution
        return contribution * self.plan.kpi(kpi).times_counted(option.finish, self.last if by is None else by)

    def earned(self, column: SynergyColumn, by: int | None = None) -> float:
        """What a y column adds to its KPI by the end of a period (None: of the plan), in the KPI's native unit."""
        end = self.last if by is None else by
        accrues = self.plan.kpi(column.synergy.kpi).accrues
        counts = column.by < end if self.horizon and accrues is Accrual.EACH_PERIOD else column.by == end
        return column.synergy.value if counts else 0.0

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
        for column, members in enumerate(self.members, start=len(self.options)):
            for group in members:
                yield Row(difference(group, (column,)), Sense.AT_LEAST, 0.0)
            finished = tuple(c for group in members for c in group)
            yield Row(difference(finished, (column,)), Sense.AT_MOST, len(members) - 1.0)

    @cached_property
    def start_rows(self) -> tuple[Row, ...]:
        """(31) at most one start for each initiative; what is in progress either goes on or is stopped."""
        rows = []
        groups: dict[str, list[int]] = {}
        for column, option in enumerate(self.options):
            groups.setdefault(option.key, []).append(column)
        for columns in groups.values():
            terms = Terms(tuple(columns), (1.0,) * len(columns))
            if len(columns) > 1:
                rows.append(Row(terms, Sense.AT_MOST, 1.0))
            if any(self.options[column].start is None for column in columns):
                rows.append(Row(terms, Sense.AT_LEAST, 1.0))
        return tuple(rows)


def difference(columns: Sequence[int], others: Sequence[int]) -> Terms:
    """The sum over some columns less the sum over others."""
    return Terms((*columns, *others), (1.0,) * len(columns) + (-1.0,) * len(others))


def is_in(initiative: Initiative, part: Slice | None) -> bool:
    """Whether an initiative belongs to a slice; everything belongs to the whole portfolio (None)."""
    return part is None or initiative.dimensions.get(part.dimension) == part.key


def counts_in(plan: Plan, synergy: Synergy, kpi: str, part: Slice | None) -> bool:
    """Whether a synergy adds to a KPI's total in a slice: only if every member belongs to the slice."""
    return synergy.kpi == kpi and all(is_in(plan.initiative(key), part) for key in synergy.members)
