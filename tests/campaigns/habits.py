"""Right sheets, written as people write them: the answer stays the same, or the run says what is unclear.

`make campaign NAME=habits ARGS="1000 7"` tries a thousand sheets with the seed 7 and prints the counts.
"""

import sys
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from openpyxl.utils.cell import coordinate_to_tuple

from config.names import fold_key
from optimizer import solve_plan
from sheets_sync.checks import check
from sheets_sync.workbook.snapshot import Cell, CellKind, Snapshot
from tests.campaigns.right_sheets import Drawn, Line, Meaning, best_portfolio, draw, lay_out, random_meaning

YES, NO = ("yes", "Y", "x", "✓", "TRUE", "ja", "WAHR", "Oui"), ("no", "N", "✗", "FALSE", "nein", "FAUX", "-")
PERIOD_SPELLINGS = ("{y}-Q{q}", "Q{q} {y}", "{y}Q{q}", "{q}Q{s}", "Q{q}/{s}", "{y}\u2013Q{q}", "{y} q{q}", "Q{q}-{y}")
RENAMES = {
    "initiative_key": ("Key", "Ticket", "ID#", "Initiative Key *"),
    "title": ("Name", "Summary"),
    "engineering_tokens": ("Effort", "Effort (days)", "Story Points", "Tokens [pts]"),
    "department": ("Team", "TEAM", "Department"),
    "gmv": ("GMV", "GMV (£)", "contribution: gmv"),
    "period_key": ("Quarter", "Period", "Period_Key"),
    "is_candidate": ("Candidate?", "candidate"),
    "is_mandatory": ("Mandatory", "Must have"),
    "prerequisite_keys": ("Depends on", "Dependencies"),
}


def subtotals(drawn: Drawn, rng: Random) -> None:
    """A row of totals below each team, by formulas, with or without a word for it."""
    lines: list[Line] = []
    block: list[Line] = []
    for line, after in zip(drawn.lines, [*drawn.lines[1:], None], strict=True):
        lines.append(line)
        block.append(line)
        if line.is_entry and (after is None or after.values.get("department") != line.values["department"]):
            team = line.values["department"]
            name = rng.choice([f"Subtotal {team}", f"{team} total", "Sum", f"All of {team}"])
            members = block[next(n for n, one in enumerate(block) if one.is_entry) :]
            lines.append(Line({"initiative_key": name}, sums=members))
            block = []
    drawn.lines = lines


def total_by_value(drawn: Drawn, rng: Random) -> None:
    """A total over all, typed as numbers."""
    values: dict[str, Any] = {"initiative_key": rng.choice(["Total", "TOTAL:", "Grand total", "Summe"])}
    for name in ("engineering_tokens", "gmv"):
        values[name] = sum(line.meant[name] for line in drawn.entries)
    drawn.lines.append(Line(values))


def headings(drawn: Drawn, rng: Random) -> None:
    """A heading above each team, in one of the two columns that name a row, now and then with a 0."""
    column, effort = rng.choice(["initiative_key", "title"]), rng.choice([None, None, 0])
    lines: list[Line] = []
    team = None
    for line in drawn.lines:
        if line.is_entry and line.values["department"] != team:
            team = line.values["department"]
            lines.append(Line({column: f"{team} bets".upper(), "engineering_tokens": effort}))
        lines.append(line)
    drawn.lines = lines


def merged_teams(drawn: Drawn, rng: Random) -> None:
    """The cells of a team are merged."""
    drawn.merged_teams = True


def words_for_boxes(drawn: Drawn, rng: Random) -> None:
    """Words instead of check boxes."""
    for line in drawn.entries:
        for name in ("is_candidate", "is_mandatory"):
            line.values[name] = rng.choice(YES if line.values[name] else NO)


def period_spellings(drawn: Drawn, rng: Random) -> None:
    """Each period in a spelling of its own."""
    places = [(line.values, "period_key") for line in drawn.entries] + [(drawn.scenario, "period")]
    for values, name in places:
        if values[name] is not None:
            year, quarter = str(values[name]).split("-Q")
            values[name] = rng.choice(PERIOD_SPELLINGS).format(y=year, q=quarter, s=year[2:])


def percent_cells(drawn: Drawn, rng: Random) -> None:
    """Shares are shown as percentages."""
    for line in drawn.entries:
        value = line.values["retention_30d"]
        if value is not None:
            line.values["retention_30d"] = Cell(CellKind.NUMBER, value, f"{value:.1%}", format="0.0%")


def currency_cells(drawn: Drawn, rng: Random) -> None:
    """Money is shown with its sign."""
    drawn.unit = rng.choice(["GBP", "£", "gbp"])
    for line in drawn.lines:
        value = line.values.get("gmv")
        if isinstance(value, int):
            line.values["gmv"] = Cell(CellKind.NUMBER, value, f"£{value:,}", format="[$£-809]#,##0")


def number_as_text(drawn: Drawn, rng: Random) -> None:
    """One number is text."""
    line, name = rng.choice(drawn.entries), rng.choice(["engineering_tokens", "gmv"])
    line.values[name] = rng.choice(["{}", "{:,}", "£{}", "{} pts", "'{}"]).format(line.meant[name])


def table_to_the_right(drawn: Drawn, rng: Random) -> None:
    """Another table beside the list."""
    drawn.right = [["Crew", "People"], *([team, number] for number, team in enumerate(["Growth", "Core", "Data"], 2))]


def table_below(drawn: Drawn, rng: Random) -> None:
    """Another table below the list."""
    drawn.below = [["Crew", "People"], ["Growth", 4], ["Core", 3]]


def renamed_headers(drawn: Drawn, rng: Random) -> None:
    """Headers with other words, units and decoration."""
    for name in rng.sample(sorted(RENAMES), rng.randint(1, len(RENAMES))):
        drawn.headers[name] = rng.choice(RENAMES[name])


def blank_rows(drawn: Drawn, rng: Random) -> None:
    """Blank rows between the others."""
    for _ in range(rng.randint(1, 4)):
        drawn.lines.insert(rng.randint(0, len(drawn.lines)), Line({"is_candidate": rng.choice([None, False])}))


def notes(drawn: Drawn, rng: Random) -> None:
    """A column of notes, and a remark below the list."""
    drawn.headers["notes"] = "Notes"
    drawn.columns.append("notes")
    for line in drawn.entries:
        line.values["notes"] = rng.choice([None, "ask finance", "20% sure", "total of two teams", 3])
    drawn.below = drawn.below or [["Source: finance, 3 July"]]


def title_block(drawn: Drawn, rng: Random) -> None:
    """A title above the header row."""
    drawn.above = [["Roadmap H2 2026"], [None, "Draft - do not share"], []][: rng.randint(1, 3)]


def other_order(drawn: Drawn, rng: Random) -> None:
    """Columns in another order."""
    rng.shuffle(drawn.columns)


def other_spellings_of_keys(drawn: Drawn, rng: Random) -> None:
    """References and teams with other dashes, blanks, case and invisible characters."""
    for line in drawn.entries:
        for name in ("prerequisite_keys", "exclusion_keys", "department", "variant_of"):
            if line.values[name] is not None:
                line.values[name] = _respelled(str(line.values[name]), rng)
    for rule in drawn.rules:
        rule[2] = _respelled(str(rule[2]), rng)


def _respelled(text: str, rng: Random) -> str:
    text = text.replace("-", rng.choice("-\u2010\u2011\u2013\u2212")).replace(" ", rng.choice(" \u00a0\u202f"))
    text = rng.choice([text, text.lower(), text.upper()])
    at = rng.randint(0, len(text))
    return rng.choice(["", " "]) + text[:at] + rng.choice(["", "", "\u200b", "\u2066", "\u00ad", "\ufe0f"]) + text[at:]


HABITS: tuple[Callable[[Drawn, Random], None], ...] = (
    # Those that change cells come before those that put rows between them.
    words_for_boxes, period_spellings, percent_cells, currency_cells, number_as_text, renamed_headers, title_block,
    table_to_the_right, table_below, notes, other_order, merged_teams, headings, subtotals, total_by_value, blank_rows,
    other_spellings_of_keys,
)  # fmt: skip


def untick(meaning: Meaning, best: frozenset[str], rng: Random) -> None:
    """A selected initiative is no candidate any more."""
    free = [entry for entry in meaning.entries if entry.key in best and not entry.is_mandatory]
    for entry in free[:1]:
        entry.is_candidate = False


def other_number(meaning: Meaning, best: frozenset[str], rng: Random) -> None:
    """What is not selected brings ten times as much."""
    for entry in [entry for entry in meaning.entries if entry.key not in best][:1]:
        entry.gmv *= 10


def no_cap(meaning: Meaning, best: frozenset[str], rng: Random) -> None:
    """A cap is taken away, or the capacity doubled where there is none."""
    if meaning.caps:
        meaning.caps.popitem()
    else:
        meaning.capacity *= 2


CHANGES = (untick, other_number, no_cap)


@dataclass(frozen=True)
class Try:
    """One sheet: the habits in it, and what came out (``same``, ``unclear``, ``different but reported``, ``wrong``)."""

    habits: tuple[str, ...]
    outcome: str
    expected: frozenset[str]
    got: frozenset[str] | None
    issues: tuple[str, ...]
    is_changed: bool

    @property
    def errors(self) -> set[str]:
        """The codes of its errors."""
        return {issue.rpartition("[")[2].rstrip("]") for issue in self.issues if issue.startswith("error")}


def try_one(seed: int) -> Try:
    """One random sheet; every third has its meaning changed in a known way, with another best portfolio if possible."""
    rng = Random(seed)
    meaning = random_meaning(rng)
    while (best := best_portfolio(meaning)) is None:
        meaning = random_meaning(rng)
    is_changed = False
    if seed % 3 == 0:
        changed = deepcopy(meaning)
        rng.choice(CHANGES)(changed, best, rng)
        other = best_portfolio(changed)
        if other is not None and other != best:
            meaning, best, is_changed = changed, other, True
    drawn = draw(meaning)
    chosen = sorted(rng.sample(range(len(HABITS)), rng.randint(1, 5)))
    for number in chosen:
        HABITS[number](drawn, rng)
    names = tuple(HABITS[number].__name__ for number in chosen)
    return replace(_judge(lay_out(drawn), best), habits=names, is_changed=is_changed)


def _judge(book: Snapshot, expected: frozenset[str]) -> Try:
    result = check(book)
    issues = tuple(f"{issue.severity} {issue}" for issue in result.issues)
    rows = {coordinate_to_tuple(issue.cell)[0] for issue in result.issues if issue.cell is not None}
    if result.plan is None:
        is_named = any(issue.severity == "error" and issue.cell is not None for issue in result.issues)
        return Try((), "unclear" if is_named else "wrong", expected, None, issues, False)
    portfolio = solve_plan(result.plan)[0]
    got = frozenset(getattr(portfolio, "selected", ()))
    if {fold_key(key) for key in got} == {fold_key(key) for key in expected}:
        return Try((), "same", expected, got, issues, False)
    return Try((), "different but reported" if rows else "wrong", expected, got, issues, False)


def main(arguments: list[str]) -> int:
    """Try so many sheets and print the counts; 1 where a portfolio differs and no error stopped it."""
    count, seed = (int(text) for text in [*arguments, *("1000", "0")[len(arguments) :]][:2])
    tries = [(number, try_one(number)) for number in range(seed * count, seed * count + count)]
    for is_changed, title in ((False, "Meaning unchanged"), (True, "Meaning changed in a known way")):
        outcomes = Counter(one.outcome for _, one in tries if one.is_changed is is_changed)
        print(f"{title}: {outcomes.total()} sheets; {', '.join(f'{n} {name}' for name, n in outcomes.most_common())}")
    for name in (habit.__name__ for habit in HABITS):
        outcomes = Counter(one.outcome for _, one in tries if name in one.habits)
        print(f"  {name}: {', '.join(f'{n} {outcome}' for outcome, n in outcomes.most_common())}")
    reasons = Counter(code for _, one in tries if one.outcome == "unclear" for code in one.errors)
    print(f"Unclear because of: {', '.join(f'{code} {n}' for code, n in reasons.most_common())}")
    bad = [(number, one) for number, one in tries if one.outcome not in ("same", "unclear")]
    for number, one in bad[:20]:
        print(number, one.outcome, one.habits, "expected", sorted(one.expected), "got", sorted(one.got or ()))
        print("".join(f"    {issue}\n" for issue in one.issues[:6]), end="")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
