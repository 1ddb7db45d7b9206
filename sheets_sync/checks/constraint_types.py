"""The types of constraints: which columns each needs and may have, and which rules a row of it becomes.

A type has one entry in `CONSTRAINT_TYPES` here and its name among the choices of `constraint_type` in `config.tabs`; a
test holds the two together. Reading, checks of the row and messages follow from the entry.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from optimizer.plan import TOKENS, RuleSpec, Slice, rule_specs, spoken_resource
from optimizer.wording import listing
from sheets_sync.checks.drafts import Place
from sheets_sync.checks.row_scope import Scope, part_in_words


@dataclass(frozen=True, slots=True)
class ConstraintRow:
    """A sound row of the tab; `place` is the cell of its main column, `numbers` has the cells that it fills in."""

    scope: Scope
    place: Place
    numbers: Mapping[str, tuple[float, Place]]
    members: tuple[str, ...]
    kpi: str | None
    notes: str
    resource: str = TOKENS
    of_capacity: bool = False
    done: frozenset[str] = frozenset()
    """Initiatives that are finished, so that nothing needs to wait for them."""

    @property
    def source(self) -> str:
        """The cell that stands for the row in explanations."""
        return str(self.place)

    @property
    def part(self) -> Slice:
        """The slice that it names; only for types that need one."""
        if self.scope.slice is None:
            raise ValueError(f"{self.place} names no slice, yet its type needs one")
        return self.scope.slice

    def number(self, column: str) -> float | None:
        """The number in a column; None where it is blank."""
        return self.numbers[column][0] if column in self.numbers else None


@dataclass(frozen=True, slots=True)
class End:
    """One end of a bound on what a slice gets of a resource, or (`resource` None) on a number of initiatives.

    These are those of the slice, or the `members` where there are any.
    """

    part: Slice | None
    value: float
    place: Place
    resource: str | None
    is_floor: bool
    members: frozenset[str] = frozenset()

    @property
    def measured(self) -> tuple[object, ...]:
        """What is bounded: the ends of equal amounts bound each other."""
        return self.resource, self.part, self.members

    @property
    def what(self) -> str:
        """``department Growth``, or ``A, B and C``."""
        return listing(sorted(self.members)) if self.members else part_in_words(self.part)


@dataclass(frozen=True, slots=True)
class Once:
    """Something that a scenario may be given only once, the cell that gives it, and its name in messages."""

    thing: object
    place: Place
    what: str


def _nothing_once(_row: ConstraintRow) -> Iterable[Once]:
    return ()


def _no_ends(_row: ConstraintRow) -> Iterable[End]:
    return ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ConstraintType:
    """One type of constraint.

    Attributes:
        name: the text in `constraint_type`.
        means: what a row of it says, in a few words for docs/workbook.md.
        rules: the rules that a sound row becomes, for each of its scenarios.
        needs: the columns that a row must fill; the first is its main column unless `main_column` is given.
        may_have: the columns that it may fill besides. All others must be blank.
        members: how many initiatives it must name at least.
        main_column: the column whose cell stands for the row in explanations.
        whole_numbers: columns that hold whole numbers of 0 or more.
        shares: columns that hold a percentage.
        either: columns of which a row fills one at most.
        wants_reason: whether the notes must say why.
        of_candidates: whether it is for the scenarios only in which the initiative is a candidate.
        ends: the floors and caps that it sets, to be compared with those of other rows.
        once: what no other row may give its scenarios again, besides its ends.
    """

    name: str
    means: str
    rules: Callable[[ConstraintRow], Iterable[RuleSpec]]
    needs: tuple[str, ...]
    may_have: tuple[str, ...] = ()
    members: int = 0
    main_column: str | None = None
    whole_numbers: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    wants_reason: bool = False
    of_candidates: bool = False
    ends: Callable[[ConstraintRow], Iterable[End]] = _no_ends
    once: Callable[[ConstraintRow], Iterable[Once]] = _nothing_once

    @property
    def main(self) -> str:
        """The main column."""
        return self.main_column or self.needs[0]

    def given_once(self, row: ConstraintRow) -> Iterator[Once]:
        """All that no other row may give the scenarios of this one again: its ends, and what the type says."""
        for end in self.ends(row):
            side = "floor" if end.is_floor else "cap"
            of_what = "the number of initiatives" if end.resource is None else spoken_resource(end.resource)
            yield Once((side, *end.measured), end.place, f"A {side} on {of_what} for {end.what}")
        yield from self.once(row)


def _token_bound(row: ConstraintRow) -> Iterator[RuleSpec]:
    low, high = row.number("min_tokens"), row.number("max_tokens")
    yield rule_specs.TokenBound(
        slice=row.part, min_tokens=low, max_tokens=high, resource=row.resource, source=row.source
    )


def _token_ends(row: ConstraintRow) -> Iterator[End]:
    for column, is_floor in (("min_tokens", True), ("max_tokens", False)):
        if column in row.numbers:
            yield End(row.scope.slice, *row.numbers[column], resource=row.resource, is_floor=is_floor)


def _count_cap(row: ConstraintRow) -> Iterator[RuleSpec]:
    most = int(row.numbers["value"][0])
    yield rule_specs.CountBound(slice=row.scope.slice, members=row.members, max_count=most, source=row.source)


def _count_cap_end(row: ConstraintRow) -> Iterator[End]:
    members = frozenset(row.members)
    yield End(row.scope.slice, *row.numbers["value"], resource=None, is_floor=False, members=members)


def _count_floor(row: ConstraintRow) -> Iterator[RuleSpec]:
    least = int(row.numbers["value"][0])
    yield rule_specs.CountBound(slice=row.scope.slice, members=row.members, min_count=least, source=row.source)


def _count_floor_end(row: ConstraintRow) -> Iterator[End]:
    members = frozenset(row.members)
    yield End(row.scope.slice, *row.numbers["value"], resource=None, is_floor=True, members=members)


def _share_floor(row: ConstraintRow) -> Iterator[RuleSpec]:
    yield _share(row, min_share=row.numbers["value"][0])


def _share_cap(row: ConstraintRow) -> Iterator[RuleSpec]:
    yield _share(row, max_share=row.numbers["value"][0])


def _share(row: ConstraintRow, **share: float) -> RuleSpec:
    return rule_specs.ShareBound(
        slice=row.part, resource=row.resource, of_capacity=row.of_capacity, source=row.source, **share
    )


def _share_floor_once(row: ConstraintRow) -> Iterator[Once]:
    return _share_once("smallest", row)


def _share_cap_once(row: ConstraintRow) -> Iterator[Once]:
    return _share_once("largest", row)


def _share_once(side: str, row: ConstraintRow) -> Iterator[Once]:
    thing = (side, row.part, row.resource, row.of_capacity)
    whole = "capacity" if row.of_capacity else "spend"
    yield Once(thing, row.place, f"A {side} share of {spoken_resource(row.resource)} ({whole}) for {row.part}")


def _mandates(row: ConstraintRow) -> Iterator[RuleSpec]:
    for key in row.members:
        yield rule_specs.Mandate(initiative=key, reason=row.notes, source=row.source)


def _bans(row: ConstraintRow) -> Iterator[RuleSpec]:
    for key in row.members:
        yield rule_specs.Ban(initiative=key, source=row.source)


def _incompatibility(row: ConstraintRow) -> Iterator[RuleSpec]:
    yield rule_specs.Incompatibility(members=row.members, label=row.notes, source=row.source)


def _bundle(row: ConstraintRow) -> Iterator[RuleSpec]:
    yield rule_specs.Bundle(label=row.notes or f"of row {row.place.row}", members=row.members, source=row.source)


def _prerequisite(row: ConstraintRow) -> Iterator[RuleSpec]:
    first, *others = row.members
    open_ones = tuple(key for key in others if key not in row.done)
    if open_ones:
        lag = int(row.numbers["lag_periods"][0]) if "lag_periods" in row.numbers else 0
        yield rule_specs.Prerequisite(initiative=first, requires=open_ones, lag=lag, source=row.source)


def _any_prerequisite(row: ConstraintRow) -> Iterator[RuleSpec]:
    first, *others = row.members
    if row.done.isdisjoint(others):
        yield rule_specs.AnyPrerequisite(initiative=first, any_of=tuple(others), source=row.source)


def _synergy(row: ConstraintRow) -> Iterator[RuleSpec]:
    if row.kpi is not None:
        value = row.numbers["value"][0]
        yield rule_specs.Synergy(members=row.members, kpi=row.kpi, value=value, label=row.notes, source=row.source)


def _synergy_once(row: ConstraintRow) -> Iterator[Once]:
    if row.kpi is not None:
        what = f'A synergy of these initiatives for "{row.kpi}"'
        yield Once((frozenset(row.members), row.kpi), row.place, what)


_SLICE = ("dimension", "dimension_key")

CONSTRAINT_TYPES: Mapping[str, ConstraintType] = {
    each.name: each
    for each in (
        ConstraintType(
            name="capacity_cap",
            means="the slice gets at most so many tokens, or so much of another resource",
            rules=_token_bound,
            needs=(*_SLICE, "max_tokens"),
            may_have=("min_tokens", "resource"),
            main_column="max_tokens",
            ends=_token_ends,
        ),
        ConstraintType(
            name="capacity_floor",
            means="the slice gets at least so many tokens, or so much of another resource",
            rules=_token_bound,
            needs=(*_SLICE, "min_tokens"),
            may_have=("max_tokens", "resource"),
            main_column="min_tokens",
            ends=_token_ends,
        ),
        ConstraintType(
            name="count_cap",
            means="at most so many initiatives, in the slice, of these, or in all",
            rules=_count_cap,
            needs=("value",),
            may_have=(*_SLICE, "member_keys"),
            either=("dimension", "member_keys"),
            whole_numbers=("value",),
            ends=_count_cap_end,
        ),
        ConstraintType(
            name="count_floor",
            means="at least so many initiatives, in the slice, of these, or in all; with a count_cap too: exactly",
            rules=_count_floor,
            needs=("value",),
            may_have=(*_SLICE, "member_keys"),
            either=("dimension", "member_keys"),
            whole_numbers=("value",),
            ends=_count_floor_end,
        ),
        ConstraintType(
            name="share_cap",
            means="the slice gets at most this percentage of what the portfolio spends, or of the capacity",
            rules=_share_cap,
            needs=(*_SLICE, "value"),
            may_have=("resource", "of"),
            main_column="value",
            shares=("value",),
            once=_share_cap_once,
        ),
        ConstraintType(
            name="share_floor",
            means="the slice gets at least this percentage of what the portfolio spends, or of the capacity",
            rules=_share_floor,
            needs=(*_SLICE, "value"),
            may_have=("resource", "of"),
            main_column="value",
            shares=("value",),
            once=_share_floor_once,
        ),
        ConstraintType(
            name="mandatory",
            means="all of these must be selected; a row without a scenario binds those in which they are candidates",
            rules=_mandates,
            needs=("member_keys",),
            members=1,
            wants_reason=True,
            of_candidates=True,
        ),
        ConstraintType(
            name="exclude_initiative",
            means="none of these may be selected",
            rules=_bans,
            needs=("member_keys",),
            members=1,
        ),
        ConstraintType(
            name="exclude_pair", means="at most one of these", rules=_incompatibility, needs=("member_keys",), members=2
        ),
        ConstraintType(name="bundle", means="all of these or none", rules=_bundle, needs=("member_keys",), members=2),
        ConstraintType(
            name="prerequisite",
            means="the first one only with all the others",
            rules=_prerequisite,
            needs=("member_keys",),
            may_have=("lag_periods",),
            whole_numbers=("lag_periods",),
            members=2,
        ),
        ConstraintType(
            name="prerequisite_any",
            means="the first one only with at least one of the others",
            rules=_any_prerequisite,
            needs=("member_keys",),
            members=2,
        ),
        ConstraintType(
            name="synergy_bonus",
            means="all of these together move the KPI by so much more",
            rules=_synergy,
            needs=("member_keys", "kpi_key", "value"),
            members=2,
            once=_synergy_once,
        ),
    )
}
"""Every type by its name, in the order in which the sheet offers them."""
