"""Periods of initiatives that no scenario asks for, or that lack the year which the others have."""

from collections.abc import Sequence

from sheets_sync.checks.drafts import InitiativeDraft, ScenarioDraft
from sheets_sync.checks.issue_collector import Findings
from sheets_sync.checks.tab_reader import TabReader


def report_period_use(
    reader: TabReader, drafts: Sequence[InitiativeDraft], scenarios: Sequence[ScenarioDraft], findings: Findings
) -> None:
    """Each such period once, at the first row that has it, with how many initiatives it keeps out."""
    by_period: dict[str, list[InitiativeDraft]] = {}
    for draft in drafts:
        if draft.period is not None and draft.is_candidate:
            by_period.setdefault(draft.period, []).append(draft)
    meanings = [*(draft.meaning for draft in drafts), *(scenario.meaning for scenario in scenarios)]
    has_years = any(meaning is not None and meaning.year is not None for meaning in meanings)
    asks_for_all = any(scenario.period is None and not scenario.horizon for scenario in scenarios)
    for period, members in by_period.items():
        first = members[0]
        place = reader.place(first.row, "period_key")
        if has_years and first.meaning is not None and first.meaning.year is None:
            findings.add("period_without_year", place, value=period)
        if scenarios and not asks_for_all and not any(first.is_in(scenario) for scenario in scenarios):
            count = "1 initiative" if len(members) == 1 else f"{len(members)} initiatives"
            take = "takes" if len(members) == 1 else "take"
            findings.add("period_not_asked_for", place, value=period, count=count, take=take)
