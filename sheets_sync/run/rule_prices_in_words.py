"""Prices of rules as a table and sentences for people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from optimizer.portfolio import Status
from optimizer.studies.rule_prices import RulePrice, RulePrices
from optimizer.studies.study import Study
from sheets_sync.run.decisions_in_words import exchange_words, objective_words, target_changes


@dataclass(frozen=True)
class RulePriceRow:
    """A line of the table: the rule, what the best plan without it brings, and what is in or out of that plan."""

    rule: str
    without: str
    came_in: Sequence[str]
    went_out: Sequence[str]


def rule_price_rows(study: Study, found: RulePrices) -> Iterator[RulePriceRow]:
    """The rules that cost something, the dearest first, then all together."""
    priced = [one for one in found.rules if not one.changes_nothing]
    gain = study.objective.sign
    for one in sorted(priced, key=lambda price: -gain * (price.objective_change or 0.0)):
        yield RulePriceRow(one.rule.wording, _words(study, one), one.came_in, one.went_out)
    if found.together is not None and not found.together.changes_nothing:
        together = found.together
        yield RulePriceRow("all of them together", _words(study, together), together.came_in, together.went_out)


def equal_share_rows(study: Study, found: RulePrices) -> Iterator[RulePriceRow]:
    """What an equal share for each team would cost."""
    for one in found.equal_shares:
        words = _words(study, one) if not one.changes_nothing else "nothing: the plan keeps it already"
        yield RulePriceRow(one.rule.wording, words, one.came_in, one.went_out)


def rule_price_lines(study: Study, found: RulePrices) -> Iterator[str]:
    """The tables and the sentences between them, line by line."""
    for row in rule_price_rows(study, found):
        yield f"Without {row.rule}: {row.without}; {exchange_words(row.came_in, row.went_out)}."
    yield from rule_price_sentences(found)
    for row in equal_share_rows(study, found):
        yield f"With {row.rule}: {row.without}; {exchange_words(row.came_in, row.went_out)}."


def rule_price_sentences(found: RulePrices) -> Iterator[str]:
    """How many prices are missing because somebody ended the study, and the rules that cost nothing."""
    if found.missing:
        others = "1 other price was" if found.missing == 1 else f"{found.missing} other prices were"
        yield f"Stopped before it was complete: {others} not found."
    if not found.rules and not found.missing:
        yield "The scenario has no rules but its capacities."
        return
    free = [one.rule.wording for one in found.rules if one.changes_nothing and one.objective_change is not None]
    if free:
        yield f"Cost nothing: {'; '.join(free)}."


def _words(study: Study, one: RulePrice) -> str:
    if one.objective_change is None:
        return "no plan keeps every rule" if one.portfolio.status is Status.INFEASIBLE else "not found in time"
    parts = [objective_words(study, one.objective_change), *target_changes(study, study.answer.targets, one.targets)]
    return "; ".join(parts) + ("" if one.is_proven else " (as far as time allowed)")
