"""What every business rule can do, whatever it says."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from optimizer import exact
from optimizer.model.rows import Candidates, Row, Sense, Terms
from optimizer.plan import Plan, Scenario
from optimizer.wording import number, with_source


@dataclass(frozen=True, kw_only=True, eq=False)
class Rule(ABC):
    """One business rule of a scenario. `source` is the place where a person wrote it down."""

    kind: ClassVar[str]
    """Stable name of the class of rules, such as ``capacity``."""

    source: str | None = None

    @staticmethod
    @abstractmethod
    def of(plan: Plan, scenario: Scenario) -> "Iterator[Rule]":
        """All rules of this class that hold for a scenario."""

    @abstractmethod
    def rows(self, candidates: Candidates) -> Iterator[Row]:
        """The linear rows that stand for the rule."""

    @abstractmethod
    def violation(self, selected: frozenset[str]) -> float:
        """By how much a selection breaks the rule, in the rule's own unit; 0 where it keeps it. Uses no row."""

    @abstractmethod
    def sentence(self) -> str:
        """The rule in words, without its source."""

    @abstractmethod
    def without(self) -> str:
        """What a person would do to be rid of the rule, as an imperative: ``make INIT-7 not mandatory``."""

    def wording(self) -> str:
        """The rule in words, with the cell where it stands."""
        return with_source(self.sentence(), self.source)


@dataclass(frozen=True, kw_only=True, eq=False)
class BoundRule(Rule, ABC):
    """A rule that keeps an amount on one side of a number that a person wrote down (`stated`)."""

    sense: ClassVar[Sense]
    stated: float

    @abstractmethod
    def terms(self, candidates: Candidates) -> Terms:
        """The amount as a linear expression over the columns."""

    @abstractmethod
    def amount(self, selected: frozenset[str]) -> float:
        """The amount on a selection, from the plan."""

    @abstractmethod
    def what(self) -> str:
        """The bound as people name it: ``engineering_tokens capacity``."""

    @property
    def bound(self) -> float:
        """The bound in the unit of `amount`."""
        return self.stated

    def stated_for(self, amount: float) -> float:
        """What a person would have to write down for the bound to be `amount`."""
        return amount

    def restated(self, stated: float) -> Self:
        """The same rule with another number."""
        return replace(self, stated=stated)

    def rows(self, candidates: Candidates) -> Iterator[Row]:
        """One row: the amount against the bound."""
        yield Row(self.terms(candidates), self.sense, self.bound, self)

    def violation(self, selected: frozenset[str]) -> float:
        """How far the amount is on the wrong side of the bound."""
        amount = self.amount(selected)
        if self.sense is Sense.AT_MOST:
            return 0.0 if exact.stays_within(amount, self.bound) else amount - self.bound
        return 0.0 if exact.reaches(amount, self.bound) else self.bound - amount

    def without(self) -> str:
        """``drop the engineering_tokens capacity of 1,000``."""
        return f"drop the {self.what()} of {number(self.stated)}"

    def change(self, stated: float) -> str:
        """``raise the engineering_tokens capacity from 1,000 to 1,120``."""
        verb = "raise" if stated > self.stated else "lower"
        return f"{verb} the {self.what()} from {number(self.stated)} to {number(stated)}"
