"""Why no portfolio keeps every rule, in the words of the sheet, and what would mend it.

The conflict is a set of rules that cannot hold together while each of them could go: an irreducible infeasible set,
found by a deletion filter (Chinneck and Dravnieks 1991) over business rules rather than rows, first in large blocks,
then one by one. What can be proven without a solver (`proven_conflict`) is: a rule that nothing can keep, a floor above
the cap of the same slice, and mandatory initiatives that alone cost more than a capacity or cap. Only proofs count:
amounts of initiatives may be negative for KPIs, and slices may overlap, so nothing is added up across rules.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from optimizer import exact
from optimizer.explain.relaxations import in_words, is_possible, relaxations_of
from optimizer.model.rows import Candidates, Sense
from optimizer.plan import Plan
from optimizer.portfolio import Conflict, SolverName
from optimizer.rules import rules_of
from optimizer.rules.rule import BoundRule, Rule, wordings
from optimizer.search.clock import Clock
from optimizer.search.solver_calls import SolverChoice
from optimizer.search.stages import Question
from optimizer.wording import listing


def explain_infeasible(
    plan: Plan, scenario_name: str, *, solver: SolverName = "highs", time_limit_s: float | None = None
) -> Conflict | None:
    """Why no portfolio keeps every rule of a scenario; None where one does, or where time ended before it was proven.

    Raises:
        KeyError: no such scenario.
        SolverError: the solver crashed.
        SolverUnavailableError: the solver is not installed.
    """
    scenario = plan.scenario(scenario_name)
    rules = rules_of(plan, scenario)
    clock = Clock(time_limit_s)
    question = Question(plan, scenario, rules, Candidates(plan, scenario), SolverChoice(solver), clock)
    if proven_conflict(question) is None and is_possible(question, rules) is not False:
        return None
    return conflict_of(replace(question, clock=clock.extra(clock.elapsed_s)))


def conflict_of(question: Question) -> Conflict:
    """The conflict of a question that is known to be impossible."""
    core = proven_conflict(question)
    minimal = core is not None
    if core is None:
        core, minimal = irreducible(question, question.rules)
    relaxations, cores = relaxations_of(question, core, lambda rules: irreducible(question, rules)[0])
    further = [other for other in cores if set(other) != set(core)]
    return Conflict(
        rules=tuple(in_words(rule) for rule in core),
        minimal=minimal,
        relaxations=relaxations,
        sentence=" ".join([_sentence(core), *([] if minimal else [_cut_short(question.clock)]), *map(_nor, further)]),
        further=tuple(tuple(in_words(rule) for rule in other) for other in further),
    )


def _nor(core: Sequence[Rule]) -> str:
    if len(core) == 1:
        return f"Nor does any keep this one: {core[0].wording()}."
    return f"Nor does any keep these together: {listing(wordings(core))}."


def _sentence(core: Sequence[Rule]) -> str:
    if len(core) == 1:
        return f"No portfolio keeps this rule: {core[0].wording()}."
    return f"No portfolio keeps these rules together: {listing(wordings(core))}."


def _cut_short(clock: Clock) -> str:
    """What is said where a conflict may name more rules than it takes."""
    if clock.is_over:
        return "Time ran out before the list could be shortened, so not all of them may be needed for the conflict."
    return "Shortening the list takes more work than finding the conflict may, so not all of them may be needed for it."


def irreducible(question: Question, rules: Sequence[Rule]) -> tuple[tuple[Rule, ...], bool]:
    """A minimal impossible part of `rules` (impossible together), and whether its minimality is proven."""
    core = list(rules)
    proven = True
    size = max(1, len(core) // 2)
    while True:
        # From the end, so that of two explanations the one with capacities and caps stays.
        for start in reversed(range(0, len(core), size)):
            rest = core[:start] + core[start + size :]
            verdict = None if question.clock.is_spent else is_possible(question, rest)
            if verdict is None:
                proven = False
            elif not verdict:
                core = rest
        if size == 1:
            return tuple(core), proven
        size //= 2


def proven_conflict(question: Question) -> tuple[Rule, ...] | None:
    """An irreducible conflict that can be proven without a solver, or None."""
    for rule in question.rules:
        if any(row.is_out_of_reach for row in question.candidates.rows_of(rule)):
            return (rule,)
    for pair in _floors_above_caps(question.rules):
        return pair
    return _mandatory_above_cap(question)


def _floors_above_caps(rules: Sequence[Rule]) -> Iterator[tuple[Rule, ...]]:
    # Bounds are few and rules are many: only bounds are compared with each other.
    bounds = [rule for rule in rules if isinstance(rule, BoundRule)]
    caps = [rule for rule in bounds if rule.sense is Sense.AT_MOST]
    for floor in (rule for rule in bounds if rule.sense is Sense.AT_LEAST):
        for cap in caps:
            if floor.measured == cap.measured and not _can_hold(floor, cap):
                yield cap, floor


_TWO_TOLERANCES = 1e-8


def _can_hold(floor: BoundRule, cap: BoundRule) -> bool:
    """False only where the floor lies above the cap by more than the tolerances of both."""
    return floor.bound <= cap.bound + abs(cap.bound) * _TWO_TOLERANCES + exact.ABSOLUTE_AT_ZERO


def _mandatory_above_cap(question: Question) -> tuple[Rule, ...] | None:
    """A capacity or cap with just enough mandatory initiatives to exceed it; their amounts are never negative."""
    mandatory = [rule for rule in question.rules if rule.demands()]
    for cap in question.rules:
        if isinstance(cap, BoundRule) and cap.sense is Sense.AT_MOST and cap.only_grows:
            needed = list(mandatory)
            if not cap.violation(_demanded(needed)):
                continue
            for rule in mandatory:
                fewer = [other for other in needed if other is not rule]
                if cap.violation(_demanded(fewer)):
                    needed = fewer
            return (cap, *needed)
    return None


def _demanded(rules: Sequence[Rule]) -> frozenset[str]:
    return frozenset(key for rule in rules for key in rule.demands())
