"""The answer to one scenario: what was proven, the selection, and everything that follows from it.

Why a solver stopped, which limit it met, what is proven and the values are four different things and stay apart
(`Stage`). Every figure about a selection comes from `optimizer.evaluate`, never from the solver.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import PlainSerializer

from optimizer.plan import TOKENS, Selection, Slice, Synergy, Target
from optimizer.wording import listing

SolverName = Literal["highs", "cbc"]
PROVEN = 1e-6
"""Relative gap within which a value counts as proven best."""
IDEAL = "ideal "
"""The name of an ideal's stage begins with this, and goes on with the KPI."""


class Status(StrEnum):
    """What is known about a scenario after solving it."""

    OPTIMAL = "optimal"
    """Proven best within a relative gap of 1e-6."""
    FEASIBLE = "feasible"
    """A portfolio that keeps every rule; the time limit ended the proof, and `gap` says how far from it."""
    TARGETS_MISSED = "targets_missed"
    """Lexicographic: proven best, but not every goal can be met."""
    INFEASIBLE = "infeasible"
    """Proven: no portfolio keeps every rule."""
    NO_SOLUTION = "no_solution"
    """The time limit came before any portfolio was found; nothing is proven."""

    @property
    def has_portfolio(self) -> bool:
        """Whether there is a selection to show."""
        return self in (Status.OPTIMAL, Status.FEASIBLE, Status.TARGETS_MISSED)


class StopReason(StrEnum):
    """Why a solver call ended."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    TIME_LIMIT = "time_limit"
    EFFORT = "effort"
    """So much work was done, which is the same on every machine."""
    ERROR = "error"

    @property
    def is_limit(self) -> bool:
        """Whether it ended before it was through, by the clock or by the work done."""
        return self in (StopReason.TIME_LIMIT, StopReason.EFFORT)


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a scenario's solution, such as "shortfall of retention_30d" or "objective" or "fewest tokens".

    `value` and `bound` are in the stage's own unit (`unit`); `gap` is relative; None where there is nothing to say.
    `tolerance` is how much of `value` later stages may give up, in the same unit; None where nothing is held, as with
    an ideal, which other amounts are only divided by. `breaks_ties` tells steps that only choose among portfolios that
    are equally good.
    """

    name: str
    unit: str
    reason: StopReason
    value: float | None
    bound: float | None
    gap: float | None
    tolerance: float | None
    seconds: float
    breaks_ties: bool = False


@dataclass(frozen=True, slots=True)
class TargetOutcome:
    """How one target fared: native units; `shortfall` is >= 0 and 0 where the target is met."""

    target: Target
    achieved: float
    shortfall: float
    met: bool


@dataclass(frozen=True, slots=True)
class ResourceUse:
    """Use of one resource against what may be spent of it (None: not limited), beside what is kept free."""

    resource: str
    used: float
    available: float | None
    reserved: float = 0.0


@dataclass(frozen=True, slots=True)
class SliceUse:
    """Use of one slice (None: the whole portfolio) against its bounds.

    `resource` is what the selected initiatives of the slice use; None where the initiatives themselves are counted,
    all of them or (`members`) those named. A bound may be a `share` of what the whole portfolio spends, or of the
    capacity (`of_capacity`): it is then the amount that the share comes to. Where there is `changes_from`, what comes
    in or goes out against these is counted, which a plan called `since` selected.
    """

    slice: Slice | None
    resource: str | None
    used: float
    minimum: float | None = None
    maximum: float | None = None
    members: tuple[str, ...] = ()
    share: float | None = None
    of_capacity: bool = False
    changes_from: Annotated[frozenset[str], PlainSerializer(sorted)] | None = None
    since: str = ""
    period: str | None = None
    """The period in which it is used; None is the whole plan."""
    counts_moves: bool = False
    """Whether what starts in another period counts as a change too."""

    @property
    def of_what(self) -> str:
        """``engineering_tokens``, or ``initiatives`` where they are counted."""
        if self.changes_from is not None:
            changed = "in, out or moved" if self.counts_moves else "in or out"
            return f"initiatives {changed} against {self.since}"
        return self.resource or "initiatives"

    @property
    def where(self) -> str:
        """``market UK``, ``A, B and C``, or ``all``."""
        if self.members:
            return listing(self.members, most=3)
        return "all" if self.slice is None else str(self.slice)


@dataclass(frozen=True, slots=True)
class SynergyOutcome:
    """Whether all members of a synergy were selected, so that its value counts."""

    synergy: Synergy
    earned: bool


@dataclass(frozen=True, slots=True)
class SolverInfo:
    """Which solver gave the answer, and how long all its stages took together."""

    name: str
    version: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a scenario that a person should know, found while solving it; `code` is stable, `kpi` may be
    None.

    `figures` are the numbers that the words of the message need, by name.
    """

    code: str
    kpi: str | None = None
    figures: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MissedGoal:
    """What it would take to meet a goal that a lexicographic scenario misses.

    Attributes:
        target: the goal.
        most: the best total (native unit) that any portfolio within the rules reaches, other goals aside; None where
            not proven in time.
        capacity_needed: an engineering_tokens capacity above today's at which the scenario meets the goal, the goals of
            the same or a higher priority considered; None where they or the rules forbid it, or time ended first.
        no_capacity_suffices: proven that the other rules forbid the goal at any capacity.
        sentence: the same in words.
    """

    target: Target
    most: float | None
    capacity_needed: float | None
    no_capacity_suffices: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class RuleInWords:
    """A rule as people read it; `kind` is the stable name of its class, `source` the cell where it stands."""

    kind: str
    wording: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One change to a rule: a bound from one number to another, or (both None) a rule to do without."""

    rule: RuleInWords
    from_value: float | None
    to_value: float | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Changes that together make the scenario possible; `least` is False where time ended before that was proven."""

    changes: tuple[Change, ...]
    least: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rules that cannot hold together.

    Attributes:
        rules: the rules in conflict, in the order of `optimizer.rules.RULES`.
        further: other rules that cannot hold together either, where no single change ends all conflicts.
        minimal: whether it is proven that this conflict ends when any one of them goes; False where time ended the
            search.
        relaxations: ways out, each proven by solving; empty where time ended before one was found.
        sentence: the conflict in one sentence.
    """

    rules: tuple[RuleInWords, ...]
    minimal: bool
    relaxations: tuple[Relaxation, ...]
    sentence: str
    further: tuple[tuple[RuleInWords, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """The contribution to a KPI at which a decision turns, all other numbers as they are; native unit of the KPI.

    At `turns_at` the decision is the other one for certain, at `holds_until`, one step of the column nearer to `now`,
    it need not be.
    """

    kpi: str
    now: float
    turns_at: float
    holds_until: float


@dataclass(frozen=True, slots=True)
class Price:
    """What the opposite decision about one initiative comes to: the best portfolio with it.

    Attributes:
        is_proven: False where that took more work than there was for it; then nothing else is known.
        is_possible: whether any portfolio keeps the rules then.
        objective_change: its objective minus the answer's, as people see the objective; None without a portfolio, and
            where goals that come first give way for it: then those are the price, and the rest is not asked.
        came_in, went_out: what else changes, in the order of the plan.
        targets_worse: targets whose shortfall grows: as they are in the answer, and as they would be.
        edge: where the decision turns; None where no contribution to the KPI turns it, or not that alone.
    """

    is_proven: bool
    is_possible: bool = False
    objective_change: float | None = None
    came_in: tuple[str, ...] = ()
    went_out: tuple[str, ...] = ()
    targets_worse: tuple[tuple[TargetOutcome, TargetOutcome], ...] = ()
    edge: Edge | None = None


@dataclass(frozen=True)
class Portfolio:
    """The answer to one scenario.

    `horizon` has the periods of a plan over several, and `starts` the one in which each selected initiative starts;
    both are empty in a plan of one period.

    Without a selection (`status.has_portfolio` false) `selected` is empty, totals and uses are empty, `objective` is
    None.

    Attributes:
        selected: keys in the order of the plan.
        objective: in weighted mode the normalized weighted sum; in north star mode the (native) total of the north star
            in its own sign; in lexicographic mode the secondary objective. Synergies count.
        bound: no portfolio can be better than this, as far as the solver proved; same unit as `objective`.
        gap: ``|bound - objective| / max(|objective|, tiny)``.
        kpi_totals: every active KPI, native units, synergies included.
        factors: s[k] of the weighted KPIs (1 for ``none``); empty where weights play no part.
        scores: score[i] of every candidate, in the objective's unit, better is larger.
        ties_broken: False where not every portfolio that is as good was compared.
        reasons: why each candidate is in or out, in a few words.
        prices: what the opposite decision about a candidate would come to, where that was asked.
    """

    scenario: str
    status: Status
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    selected: tuple[str, ...] = ()
    kpi_totals: Mapping[str, float] = field(default_factory=dict)
    resources: tuple[ResourceUse, ...] = ()
    slices: tuple[SliceUse, ...] = ()
    targets: tuple[TargetOutcome, ...] = ()
    synergies: tuple[SynergyOutcome, ...] = ()
    factors: Mapping[str, float] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    stages: tuple[Stage, ...] = ()
    solver: SolverInfo = SolverInfo("", "", 0.0)
    ties_broken: bool = True
    reasons: Mapping[str, str] = field(default_factory=dict)
    prices: Mapping[str, Price] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    missed_goals: tuple[MissedGoal, ...] = ()
    conflict: Conflict | None = None
    horizon: tuple[str, ...] = ()
    starts: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def selection(self) -> Selection:
        """What is selected, and the number of the period in which each starts."""
        numbers = {period: number for number, period in enumerate(self.horizon)}
        return Selection({key: numbers[self.starts[key]] if self.horizon else 0 for key in self.selected})

    @property
    def main_use(self) -> ResourceUse:
        """The use of engineering tokens; in a plan without them that of the first limited resource, or of the first."""
        limited = [use for use in self.resources if use.available is not None]
        ordered = [*(use for use in self.resources if use.resource == TOKENS), *limited, *self.resources]
        return ordered[0]

    @property
    def is_cut_short(self) -> bool:
        """Whether a time limit ended a stage of the answer."""
        return any(stage.reason is StopReason.TIME_LIMIT and not stage.breaks_ties for stage in self.stages)

    @property
    def is_clock_decided(self) -> bool:
        """Whether a slower machine, or a busier one, could have given another portfolio for the same inputs.

        A portfolio that is proven best, with every tie compared, is the only answer, however it was found.
        """
        return self.status.has_portfolio and any(stage.reason is StopReason.TIME_LIMIT for stage in self.stages)

    @property
    def is_effort_used_up(self) -> bool:
        """Whether a stage of the answer ended because so much work was done."""
        return any(stage.reason is StopReason.EFFORT and not stage.breaks_ties for stage in self.stages)

    @property
    def is_blurred(self) -> bool:
        """Whether neither time nor work ended the proof: the numbers differ too much in size for one."""
        return self.status is Status.FEASIBLE and not (self.is_cut_short or self.is_effort_used_up)

    @property
    def unproven_ideals(self) -> tuple[str, ...]:
        """KPIs whose ideal was not proven in time: the best total that any known portfolio reaches stands in for it."""
        stages = ((stage, stage.name.removeprefix(IDEAL)) for stage in self.stages if stage.name.startswith(IDEAL))
        return tuple(kpi for stage, kpi in stages if stage.gap is None or stage.gap > PROVEN)
