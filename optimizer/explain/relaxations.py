"""The cheapest ways out of a conflict, each proven by a solve, in the numbers of the sheet.

For a bound: the least change of that number alone, found by minimizing (a cap) or maximizing (a floor) the amount under
all other rules; the portfolio found is the proof. For a yes/no rule: whether doing without it suffices. Where
commitments are part of the conflict and doing without one of them is not enough, the fewest that it takes, of those the
ones that cost least. Where no single change suffices, as with two conflicts at once, a smallest set of changes that do
together: a smallest set of rules that hits every conflict that is known, until what is left is possible (implicit
hitting sets: Reiter 1987; Moreno-Centeno and Karp 2013). Numbers are rounded to the safe side, so that typing the
printed number works.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb

from optimizer import exact
from optimizer.model.rows import Sense, Terms
from optimizer.portfolio import Change, Relaxation, RuleInWords, StopReason
from optimizer.rules.rule import BoundRule, Rule
from optimizer.search.core_search import best_by_core
from optimizer.search.exact_search import Search
from optimizer.search.found import Found
from optimizer.search.stages import Question
from optimizer.wording import listing

_MOST_LIFTED = 5
_MOST_SETS = 20_000
"""Sets of rules that are looked at: a tenth of a second."""
_STEPS = 20
"""Each step of Dinkelbach's search at least doubles the digits that are right."""


def in_words(rule: Rule) -> RuleInWords:
    """The rule for people."""
    return RuleInWords(rule.kind, rule.wording(), rule.source)


def relaxations_of(
    question: Question, core: Sequence[Rule], irreducible: Callable[[Sequence[Rule]], Sequence[Rule]]
) -> tuple[tuple[Relaxation, ...], Sequence[Sequence[Rule]]]:
    """Ways out of the conflict `core`: single changes, else one set of changes and the conflicts that it ends.

    `irreducible` finds a minimal conflict within rules that are impossible together.
    """
    single, alone = [], list[Rule]()
    for rule in core:
        if question.clock.is_spent:
            break
        rest = [other for other in question.rules if other is not rule]
        for stated in rule.restatable() if isinstance(rule, BoundRule) else (rule,):
            mended = _mend(question, stated, rest, or_drop=stated is rule)
            if mended is not None:
                single.append(_relaxation([mended.change], least=mended.is_least))
                alone.append(rule)
    if single and not any(rule.demands() for rule in alone):
        fewest = _fewest_commitments(question, core)
        single += [] if fewest is None else [fewest]
    if single or question.clock.is_spent:
        return tuple(single), ()
    together, cores = _together(question, core, irreducible)
    return (() if together is None else (together,)), cores


def _fewest_commitments(question: Question, core: Sequence[Rule]) -> Relaxation | None:
    """Doing without as few commitments as possible, of those the ones that cost fewest tokens.

    None where the conflict has no two of them, or it takes more than people would read; nor over periods, where starts
    may be commitments too.
    """
    committed = [rule for rule in question.rules if len(rule.demands()) == 1]
    if sum(1 for rule in core if rule in committed) < 2 or question.clock.is_spent or question.candidates.horizon:
        return None
    columns = question.candidates.columns
    tokens = {rule: question.plan.initiative(rule.demands()[0]).tokens for rule in committed}
    most = 2 * exact.total(tokens.values()) or 1.0
    worths = [(c, 1 + tokens[rule] / most) for rule in committed for c in columns.get(rule.demands()[0], ())]
    others = [rule for rule in question.rules if rule not in committed]
    terms = Terms(tuple(column for column, _ in worths), tuple(worth for _, worth in worths))
    found = best_by_core(Search(question.candidates, others, question.solver), terms, question.clock).found
    if found.bits is None:
        return None
    keys = question.candidates.keys(found.bits)
    lifted = [rule for rule in committed if rule.violation(keys)]
    if not 1 < len(lifted) <= _MOST_LIFTED:
        return None
    return _relaxation([_dropped(rule, ()).change for rule in lifted], least=found.reason is StopReason.OPTIMAL)


def _relaxation(changes: Sequence[Change], *, least: bool) -> Relaxation:
    return Relaxation(tuple(changes), least, listing([change.sentence for change in changes], most=len(changes)))


@dataclass(frozen=True, slots=True)
class _Mended:
    """A change to a rule with which the others are possible: what the rule becomes (None: gone), and all the others."""

    rule: Rule | None
    others: Sequence[Rule]
    change: Change
    is_least: bool


def _mend(question: Question, rule: Rule, rest: Sequence[Rule], *, or_drop: bool = True) -> _Mended | None:
    """What `rule` must become for `rest` to be possible with it; `or_drop` where no number suffices."""
    if not isinstance(rule, BoundRule):
        found = Search(question.candidates, rest, question.solver).best(Terms((), ()), question.clock)
        return None if found.bits is None else _dropped(rule, rest)
    others = rest
    for _ in range(_STEPS):
        found = _nearest(question, rule, others)
        if found.bits is None:
            return None
        keys = question.candidates.keys(found.bits)
        restated = _restated(rule, keys)
        if restated is None:
            return _dropped(rule, rest) if or_drop and rule.violation(keys) else None
        others = [other.beside(restated) for other in others]
        if not any(other.violation(keys) for other in others):
            change = Change(in_words(rule), rule.stated, restated.stated, rule.change(restated.stated))
            is_alone = all(mine is other for mine, other in zip(rest, others, strict=True))
            return _Mended(restated, others, change, is_alone and found.reason is StopReason.OPTIMAL)
    return None


def _dropped(rule: Rule, rest: Sequence[Rule]) -> _Mended:
    return _Mended(None, rest, Change(in_words(rule), None, None, rule.without()), is_least=True)


def _nearest(question: Question, rule: BoundRule, rest: Sequence[Rule]) -> Found:
    """What keeps `rest` and needs the least change of the rule's number.

    Where the amount depends on the number, as a share does, the number that is needed is put in its place until no
    other portfolio needs less (Dinkelbach 1967).
    """
    sign = 1 if rule.sense is Sense.AT_MOST else -1
    best: Found | None = None
    asked = rule
    for _ in range(_STEPS if rule.depends_on_number else 1):
        search = Search(question.candidates, rest, question.solver)
        found = best_by_core(search, asked.terms(question.candidates), question.clock, sign=sign).found
        if found.bits is None:
            return best or found
        needed = rule.stated_by(question.candidates.keys(found.bits))
        if best is not None and sign * needed >= sign * asked.stated:
            return replace(best, reason=found.reason)
        best, asked = found, rule.restated(needed)
    assert best is not None
    return best


def _restated(rule: BoundRule, keys: frozenset[str]) -> BoundRule | None:
    """The rule with the number that a selection needs, rounded for people; None where there is none."""
    if not rule.violation(keys):
        return None
    needed = rule.stated_by(keys)
    upwards = needed > rule.stated
    for number in (*rule.rounded(needed, upwards=upwards), needed):
        restated = rule.restated(number)
        if not restated.violation(keys):
            return restated
    # With a baseline, adding it rounds: a step beyond the rounding is safe.
    step = exact.RELATIVE * max(abs(needed), abs(rule.stated))
    beyond = rule.restated(exact.rounded_for_people(needed + step if upwards else needed - step, upwards=upwards))
    # No reserve is so small that more fits than there is.
    return None if beyond.violation(keys) else beyond


def _together(
    question: Question, core: Sequence[Rule], irreducible: Callable[[Sequence[Rule]], Sequence[Rule]]
) -> tuple[Relaxation | None, Sequence[Sequence[Rule]]]:
    """Drops as few rules as possible so that the rest is possible, takes back what need not go, changes the others.

    Returns the changes (None: not found in time), and a conflict for each rule that was dropped.
    """
    cores = [core]
    dropped: Sequence[Rule] = ()
    while True:
        dropped = _hitting(cores, dropped)
        rest = [rule for rule in question.rules if rule not in dropped]
        possible = is_possible(question, rest)
        if possible is None:
            return None, cores
        if possible:
            break
        cores.append(irreducible(rest))
    own = [next((c for c in cores if [d for d in dropped if d in c] == [rule]), None) for rule in dropped]
    cores = [conflict for conflict in own if conflict is not None]
    together = _changed(question, dropped, rest)
    dependent = [other for other in rest if any(_depends(other, rule) for rule in dropped)]
    if together is None and dependent and not question.clock.is_spent:
        # More of a capacity asks for more where a share of it is a floor: then the share has to give as well.
        together = _changed(question, [*dropped, *dependent], [rule for rule in rest if rule not in dependent])
    return together, cores


def _depends(rule: Rule, other: Rule) -> bool:
    """Whether the number of `other` is part of `rule`."""
    return isinstance(other, BoundRule) and rule.beside(other.restated(2 * other.stated + 1)) is not rule


def _changed(question: Question, dropped: Sequence[Rule], rest: Sequence[Rule]) -> Relaxation | None:
    """What some rules must become, one after the other, beside others that are possible; None where not found."""
    rest = list(rest)
    dropped = sorted(dropped, key=lambda rule: any(_depends(rule, other) for other in dropped))
    changes: list[Change] = []
    changed: list[Rule] = []
    least = True
    for before in dropped:
        rule = before
        for other in changed:
            rule = rule.beside(other)
        if is_possible(question, [*rest, rule]):
            rest.append(rule)
            continue
        mended = _mend(question, rule, rest)
        if mended is None:
            return None
        least &= mended.is_least
        changes.append(mended.change)
        rest = list(mended.others)
        if mended.rule is not None:
            changed.append(mended.rule)
            rest.append(mended.rule)
    return _relaxation(changes, least=least)


def _hitting(cores: Sequence[Sequence[Rule]], so_far: Sequence[Rule]) -> Sequence[Rule]:
    """A smallest set of rules with one of each conflict, of those one with most bounds; where that is too much to look
    at, the set so far and one of the last conflict.

    A number is easier to change than a commitment.
    """
    rules = list(dict.fromkeys(rule for core in cores for rule in core))
    hit = {rule: frozenset(number for number, core in enumerate(cores) if rule in core) for rule in rules}
    for size in range(1, len(cores) + 1):
        if comb(len(rules), size) > _MOST_SETS:
            break
        sets = [
            out
            for out in combinations(rules, size)
            if len(frozenset().union(*(hit[rule] for rule in out))) == len(cores)
        ]
        if sets:
            return min(sets, key=lambda out: sum(not isinstance(rule, BoundRule) for rule in out))
    last = cores[-1]
    return (*so_far, next((rule for rule in last if isinstance(rule, BoundRule)), last[0]))


def is_possible(question: Question, rules: Collection[Rule]) -> bool | None:
    """Whether some portfolio keeps `rules`; None where time ended first."""
    found = Search(question.candidates, rules, question.solver).best(Terms((), ()), question.clock, twice=True)
    if found.bits is not None:
        return True
    return False if found.reason is StopReason.INFEASIBLE else None
