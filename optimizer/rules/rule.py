"""What every business rule can do, whatever it says."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self, TypeVar

from optimizer import exact
from optimizer.model.rows import Candidates, Row, Sense, Terms
from optimizer.plan import Plan, RuleSpec, Scenario, start_of
from optimizer.portfolio import SliceUse
from optimizer.rules.reasons import Facts, In, Out, Reason
from optimizer.wording import listing, number, with_source


@dataclass(frozen=True, kw_only=True, eq=False)
class Rule(ABC):
    """One business rule of a scenario. `source` is the place where a person wrote it down.

    Whatever is abstract here, every rule has to say; the rest has an answer that holds for most rules.
    """

    kind: ClassVar[str]
    """Stable name of the class of rules, such as ``capacity``."""
    is_capacity: ClassVar[bool] = False
    """Whether it says how much there is of a resource: no plan does without."""

    source: str | None = None
    spec: RuleSpec | None = None
    """The rule of the scenario that it was made from, where it is one: what it uses shares a row with the other end."""

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

    @abstractmethod
    def why_in(self, facts: Facts) -> Iterator[Reason]:
        """Why the rule asks for initiatives that are selected; at most one reason for each of them."""

    @abstractmethod
    def why_out(self, facts: Facts) -> Iterator[Reason]:
        """Why the rule keeps initiatives out that are not selected; at most one reason for each of them."""

    def blocks(self, facts: Facts) -> Iterator[tuple[str, int]]:
        """Over several periods: starts of what is left out that this rule alone forbids beside the selection."""
        del facts
        return iter(())

    def forbids(self, key: str, start: int) -> bool:
        """Over several periods: whether it forbids a start whatever else is selected; False where that is not known."""
        del key, start
        return False

    def obstacle(self) -> str:
        """What is in the way of the starts that it blocks, in a few words."""
        return self.sentence()

    def beside(self, changed: "Rule") -> "Rule":
        """This rule where another one has become `changed`; itself where it does not depend on that one."""
        del changed
        return self

    def demands(self) -> tuple[str, ...]:
        """The initiatives that must be selected because of this rule alone."""
        return ()

    def ties(self) -> Collection[str]:
        """The initiatives whose own score does not decide, because they come and go with others."""
        return ()

    def use(self, selected: frozenset[str]) -> SliceUse | None:
        """What Results shows as used against this rule's bound; None where it bounds nothing that is shown there."""
        del selected
        return None

    @property
    def when(self) -> str:
        """`` in 2026-Q4``, as the words have it; empty where they name no period of their own."""
        return ""

    def wording(self) -> str:
        """The rule in words, with the cell where it is written down."""
        return with_source(self.sentence(), self.source)


@dataclass(frozen=True, kw_only=True, eq=False)
class BoundRule(Rule, ABC):
    """A rule that keeps an amount on one side of a number that a person wrote down (`stated`)."""

    sense: ClassVar[Sense]
    depends_on_number: ClassVar[bool] = False
    """Whether the amount itself depends on `stated`: the least change is then found in several steps."""

    stated: float

    @property
    def only_grows(self) -> bool:
        """Whether the amount is the same at any start, and selecting more never makes it smaller."""
        return False

    @abstractmethod
    def terms(self, candidates: Candidates) -> Terms:
        """The amount as a linear expression over the columns."""

    @abstractmethod
    def amount(self, selected: frozenset[str]) -> float:
        """The amount on a selection, from the plan."""

    def addends(self, selected: frozenset[str]) -> Sequence[float]:
        """Numbers of the plan whose sum is the amount on a selection."""
        return (self.amount(selected),)

    @abstractmethod
    def added_by(self, key: str) -> float:
        """What one initiative alone adds to the amount, by the end of the plan; 0 for one that does not count in it."""

    def added_at(self, key: str, start: int) -> float:
        """What one initiative adds to the amount when it starts in a period of the horizon."""
        del start
        return self.added_by(key)

    @property
    @abstractmethod
    def measured(self) -> Hashable:
        """Of what the amount is: bounds with an equal value bound the same amount."""

    @abstractmethod
    def what(self) -> str:
        """The bound as people name it: ``token capacity``."""

    @property
    def bound(self) -> float:
        """The bound in the unit of `amount`."""
        return self.stated

    def stated_for(self, amount: float) -> float:
        """What a person would have to write down for the bound to be `amount`."""
        return amount

    def stated_by(self, selected: frozenset[str]) -> float:
        """What a person would have to write down for the bound to be just what a selection comes to."""
        return self.stated_for(self.amount(selected))

    def rounded(self, stated: float, *, upwards: bool) -> Iterator[float]:
        """Numbers that a person would rather write down, the best first."""
        yield exact.rounded_for_people(stated, upwards=upwards)

    def restatable(self) -> "tuple[BoundRule, ...]":
        """This rule as each of the numbers that it is made of states it."""
        return (self,)

    def restated(self, stated: float) -> Self:
        """The same rule with another number."""
        return replace(self, stated=stated)

    def rows(self, candidates: Candidates) -> Iterator[Row]:
        """One row: the amount against the bound."""
        yield Row(self.terms(candidates), self.sense, self.bound, self)

    def keeps(self, amount: float) -> bool:
        """Whether an amount is on the right side of the bound."""
        if self.sense is Sense.AT_MOST:
            return exact.stays_within(amount, self.bound)
        return exact.reaches(amount, self.bound)

    def violation(self, selected: frozenset[str]) -> float:
        """How far the amount is on the wrong side of the bound."""
        addends = self.addends(selected)
        is_most = self.sense is Sense.AT_MOST
        kept = (exact.sum_stays_within if is_most else exact.sum_reaches)(addends, self.bound)
        return 0.0 if kept else abs(exact.total([*addends, -self.bound]))

    def why_in(self, facts: Facts) -> Iterator[Reason]:
        """``keeps the floor for gmv``, for whatever it cannot do without; it asks for no initiative by name."""
        if self.sense is Sense.AT_MOST:
            return
        amount = self.amount(facts.selected)
        for key in facts.selected:
            added = self.added_at(key, start_of(facts.selected, key))
            if added > 0 and not self.keeps(amount - added):
                yield Reason(key, In.NEEDED, f"keeps the {self.what()}")

    def why_out(self, facts: Facts) -> Iterator[Reason]:
        """For whatever would bring the amount to the wrong side of the bound, whenever it starts."""
        amount = self.amount(facts.selected)
        for key in facts.left_out:
            added = min((self.added_at(key, start) for start in facts.starts_of(key)), key=self._harm, default=0.0)
            if self._harm(added) > 0 and not self.keeps(amount + added):
                yield self.why_not(key, added, amount, facts)

    def blocks(self, facts: Facts) -> Iterator[tuple[str, int]]:
        """Whatever start would bring the amount to the wrong side of the bound."""
        amount = self.amount(facts.selected)
        for key in facts.left_out:
            for start in facts.starts_of(key):
                added = self.added_at(key, start)
                if self._harm(added) > 0 and not self.keeps(amount + added):
                    yield key, start

    def obstacle(self) -> str:
        """The bound."""
        return f"the {self.what()}"

    def _harm(self, added: float) -> float:
        return added if self.sense is Sense.AT_MOST else -added

    def why_not(self, key: str, added: float, amount: float, facts: Facts) -> Reason:
        """The reason why what `key` adds to the amount of the selection is too much."""
        del added, amount, facts
        return Reason(key, Out.BREAKS, f"would break the {self.what()}")

    def without(self) -> str:
        """``drop the token capacity of 1,000``."""
        return f"drop the {self.what()} of {self.shown(self.stated)}"

    def shown(self, stated: float) -> str:
        """The bound, or another value for it, as people read it."""
        return number(stated)

    def change(self, stated: float) -> str:
        """``raise the token capacity from 1,000 to 1,120``."""
        verb = "raise" if stated > self.stated else "lower"
        return f"{verb} the {self.what()} from {self.shown(self.stated)} to {self.shown(stated)}"


AnyRule = TypeVar("AnyRule", bound=Rule)


def joined_sources(*sources: str | None) -> str | None:
    """Several cells as one source."""
    return ", ".join(dict.fromkeys(source for source in sources if source)) or None


def candidate_keys(plan: Plan, scenario: Scenario) -> frozenset[str]:
    """The keys of what the scenario may select."""
    return frozenset(initiative.key for initiative in plan.candidates(scenario))


def horizon_of(plan: Plan, scenario: Scenario) -> str:
    """``2026-Q3 to 2027-Q2``: the periods of a plan over several; empty in a plan of one."""
    horizon = plan.horizon(scenario)
    return f"{horizon[0]} to {horizon[-1]}" if len(horizon) > 1 else "".join(horizon)


def which_is(keys: Sequence[str]) -> str:
    """``which is`` or ``which are``."""
    return "which is" if len(keys) == 1 else "which are"


def of_all(rules: Sequence[AnyRule], words: Callable[[AnyRule], str]) -> str:
    """What is said of the rules of one cell; where there is one for each period: `` in each period``."""
    said = words(rules[0])
    return said.replace(rules[0].when, " in each period", 1) if len(rules) > 1 and rules[0].when else said


def wordings(rules: Iterable[Rule]) -> list[str]:
    """Each rule in words; what is the same in several periods is said once: ``in each of 2026-Q4 and 2027-Q1``."""
    alike: dict[tuple[str, int], list[Rule]] = {}
    for place, rule in enumerate(rules):
        key = (rule.wording().replace(rule.when, "", 1), -1) if rule.when else (rule.wording(), place)
        alike.setdefault(key, []).append(rule)
    said = []
    for first, *others in alike.values():
        periods = listing([rule.when.removeprefix(" in ") for rule in (first, *others)])
        said.append(first.wording().replace(first.when, f" in each of {periods}", 1) if others else first.wording())
    return said
