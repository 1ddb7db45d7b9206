"""Proofs that what a scenario makes mandatory cannot be; reports only what every solver would answer too."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

from optimizer.exact import rounded_for_people, stays_within, total
from optimizer.plan import (
    TOKENS,
    Ban,
    Bundle,
    Incompatibility,
    Mandate,
    Prerequisite,
    capacity_left,
    rules_of_kind,
    spoken_resource,
)
from optimizer.wording import listing
from sheets_sync.checks.context import CheckContext
from sheets_sync.checks.drafts import InitiativeDraft, Place, ScenarioDraft
from sheets_sync.checks.issue_collector import Findings
from sheets_sync.inputs.cell_text import shown_number

_NAMED = 12
"""How many keys a message names before it says how many more there are."""
_MOST_SETS = 5_000
"""Sets of mandates that are looked at: less than a second."""
_WAYS = 3
"""Of so many mandates a message says that dropping one is enough, the least of them first."""


@dataclass(frozen=True, slots=True)
class _Need:
    """Why an initiative must be selected: it is mandatory (`because` None), or another one cannot go without it."""

    place: Place
    because: str | None = None
    link: str = ""


def check_mandatory(context: CheckContext) -> None:
    """Report, per scenario, what must be selected and cannot."""
    by_key, findings = context.initiatives_by_key, context.findings
    bundles: dict[str, list[str]] = defaultdict(list)
    for key, draft in by_key.items():
        if draft.bundle is not None:
            bundles[draft.bundle].append(key)
    for scenario in context.scenarios:
        needs = _closure(scenario, by_key, bundles)
        if not needs:
            continue
        blocked = _check_available(scenario, needs, by_key, findings)
        _check_compatible(scenario, needs, by_key, findings)
        if not blocked:
            closures = _closures(scenario, by_key, bundles)
            _check_capacity(scenario, needs, by_key, closures, findings)


def _closures(
    scenario: ScenarioDraft, by_key: Mapping[str, InitiativeDraft], bundles: Mapping[str, Sequence[str]]
) -> dict[str, frozenset[str]]:
    """For each initiative that is mandatory itself, all that must be selected because of it."""
    needs = _closure(scenario, by_key, bundles)
    following: dict[str, list[str]] = defaultdict(list)
    links = _links(scenario)
    for key in needs:
        draft = by_key[key]
        following[key] += draft.prerequisites
        following[key] += bundles[draft.bundle] if draft.bundle is not None else ()
        following[key] += [other for other, _ in links.get(key, ())]
    closures = {}
    for root in (key for key, need in needs.items() if need.because is None):
        reached = {root: None}
        for key in (queue := [root]):  # grows while it is walked
            new = [other for other in following[key] if other not in reached]
            reached |= dict.fromkeys(new)
            queue += new
        closures[root] = frozenset(reached)
    return closures


def _closure(
    scenario: ScenarioDraft, by_key: Mapping[str, InitiativeDraft], bundles: Mapping[str, Sequence[str]]
) -> dict[str, _Need]:
    """Everything that must be selected, in the order in which it is found: mandates, then what they need."""
    needs: dict[str, _Need] = {}
    for key, draft in by_key.items():
        if draft.is_mandatory and draft.takes_part_in(scenario):
            needs[key] = _Need(draft.place)
    for mandate in rules_of_kind(scenario.rules, Mandate):
        needs.setdefault(mandate.initiative, _Need(Place.parse(mandate.source or "")))
    links = _links(scenario)
    queue = list(needs)
    for key in queue:  # grows while it is walked
        draft = by_key[key]
        following = [(other, "needs it") for other in draft.prerequisites]
        if draft.bundle is not None:
            following += [(other, f'is bundled with it in "{draft.bundle}"') for other in bundles[draft.bundle]]
        for other, link in (*following, *links.get(key, ())):
            if other not in needs:
                needs[other] = _Need(draft.place, key, link)
                queue.append(other)
    return needs


def _links(scenario: ScenarioDraft) -> dict[str, list[tuple[str, str]]]:
    """What the scenario's own prerequisites and bundles add: for each key, the others that it cannot go without."""
    links: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for rule in rules_of_kind(scenario.rules, Prerequisite):
        links[rule.initiative] += [(other, "needs it") for other in rule.requires]
    for bundle in rules_of_kind(scenario.rules, Bundle):
        for key in bundle.members:
            links[key] += [(other, f'is bundled with it in "{bundle.label}"') for other in bundle.members]
    return links


def _check_available(
    scenario: ScenarioDraft,
    needs: Mapping[str, _Need],
    by_key: Mapping[str, InitiativeDraft],
    findings: Findings,
) -> bool:
    """Report what is needed but not a candidate, or excluded by the scenario; returns whether there is any."""
    banned = {ban.initiative: ban.source for ban in rules_of_kind(scenario.rules, Ban)}
    blocked = False
    for key in needs:
        draft = by_key[key]
        if key in banned:
            why = f"{banned[key]} excludes it"
        elif draft.takes_part_in(scenario):
            continue
        elif not draft.is_candidate:
            why = "it is not a candidate"
        else:
            why = f"its period is {draft.period}"
        blocked = True
        place = _cause_place(needs, key)
        chain = _chain(needs, key)
        findings.add(
            "mandatory_impossible", place, about=scenario, scenario=scenario.name, key=key, chain=chain, why=why
        )
    return blocked


def _chain(needs: Mapping[str, _Need], key: str) -> str:
    need = needs[key]
    if need.because is None:
        return ""
    mandatory = "is mandatory and " if needs[need.because].because is None else "must be selected and "
    return f' (because "{need.because}" {mandatory}{need.link})'


def _cause_place(needs: Mapping[str, _Need], key: str) -> Place:
    """Where the initiative at the beginning of the chain is made mandatory."""
    while (because := needs[key].because) is not None:
        key = because
    return needs[key].place


def _check_compatible(
    scenario: ScenarioDraft,
    needs: Mapping[str, _Need],
    by_key: Mapping[str, InitiativeDraft],
    findings: Findings,
) -> None:
    """Report pairs that must both be selected and may not: exclusions, incompatibilities of the scenario, variants."""
    reported: set[frozenset[str]] = set()
    for key, other, why, cell in _conflicts(scenario, needs, by_key):
        if frozenset((key, other)) in reported:
            continue
        reported.add(frozenset((key, other)))
        findings.add(
            "mandatory_exclude_each_other",
            _cause_place(needs, key),
            about=scenario,
            scenario=scenario.name,
            key=key,
            other=other,
            why=why,
            cell=cell,
        )


def _conflicts(
    scenario: ScenarioDraft, needs: Mapping[str, _Need], by_key: Mapping[str, InitiativeDraft]
) -> Iterator[tuple[str, str, str, str]]:
    variants: dict[str, str] = {}
    for key in needs:
        draft = by_key[key]
        for other in draft.exclusions:
            if other in needs:
                yield key, other, "they exclude each other", str(draft.place)
        if draft.variant_of is not None:
            first = variants.setdefault(draft.variant_of, key)
            if first != key:
                yield first, key, f'they are variants of "{draft.variant_of}"', str(draft.place)
    for key in needs:
        if key in variants and variants[key] != key:
            yield key, variants[key], f'they are variants of "{key}"', str(by_key[variants[key]].place)
    for rule in rules_of_kind(scenario.rules, Incompatibility):
        both = [key for key in rule.members if key in needs]
        for other in both[1:]:
            yield both[0], other, "they exclude each other", rule.source or ""


def _check_capacity(
    scenario: ScenarioDraft,
    needs: Mapping[str, _Need],
    by_key: Mapping[str, InitiativeDraft],
    closures: Mapping[str, frozenset[str]],
    findings: Findings,
) -> None:
    """Report where the initiatives that must be selected cost more than there is of a resource, with the ways out."""
    for resource, stated in scenario.capacities.items():
        capacity = capacity_left(stated, scenario.reserve)
        costs = {
            key: (by_key[key].tokens or 0.0) if resource == TOKENS else by_key[key].costs.get(resource, 0.0)
            for key in needs
        }
        needed = total(costs.values())
        if stays_within(needed, capacity):
            continue
        costly = sorted((key for key, cost in costs.items() if cost > 0), key=lambda key: by_key[key].row)
        column = "capacity_total_tokens" if resource == TOKENS else f"capacity: {resource}"
        findings.add(
            "mandatory_over_capacity",
            scenario.places.get(column, scenario.place),
            about=scenario,
            scenario=scenario.name,
            needed=shown_number(needed),
            resource=spoken_resource(resource, shown_number(needed)),
            capacity=shown_number(capacity),
            free=" beside the reserve" if scenario.reserve else "",
            keys=listing(costly, most=_NAMED),
            column=column,
            enough=shown_number(rounded_for_people(needed / (1 - scenario.reserve), upwards=True)),
            fewer=fewest_mandates(costs, closures, capacity),
        )


def fewest_mandates(costs: Mapping[str, float], closures: Mapping[str, frozenset[str]], capacity: float) -> str:
    """Which mandates to drop, so that the rest fits: any one of some that free enough, the least first; else several.

    Of several as few as possible, and of those the ones that free least; of very many mandates such as free most.
    `closures` has, for each initiative that is mandatory itself, all that must be selected because of it.
    """

    def left_without(dropped: Collection[str]) -> float:
        kept = frozenset[str]().union(*(needs for key, needs in closures.items() if key not in dropped))
        return total(costs[key] for key in kept)

    for size in range(1, len(closures) + 1):
        if comb(len(closures), size) > _MOST_SETS:
            break
        left = {dropped: left_without(dropped) for dropped in combinations(sorted(closures), size)}
        enough = sorted((out for out in left if stays_within(left[out], capacity)), key=lambda out: (-left[out], out))
        if enough:
            return listing([key for (key,) in enough[:_WAYS]], "or") if size == 1 else listing(enough[0], most=_NAMED)
    dropped: list[str] = []
    while not stays_within(left_without(dropped), capacity):
        others = [key for key in closures if key not in dropped]
        dropped.append(min(others, key=lambda key: (left_without([*dropped, key]), key)))
    return listing(dropped, most=_NAMED)
