"""What a change would do, in lines for people."""

from collections.abc import Iterator

from sheets_sync.outcome import brief_status
from sheets_sync.run.decisions_in_words import changed_figures, moved_starts, titled_keys
from sheets_sync.run.what_if import WhatIf


def change_lines(found: WhatIf) -> Iterator[str]:
    """Each change that was asked for."""
    for line in found.changes:
        yield f"What if {line}"


def effect_lines(found: WhatIf) -> Iterator[str]:
    """The scenario before and after; where both have an answer, what comes in, drops out and moves."""
    before, after = found.scenarios
    yield f"Before: {brief_status(before, found.before.plan)}"
    yield f"After:  {brief_status(after, found.after.plan)}"
    plan, was, would_be = found.after.plan, before.portfolio, after.portfolio
    if plan is None or was is None or would_be is None or not (before.solved and after.solved):
        return
    for label, keys in (("In", found.came_in), ("Out", found.went_out)):
        yield f"{label}: {titled_keys(plan, keys) or 'nothing'}"
    yield from moved_starts(was, would_be)


def figures(found: WhatIf) -> Iterator[tuple[str, str, str, str]]:
    """Each total and use of a resource: name, before, after, change; none where one of the answers is missing."""
    before, after = found.scenarios
    plan, was, would_be = found.after.plan, before.portfolio, after.portfolio
    if plan is not None and was is not None and would_be is not None and before.solved and after.solved:
        yield from changed_figures(plan, was, would_be)
