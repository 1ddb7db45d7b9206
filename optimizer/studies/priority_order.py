"""The order of the initiatives that one budget adds to a list: each behind what it needs, the most worth first."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from optimizer.plan import AnyPrerequisite, Bundle, Kept, Mandate, Plan, Prerequisite, Scenario, rules_of_kind

_FREE = 1e-12
"""A cost below this counts as this where worth per unit is compared."""

Group = tuple[str, ...]
"""Initiatives that only come together."""
Needs = Mapping[str, frozenset[str]]
"""What each initiative needs directly, of those that are to be ordered."""


def ordered_groups(
    plan: Plan,
    scenario: Scenario,
    added: frozenset[str],
    above: frozenset[str],
    *,
    worth: Callable[[Collection[str]], float],
    cost: Callable[[Collection[str]], float],
) -> Iterator[list[str]]:
    """What a plan adds to what is `above` it in the list, in groups that only come together.

    What every plan has to select comes first. Each group is behind those that it needs; next is always the one with the
    most worth per cost, what it needs included. Where one of several is enough (prerequisite_any), one that the plan
    has comes before what needs it.
    """
    must = _commanded(plan, scenario)
    needs = _needs(plan, scenario, added, above)
    groups = _groups(plan, scenario, added, needs)
    behind = {group: _all_needs(group, groups, needs) for group in groups}
    # A group needs fewer others than one that needs it.
    groups.sort(key=lambda group: len(behind[group]))
    places = {one.key: place for place, one in enumerate(plan.initiatives)}
    left = sorted(groups, key=lambda group: places[group[0]])
    done = set(above)
    base = worth(done)
    while left:
        choices = [[one for one in groups if one in behind[group] or one == group] for group in left]
        gains = [worth({*done, *_keys(choice)}) - base for choice in choices]
        costs = [max(cost(_keys(choice)), _FREE) for choice in choices]
        is_first = [not must.isdisjoint(group) for group in left]
        best = choices[max(range(len(choices)), key=lambda n: (is_first[n], gains[n] / costs[n]))]
        for group in best:
            groups.remove(group)
            left.remove(group)
            done |= set(group)
            yield list(group)
        base = worth(done)


def _commanded(plan: Plan, scenario: Scenario) -> frozenset[str]:
    """What rules select whatever the budget: mandates, what is kept of an earlier plan, and work that goes on."""
    goes_on = {one.key for one in plan.initiatives if one.is_in_progress} if plan.horizon(scenario) else set[str]()
    goes_on -= {one.key for one in plan.stoppable(scenario)}
    mandatory = {one.key for one in plan.initiatives if one.is_mandatory}
    named = {rule.initiative for rule in rules_of_kind(scenario.rules, Mandate)}
    named |= {rule.initiative for rule in rules_of_kind(scenario.rules, Kept)}
    return frozenset(goes_on | mandatory | named)


def _needs(plan: Plan, scenario: Scenario, added: frozenset[str], above: frozenset[str]) -> Needs:
    found: dict[str, set[str]] = {key: set(plan.initiative(key).prerequisite_keys) & added for key in added}
    for rule in rules_of_kind(scenario.rules, Prerequisite):
        if rule.initiative in found:
            found[rule.initiative] |= set(rule.requires) & added
    satisfied = above | plan.done
    for either in rules_of_kind(scenario.rules, AnyPrerequisite):
        mine, others = either.initiative, [key for key in either.any_of if key != either.initiative]
        if mine not in found or satisfied & set(others):
            continue
        own = [key for key in others if key in added]
        # One that does not need it in turn, if there is any.
        own.sort(key=lambda key: mine in _reached(key, found))
        found[mine] |= set(own[:1])
    return {key: frozenset(needed - {key}) for key, needed in found.items()}


def _reached(key: str, needs: Mapping[str, Collection[str]]) -> set[str]:
    """What an initiative needs, what that needs, and so on."""
    found, waiting = set[str](), [key]
    while waiting:
        others = set(needs[waiting.pop()]) - found
        found |= others
        waiting.extend(others)
    return found


def _groups(plan: Plan, scenario: Scenario, added: frozenset[str], needs: Needs) -> list[Group]:
    """Initiatives of one bundle, or that need each other, in one group each, in the order of the plan."""
    group_of = {one.key: {one.key} for one in plan.candidates(scenario) if one.key in added}

    def merge(keys: Iterable[str]) -> None:
        merged = set().union(*(group_of[key] for key in keys))
        for key in merged:
            group_of[key] = merged

    bundles: dict[str, list[str]] = {}
    for key in group_of:
        bundle = plan.initiative(key).bundle_key
        if bundle is not None:
            bundles.setdefault(bundle, []).append(key)
    for members in (*bundles.values(), *(rule.members for rule in rules_of_kind(scenario.rules, Bundle))):
        merge(key for key in members if key in added)

    def distinct() -> list[Group]:
        return list({id(one): tuple(key for key in group_of if key in one) for one in group_of.values()}.values())

    groups = distinct()
    behind = {group: _all_needs(group, groups, needs) for group in groups}
    for group in groups:
        for other in behind[group]:
            if group in behind[other]:
                merge((*group, *other))
    return distinct()


def _all_needs(group: Group, groups: Sequence[Group], needs: Needs) -> set[Group]:
    """The other groups that one needs, that those need, and so on."""
    group_of = {key: other for other in groups for key in other}
    found, waiting = set[Group](), [group]
    while waiting:
        needed = {group_of[other] for key in waiting.pop() for other in needs[key]} - found
        found |= needed
        waiting.extend(needed)
    return found - {group}


def _keys(groups: Iterable[Iterable[str]]) -> list[str]:
    return [key for group in groups for key in group]
