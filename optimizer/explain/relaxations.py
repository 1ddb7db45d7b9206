"""The cheapest ways out of a conflict, each proven by a solve, in the numbers of the sheet.

For a bound: the least change of that number alone, found by minimizing (a cap) or maximizing (a floor) the amount under
all other rules; the portfolio found is the proof. For a yes/no rule: whether doing without it suffices. Where no single
change suffices, as with two conflicts at once, a smallest set of changes that do together. Numbers are rounded to the
safe side, so that typing the printed number works.
"""

from collections.abc import Callable, Collection, Sequence

from optimizer import exact
from optimizer.model.rows import Sense, Terms
from optimizer.portfolio import Change, Relaxation, RuleInWords, StopReason
from optimizer.rules.rule import BoundRule, Rule
from optimizer.search.core_search import best_by_core
from optimizer.search.exact_search import Search
from optimizer.search.found import Found
from optimizer.search.stages import Question
from optimizer.wording import listing


def in_words(rule: Rule) -> RuleInWords:
    """The rule for people."""
    return RuleInWords(rule.kind, rule.wording(), rule.source)


def relaxations_of(
    question: Question, core: Sequence[Rule], irreducible: Callable[[Sequence[Rule]], Sequence[Rule]]
) -> tuple[Relaxation, ...]:
    """Ways out of the conflict `core`: single changes, else one set of changes.

    `irreducible` finds a minimal conflict within rules that are impossible together.
    """
    single = []
    for rule in core:
        if question.clock.is_over:
            break
        rest = [other for other in question.rules if other is not rule]
        mended = _mend(question, rule, rest)
        if mended is not None:
            single.append(_relaxation([mended[1]], least=mended[2]))
    if single or question.clock.is_over:
        return tuple(single)
    together = _together(question, irreducible)
    return () if together is None else (together,)


def _relaxation(changes: Sequence[Change], *, least: bool) -> Relaxation:
    return Relaxation(tuple(changes), least, listing([change.sentence for change in changes], most=len(changes)))


def _mend(question: Question, rule: Rule, rest: Sequence[Rule]) -> tuple[Rule | None, Change, bool] | None:
    """What `rule` must become for `rest` to be possible with it (None: gone), the change, and whether it is least."""
    if not isinstance(rule, BoundRule):
        found = Search(question.candidates, rest, question.solver).best(Terms((), ()), question.clock)
        return None if found.bits is None else (None, Change(in_words(rule), None, None, rule.without()), True)
    sign = 1 if rule.sense is Sense.AT_MOST else -1
    search = Search(question.candidates, rest, question.solver)
    found = best_by_core(search, rule.terms(question.candidates), question.clock, sign=sign).found
    if found.bits is None:
        return None
    restated = _restated(question, rule, found)
    if restated is None:
        return None
    change = Change(in_words(rule), rule.stated, restated.stated, rule.change(restated.stated))
    return restated, change, found.reason is StopReason.OPTIMAL


def _restated(question: Question, rule: BoundRule, found: Found) -> BoundRule | None:
    """The rule with the number that the portfolio found needs, rounded for people; None where it keeps the old one."""
    if found.bits is None:
        return None
    keys = question.candidates.keys(found.bits)
    if not rule.violation(keys):
        return None
    needed = rule.stated_for(rule.amount(keys))
    upwards = needed > rule.stated
    for number in (exact.rounded_for_people(needed, upwards=upwards), needed):
        restated = rule.restated(number)
        if not restated.violation(keys):
            return restated
    # With a baseline, adding it rounds: a step beyond the rounding is safe.
    step = exact.RELATIVE * max(abs(needed), abs(rule.stated))
    return rule.restated(exact.rounded_for_people(needed + step if upwards else needed - step, upwards=upwards))


def _together(question: Question, irreducible: Callable[[Sequence[Rule]], Sequence[Rule]]) -> Relaxation | None:
    """Drops a rule of each conflict until the rest is possible, takes back what need not go, changes the others."""
    rest = list(question.rules)
    dropped: list[Rule] = []
    while (possible := is_possible(question, rest)) is not True:
        if possible is None:
            return None
        core = irreducible(rest)
        # A number is easier to change than a commitment.
        rule = next((rule for rule in core if isinstance(rule, BoundRule)), core[0])
        rest = [other for other in rest if other is not rule]
        dropped.append(rule)
    changes: list[Change] = []
    least = True
    for rule in dropped:
        if is_possible(question, [*rest, rule]):
            rest.append(rule)
            continue
        mended = _mend(question, rule, rest)
        if mended is None:
            return None
        restated, change, is_least = mended
        least &= is_least
        changes.append(change)
        if restated is not None:
            rest.append(restated)
    return _relaxation(changes, least=least)


def is_possible(question: Question, rules: Collection[Rule]) -> bool | None:
    """Whether some portfolio keeps `rules`; None where time ended first."""
    found = Search(question.candidates, rules, question.solver).best(Terms((), ()), question.clock, twice=True)
    if found.bits is not None:
        return True
    return False if found.reason is StopReason.INFEASIBLE else None
