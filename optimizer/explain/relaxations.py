"""The cheapest ways out of a conflict, each proven by a solve, in the numbers of the sheet.

For a bound: the least change of that number alone, found by minimizing (a cap) or maximizing (a floor) the amount under
all other rules; the portfolio found is the proof. For a yes/no rule: whether doing without it suffices. Where no single
change suffices, as with two conflicts at once, a smallest set of changes that do together. Numbers are rounded to the
safe side, so that typing the printed number works.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from optimizer import exact
from optimizer.model.rows import Sense, Terms
from optimizer.portfolio import Change, Relaxation, RuleInWords, StopReason
from optimizer.rules.rule import BoundRule, Rule
from optimizer.search.core_search import best_by_core
from optimizer.search.exact_search import Search
from optimizer.search.found import Found
from optimizer.search.stages import Question
from optimizer.wording import listing

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
    single = []
    for rule in core:
        if question.clock.is_spent:
            break
        rest = [other for other in question.rules if other is not rule]
        for stated in rule.restatable() if isinstance(rule, BoundRule) else (rule,):
            mended = _mend(question, stated, rest, or_drop=stated is rule)
            if mended is not None:
                single.append(_relaxation([mended.change], least=mended.is_least))
    if single or question.clock.is_spent:
        return tuple(single), ()
    together, cores = _together(question, irreducible)
    return (() if together is None else (together,)), cores


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
    question: Question, irreducible: Callable[[Sequence[Rule]], Sequence[Rule]]
) -> tuple[Relaxation | None, Sequence[Sequence[Rule]]]:
    """Drops a rule of each conflict until the rest is possible, takes back what need not go, changes the others.

    Returns the changes (None: not found in time), and the conflicts.
    """
    rest = list(question.rules)
    dropped: list[Rule] = []
    cores: list[Sequence[Rule]] = []
    while (possible := is_possible(question, rest)) is not True:
        if possible is None:
            return None, cores
        core = irreducible(rest)
        cores.append(core)
        # A number is easier to change than a commitment.
        rule = next((rule for rule in core if isinstance(rule, BoundRule)), core[0])
        rest = [other for other in rest if other is not rule]
        dropped.append(rule)
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
            return None, cores
        least &= mended.is_least
        changes.append(mended.change)
        rest = list(mended.others)
        if mended.rule is not None:
            changed.append(mended.rule)
            rest.append(mended.rule)
    return _relaxation(changes, least=least), cores


def is_possible(question: Question, rules: Collection[Rule]) -> bool | None:
    """Whether some portfolio keeps `rules`; None where time ended first."""
    found = Search(question.candidates, rules, question.solver).best(Terms((), ()), question.clock, twice=True)
    if found.bits is not None:
        return True
    return False if found.reason is StopReason.INFEASIBLE else None
