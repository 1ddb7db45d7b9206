"""An initiative that needs one of several others. The number in brackets is that of the maths in `optimizer.rules`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from optimizer.model.rows import Candidates, Row, Sense, Terms
from optimizer.plan import AnyPrerequisite, Plan, Scenario, rules_of_kind
from optimizer.rules.reasons import Facts, In, Out, Reason
from optimizer.rules.rule import Rule, candidate_keys
from optimizer.wording import few, listing


@dataclass(frozen=True, kw_only=True, eq=False)
class RequiresAny(Rule):
    """An initiative is selected only if at least one of several others is (20)."""

    kind: ClassVar[str] = "prerequisite_any"

    initiative: str
    any_of: tuple[str, ...]
    missing: tuple[str, ...] = ()
    """Those of them that are not candidates of the scenario, so that they cannot be the one."""

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["RequiresAny"]:
        """One rule per row whose initiative is a candidate."""
        candidates = candidate_keys(plan, scenario)
        for given in rules_of_kind(scenario.rules, AnyPrerequisite):
            any_of = tuple(sorted(set(given.any_of) - {given.initiative}))
            if any_of and given.initiative in candidates:
                missing = tuple(key for key in any_of if key not in candidates)
                yield RequiresAny(initiative=given.initiative, any_of=any_of, missing=missing, source=given.source)

    def rows(self, candidates: Candidates) -> Iterator[Row]:
        """``x_i <= sum of x_p`` over those that are candidates."""
        columns = [candidates.column[key] for key in self.any_of if key in candidates.column]
        terms = Terms((candidates.column[self.initiative], *columns), (1.0, *(-1.0,) * len(columns)))
        yield Row(terms, Sense.AT_MOST, 0.0, self)

    def violation(self, selected: frozenset[str]) -> float:
        """1 where the initiative is selected without any of them."""
        return float(self.initiative in selected and selected.isdisjoint(self.any_of))

    def why_in(self, facts: Facts) -> Iterator[Reason]:
        """``needed by A``, for the one that is selected where no other of them is."""
        chosen = [key for key in self.any_of if key in facts.selected]
        if self.initiative in facts.selected and len(chosen) == 1:
            rank = In.NEEDED_BY_DEMANDED if self.initiative in facts.demanded else In.NEEDED
            yield Reason(chosen[0], rank, "needed by", (self.initiative,))

    def why_out(self, facts: Facts) -> Iterator[Reason]:
        """``needs B or C, and none is selected``."""
        if self.initiative in facts.left_out and facts.selected.isdisjoint(self.any_of):
            state = "a candidate" if len(self.missing) == len(self.any_of) else "selected"
            names = few(self.any_of) if len(self.any_of) == 1 else listing(self.any_of, "or", most=3)
            words = f"needs {names}, which is not {state}" if len(self.any_of) == 1 else f"needs {names}, none {state}"
            yield Reason(self.initiative, Out.LACKS, words)

    def sentence(self) -> str:
        """``INIT-7 needs INIT-3 or INIT-4``."""
        lacking = ""
        if len(self.missing) == len(self.any_of):
            lacking = ", but none of them is a candidate of this scenario"
        elif self.missing:
            verb = "is" if len(self.missing) == 1 else "are"
            state = "a candidate" if len(self.missing) == 1 else "candidates"
            lacking = f", of which {listing(self.missing)} {verb} not {state} of this scenario"
        return f"{self.initiative} needs {listing(self.any_of, 'or')}{lacking}"

    def without(self) -> str:
        """``let INIT-7 go without INIT-3 or INIT-4``."""
        return f"let {self.initiative} go without {listing(self.any_of, 'or')}"
