"""The ranges of estimates that a changed number is outside of: where a question may leave them aside."""

from collections.abc import Collection, Iterator

from config.tabs import INITIATIVES
from sheets_sync.inputs.frames import Frame
from sheets_sync.run.named_initiative import cell_named
from sheets_sync.run.read_inputs import Reading

Place = tuple[str, int, int]
"""A tab's title, a row and a column."""

_ABOUT_RANGES = frozenset({"range_order", "range_without_estimate", "range_without_cost"})
_FAMILIES = (("low", "high"), ("cost_low", "cost_high"))
_OF_TOKENS = ("tokens_low", "tokens_high")


def broken_ranges(before: Reading, after: Reading, changed: Collection[Place]) -> Iterator[Place]:
    """The filled ends of each range that changes to other cells broke; none of a range of which an end was changed."""
    frame = after.checked.frames.get(INITIATIVES.name)
    known = {(issue.code, issue.place) for issue in before.checked.issues}
    for issue in after.checked.issues:
        if frame is None or issue.code not in _ABOUT_RANGES or (issue.code, issue.place) in known:
            continue
        place = cell_named(after.snapshot, issue.place)
        if place is None:
            continue
        title, row, column = place
        ends = [(title, row, number) for number in _ends(frame, column)]
        if not any(end in changed for end in ends):
            tab = after.snapshot.tabs[title]
            yield from (end for end in ends if not tab.cell(row, end[2]).is_blank)


def _ends(frame: Frame, column: int) -> list[int]:
    """The numbers of the columns that hold both ends of a range, by the number of one of them."""
    field = next((one for one in frame.fields.values() if one.number == column), None)
    if field is None:
        return []
    if field.family is None:
        return [frame.fields[name].number for name in _OF_TOKENS if name in frame.fields]
    families = next((pair for pair in _FAMILIES if field.family.name in pair), ())
    return [one.number for name in families for one in frame.family(name) if one.member == field.member]
