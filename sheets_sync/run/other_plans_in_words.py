"""Other plans as a table and sentences for people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from optimizer.plan import ObjectiveMode
from optimizer.studies.alternatives import Alternatives, OtherPlan, share_of_plans
from optimizer.studies.study import Study
from sheets_sync.run.decisions_in_words import exchange_words, objective_words, target_changes, titled_keys

TITLED = 4
"""Up to so many initiatives are named with their titles."""


@dataclass(frozen=True)
class OtherPlanRow:
    """A line of the table: what the plan is, what it costs against the answer, and what is in or out."""

    label: str
    against: str
    came_in: Sequence[str]
    went_out: Sequence[str]


def other_plan_rows(study: Study, found: Alternatives) -> Iterator[OtherPlanRow]:
    """Each next best plan with its place, then each different one with how far it is from those above."""
    for place, other in enumerate(found.next_best, start=2):
        yield _row(study, f"{place}{_ordinal(place)} best", other)
    for other in found.different:
        yield _row(study, f"{other.differences} different from all above", other)


def _row(study: Study, label: str, other: OtherPlan) -> OtherPlanRow:
    targets, worth = (
        target_changes(study, study.answer.targets, other.portfolio.targets),
        objective_words(study, other.objective_change),
    )
    is_lexicographic = study.scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC
    # What the scenario puts first comes first.
    parts = [*targets, worth] if is_lexicographic else [worth, *targets]
    doubt = "" if other.is_proven else " (as far as time allowed)"
    return OtherPlanRow(label, "; ".join(parts) + doubt, other.came_in, other.went_out)


def _ordinal(place: int) -> str:
    if place % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")


def other_plan_lines(study: Study, found: Alternatives) -> Iterator[str]:
    """The table and the sentences below it, line by line."""
    for row in other_plan_rows(study, found):
        yield f"{row.label}: {row.against}; {exchange_words(row.came_in, row.went_out)}."
    yield from other_plan_sentences(study, found)


def other_plan_sentences(study: Study, found: Alternatives) -> Iterator[str]:
    """Which plans are all there are, and which picks hold in every plan that is listed."""
    if found.is_stopped:
        yield "Stopped before it was complete: further plans were not looked for."
    if found.is_all:
        count = len(found.next_best)
        yield f"There is no other plan than these {count + 1}." if count else "There is no other plan than the answer."
    elif found.is_all_within:
        yield f"Every plan within {100 * found.within:.3g}% of the best is listed."
    if not found.plans:
        return
    shares = share_of_plans(study.answer, found.plans)
    always = [key for key, share in shares.items() if share == 1]
    sometimes = [key for key in shares if key not in always]
    count = len(found.plans) + 1
    if always:
        named = titled_keys(study.plan, always) if len(always) <= TITLED else ", ".join(always)
        yield f"In all {count} plans: {named}."
    if sometimes:
        by_share = sorted(sometimes, key=lambda key: -shares[key])
        words = [f"{key} ({round(shares[key] * count)} of {count})" for key in by_share]
        yield f"In some of them: {', '.join(words)}."
