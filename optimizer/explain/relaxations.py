"""The cheapest ways out of a conflict, each proven by a solve, in the numbers of the sheet.

For a bound: the least change of that number alone, found by minimizing (a cap) or maximizing (a floor) the amount under
all other rules; the portfolio found is the proof. For a yes/no rule: whether doing without it suffices. Where
commitments are part of the conflict and doing without one of them is not enough, the fewest that it takes, of those the
ones that cost least. Where no single change suffices, as with two conflicts at once, a smallest set of changes that do
together: a smallest set of rules that hits every conflict that is known, until what is left is possible (implicit
hitting sets: Reiter 1987; Moreno-Centeno and Karp 2013). Numbers are rounded to the safe side, so that typing the
printed number works.

What a person changes is a cell, and several rules may come from one: a capacity in each period, the reserve of every
capacity. They change together (`Cell`), and the least number for all of them is found by halving.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb

from optimizer import exact
from optimizer.model.rows import Sense, Terms
from optimizer.model.steps import step_of
from optimizer.portfolio import Change, Relaxation, RuleInWords, StopReason
from optimizer.rules.rule import BoundRule, Rule, of_all
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
_CLOSE = 1e-9
"""Relative: a number that several rules share is the least but for this."""

Cell = tuple[Rule, ...]
"""The rules that come from one number of the sheet, which change together, or one rule alone."""


def in_words(rule: Rule, *others: Rule) -> RuleInWords:
    """The rule for people, or what a cell says."""
    return RuleInWords(rule.kind, of_all((rule, *others), lambda one: one.wording()), rule.source)


def cells_of(rules: Sequence[Rule]) -> dict[Rule, Cell]:
    """What stands in one cell with each rule: over several periods a capacity or cap holds in each."""
    alike: dict[tuple[object, ...], list[Rule]] = {}
    for rule in rules:
        own = (type(rule), id(rule.spec)) if isinstance(rule, BoundRule) and rule.spec is not None else (id(rule),)
        alike.setdefault(own, []).append(rule)
    return {rule: tuple(cell) for cell in alike.values() for rule in cell}


def relaxations_of(
    question: Question, core: Sequence[Rule], irreducible: Callable[[Sequence[Rule]], Sequence[Rule]]
) -> tuple[tuple[Relaxation, ...], Sequence[Sequence[Rule]]]:
    """Ways out of the conflict `core`: single changes, else one set of changes and the conflicts that it ends.

    `irreducible` finds a minimal conflict within rules that are impossible together.
    """
    single, alone, cells = [], list[Rule](), cells_of(question.rules)
    is_reserve_known = False
    for cell in dict.fromkeys(cells[rule] for rule in core):
        if question.clock.is_spent:
            break
        reserves = () if is_reserve_known or not _reserves(cell) else _reserves(question.rules)
        is_reserve_known |= bool(reserves)
        for numbers, kept_free in ((cell, False), (reserves, True)):
            replaced = [rule for rule in question.rules if _reserves([rule])] if kept_free else cell
            rest = [other for other in question.rules if other not in replaced]
            mended = _mend(question, numbers, rest, or_drop=not kept_free) if numbers else None
            if mended is not None:
                single.append(_relaxation([mended.change], least=mended.is_least))
                alone.extend(cell)
    if single and not any(rule.demands() for rule in alone):
        fewest = _fewest_commitments(question, core)
        single += [] if fewest is None else [fewest]
    if single or question.clock.is_spent:
        return tuple(single), ()
    together, cores = _together(question, core, irreducible)
    return (() if together is None else (together,)), cores


def _reserves(rules: Sequence[Rule]) -> Cell:
    """Those of the rules that keep a reserve free, each as the reserve states it."""
    return tuple(r for rule in rules if isinstance(rule, BoundRule) for r in rule.restatable()[1:])


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
    return _relaxation([_dropped((rule,), ()).change for rule in lifted], least=found.reason is StopReason.OPTIMAL)


def _relaxation(changes: Sequence[Change], *, least: bool) -> Relaxation:
    return Relaxation(tuple(changes), least, listing([change.sentence for change in changes], most=len(changes)))


@dataclass(frozen=True, slots=True)
class _Mended:
    """A change to a cell with which the others are possible: what its rules become (none: gone), and all the others."""

    rules: Cell
    others: Sequence[Rule]
    change: Change
    is_least: bool


def _mend(question: Question, cell: Cell, rest: Sequence[Rule], *, or_drop: bool = True) -> _Mended | None:
    """What a cell must become for `rest` to be possible with it; `or_drop` where no number suffices."""
    numbers = tuple(rule for rule in cell if isinstance(rule, BoundRule))
    if not numbers:
        found = Search(question.candidates, rest, question.solver).best(Terms((), ()), question.clock)
        return None if found.bits is None else _dropped(cell, rest)
    others = rest
    for _ in range(_STEPS):
        found = _nearest(question, numbers[0], others) if len(numbers) == 1 else _halved(question, numbers, others)
        if found.bits is None:
            return None
        keys = question.candidates.keys(found.bits)
        restated = _restated(numbers, keys)
        if not restated:
            return _dropped(cell, rest) if or_drop and any(rule.violation(keys) for rule in cell) else None
        for rule in restated:
            others = [other.beside(rule) for other in others]
        if not any(other.violation(keys) for other in others):
            change = _change(numbers, restated[0].stated)
            is_alone = all(mine is other for mine, other in zip(rest, others, strict=True))
            return _Mended(restated, others, change, is_alone and found.reason is StopReason.OPTIMAL)
    return None


def _change(numbers: Sequence[BoundRule], stated: float) -> Change:
    words = of_all(numbers, lambda rule: rule.change(stated))
    return Change(in_words(*numbers), numbers[0].stated, stated, words)


def _dropped(cell: Cell, rest: Sequence[Rule]) -> _Mended:
    return _Mended(
        (), rest, Change(in_words(*cell), None, None, of_all(cell, lambda rule: rule.without())), is_least=True
    )


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


def _halved(question: Question, numbers: Sequence[BoundRule], rest: Sequence[Rule]) -> Found:
    """What keeps `rest` and needs the least change of the number that several rules share.

    The number that a selection needs is enough, today's is not: what is between is halved, and each selection that is
    found says what is enough again. Where all amounts are on one grid, nothing is left once the two are a step apart.
    """
    best = Search(question.candidates, rest, question.solver).best(Terms((), ()), question.clock, twice=True)
    if best.bits is None:
        return best
    enough, short = _needed(numbers, question.candidates.keys(best.bits)), numbers[0].stated
    step = _step(question, numbers)
    while enough != short and abs(enough - short) > _CLOSE * max(abs(enough), abs(short)):
        bounds = [[rule.restated(number).bound for number in (enough, short)] for rule in numbers]
        if step and all(abs(one - other) <= step * (1 + _CLOSE) for one, other in bounds):
            break
        middle = (enough + short) / 2
        asked = [rule.restated(middle) for rule in numbers]
        found = Search(question.candidates, [*rest, *asked], question.solver).best(
            Terms((), ()), question.clock, twice=True
        )
        if found.bits is not None:
            before, best, enough = enough, found, _needed(numbers, question.candidates.keys(found.bits))
            if abs(enough - short) >= abs(before - short):
                break  # what is within the tolerance of a bound is nearer by nothing
        elif found.reason is StopReason.INFEASIBLE:
            short = middle
        else:
            return replace(best, reason=found.reason)
    return replace(best, reason=StopReason.OPTIMAL)


def _needed(numbers: Sequence[BoundRule], keys: frozenset[str]) -> float:
    """The number furthest from today's that one of the broken rules needs; today's where none is broken."""
    today = numbers[0].stated
    needed = [rule.stated_by(keys) for rule in numbers if rule.violation(keys)]
    return max(needed, key=lambda one: abs(one - today), default=today)


def _step(question: Question, numbers: Sequence[BoundRule]) -> float:
    """What all amounts are multiples of; 0 where there is none, or they count against different bounds."""
    if len({rule.bound for rule in numbers}) > 1:
        return 0.0
    return step_of([value for rule in numbers for value in rule.terms(question.candidates).coefficients])


def _restated(numbers: Sequence[BoundRule], keys: frozenset[str]) -> tuple[BoundRule, ...]:
    """The rules with the number that a selection needs, rounded for people; none where there is none."""

    def are_kept(rules: Sequence[BoundRule]) -> bool:
        return not any(rule.violation(keys) for rule in rules)

    if are_kept(numbers):
        return ()
    today, needed = numbers[0].stated, _needed(numbers, keys)
    upwards = needed > today
    for number in (*numbers[0].rounded(needed, upwards=upwards), needed):
        restated = tuple(rule.restated(number) for rule in numbers)
        if are_kept(restated):
            return restated
    # With a baseline, adding it rounds: a step beyond the rounding is safe.
    step = exact.RELATIVE * max(abs(needed), abs(today))
    number = exact.rounded_for_people(needed + step if upwards else needed - step, upwards=upwards)
    beyond = tuple(rule.restated(number) for rule in numbers)
    # No reserve is so small that more fits than there is.
    return beyond if are_kept(beyond) else ()


def _together(
    question: Question, core: Sequence[Rule], irreducible: Callable[[Sequence[Rule]], Sequence[Rule]]
) -> tuple[Relaxation | None, Sequence[Sequence[Rule]]]:
    """Drops as few cells as possible so that the rest is possible, takes back what need not go, changes the others.

    Returns the changes (None: not found in time), and a conflict for each cell that was dropped.
    """
    cells = cells_of(question.rules)
    cores = [core]
    dropped: Sequence[Cell] = ()
    while True:
        dropped = _hitting([[*dict.fromkeys(cells[rule] for rule in one)] for one in cores], dropped)
        rest = [rule for rule in question.rules if cells[rule] not in dropped]
        possible = is_possible(question, rest)
        if possible is None:
            return None, cores
        if possible:
            break
        cores.append(irreducible(rest))
    hit = [{cells[rule] for rule in one}.intersection(dropped) for one in cores]
    own = [next((one for one, by in zip(cores, hit, strict=True) if by == {cell}), None) for cell in dropped]
    cores = [conflict for conflict in own if conflict is not None]
    together = _changed(question, dropped, rest)
    dependent = [other for other in rest if any(_depends(other, rule) for cell in dropped for rule in cell)]
    if together is None and dependent and not question.clock.is_spent:
        # More of a capacity asks for more where a share of it is a floor: then the share has to give as well.
        rest = [rule for rule in rest if rule not in dependent]
        together = _changed(question, [*dropped, *((rule,) for rule in dependent)], rest)
    return together, cores


def _depends(rule: Rule, other: Rule) -> bool:
    """Whether the number of `other` is part of `rule`."""
    return isinstance(other, BoundRule) and rule.beside(other.restated(2 * other.stated + 1)) is not rule


def _changed(question: Question, dropped: Sequence[Cell], rest: Sequence[Rule]) -> Relaxation | None:
    """What some cells must become, one after the other, beside others that are possible; None where not found."""
    rest = list(rest)
    gone = [rule for cell in dropped for rule in cell]
    dropped = sorted(dropped, key=lambda cell: any(_depends(rule, other) for rule in cell for other in gone))
    changes: list[Change] = []
    changed: list[Rule] = []
    least = True
    for before in dropped:
        cell = before
        for other in changed:
            cell = tuple(rule.beside(other) for rule in cell)
        if is_possible(question, [*rest, *cell]):
            rest.extend(cell)
            continue
        mended = _mend(question, cell, rest)
        if mended is None:
            return None
        least &= mended.is_least
        changes.append(mended.change)
        rest = [*mended.others, *mended.rules]
        changed.extend(mended.rules)
    return _relaxation(changes, least=least)


def _hitting(cores: Sequence[Sequence[Cell]], so_far: Sequence[Cell]) -> Sequence[Cell]:
    """A smallest set of cells with one of each conflict, of those one with most bounds; where that is too much to look
    at, the set so far and one of the last conflict.

    A number is easier to change than a commitment.
    """
    cells = list(dict.fromkeys(cell for core in cores for cell in core))
    hit = {cell: frozenset(number for number, core in enumerate(cores) if cell in core) for cell in cells}
    for size in range(1, len(cores) + 1):
        if comb(len(cells), size) > _MOST_SETS:
            break
        sets = [
            out
            for out in combinations(cells, size)
            if len(frozenset().union(*(hit[cell] for cell in out))) == len(cores)
        ]
        if sets:
            return min(sets, key=lambda out: sum(not isinstance(cell[0], BoundRule) for cell in out))
    last = cores[-1]
    return (*so_far, next((cell for cell in last if isinstance(cell[0], BoundRule)), last[0]))


def is_possible(question: Question, rules: Collection[Rule]) -> bool | None:
    """Whether some portfolio keeps `rules`; None where time ended first."""
    found = Search(question.candidates, rules, question.solver).best(Terms((), ()), question.clock, twice=True)
    if found.bits is not None:
        return True
    return False if found.reason is StopReason.INFEASIBLE else None
