"""Circles of prerequisites that rows of the Constraints tab close."""

from optimizer.plan import Prerequisite, rules_of_kind
from sheets_sync.checks.context import CheckContext
from sheets_sync.checks.drafts import Place, ScenarioDraft
from sheets_sync.checks.initiative_references import find_cycles, in_words
from sheets_sync.checks.row_scope import among


def check_scenario_cycles(context: CheckContext) -> None:
    """Report circles that need a scenario's own prerequisites; the others are reported on the Initiatives tab."""
    by_key = context.initiatives_by_key
    rows = {key: draft.prerequisites for key, draft in by_key.items()}
    reported: dict[tuple[str, frozenset[str]], list[ScenarioDraft]] = {}
    words: dict[tuple[str, frozenset[str]], str] = {}
    for scenario in context.scenarios:
        prerequisites = rules_of_kind(scenario.rules, Prerequisite)
        if not prerequisites:
            continue
        edges: dict[str, list[str]] = {key: list(keys) for key, keys in rows.items()}
        sources: dict[tuple[str, str], str] = {}
        for rule in prerequisites:
            edges[rule.initiative] += rule.requires
            sources |= {(rule.initiative, other): rule.source or "" for other in rule.requires}
        for cycle in find_cycles(edges):
            steps = zip(cycle, (*cycle[1:], cycle[0]), strict=True)
            source = next((sources[step] for step in steps if step in sources), None)
            if source is not None and any(by_key[key].takes_part_in(scenario) for key in cycle):
                reported.setdefault((source, frozenset(cycle)), []).append(scenario)
                words[source, frozenset(cycle)] = in_words(cycle)
    for (source, members), touched in reported.items():
        about = touched[0] if len(touched) == 1 else None
        place = Place.parse(source)
        context.findings.add("prerequisite_cycle", place, among(touched), about=about, cycle=words[source, members])
