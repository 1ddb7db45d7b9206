"""What the opposite of a decision comes to, in words that a person can check against the sheet."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from config.units import amount_of
from optimizer.plan import ObjectiveMode
from optimizer.portfolio import Edge, Portfolio, Price
from optimizer.wording import few
from sheets_sync.report.people_words import Words, north_star_of, part_of_mix

TOO_MUCH = "its price takes more work than a run has (see sheetplan explain)"


@dataclass(frozen=True)
class PriceWords:
    """The price of one decision: `loss` and who changes, where a contribution turns it, and both in `short`.

    `short` has several forms, from the fullest to the briefest.
    """

    loss: str
    turning: str
    short: tuple[str, ...]


def price_in_words(words: Words, portfolio: Portfolio, key: str) -> PriceWords | None:
    """The price of a decision of a scenario's answer; None where none was asked for."""
    price = portfolio.prices.get(key)
    if price is None:
        return None
    if not price.is_proven:
        return PriceWords(TOO_MUCH, "", (TOO_MUCH,))
    is_selected = key in portfolio.selected
    without = "without it" if is_selected else "with it"
    if not price.is_possible:
        loss = f"no plan {without} keeps every rule"
        return PriceWords(loss, "", (loss,))
    losses = _losses(words, portfolio, price, without)
    whole, brief = _with_moves("; ".join(losses), _moves(price)), _with_moves(losses[0], _moves(price, most=1))
    if price.edge is None:
        return PriceWords(whole, "", (brief, losses[0]))
    now = f" (now {words.amount(price.edge.now, price.edge.kpi)})"
    turning = _turning(words, price.edge, is_selected=is_selected)
    forms = (f"{brief}; {turning}", f"{losses[0]}; {turning}", brief, losses[0])
    return PriceWords(whole, turning + now, forms)


def _with_moves(loss: str, moves: Iterable[str]) -> str:
    changes = ", ".join(moves)
    return f"{loss} ({changes})" if changes else loss


def _losses(words: Words, portfolio: Portfolio, price: Price, without: str) -> list[str]:
    """What gets worse, the most important first: goals where they come first, else the objective."""
    worse = list(_worse_targets(words, price))
    if worse and words.plan.scenario(portfolio.scenario).objective_mode is ObjectiveMode.LEXICOGRAPHIC:
        return [f"{without} {worse[0]}", *worse[1:]]
    return [_objective_loss(words, portfolio, price, without), *worse]


def _objective_loss(words: Words, portfolio: Portfolio, price: Price, without: str) -> str:
    scenario = words.plan.scenario(portfolio.scenario)
    change = price.objective_change or 0.0
    if not change:
        return f"as good {without}"
    word = "less" if change < 0 else "more"
    north_star = None if scenario.uses_weights else north_star_of(words.plan, scenario.name)
    if north_star is not None:
        return f"{without} {words.amount(abs(change), north_star)} {word} {words.kpi(north_star)}"
    base = abs(portfolio.objective or 0.0)
    return f"{without} {part_of_mix(abs(change), base)} {word} of the mix"


def _worse_targets(words: Words, price: Price) -> Iterator[str]:
    for before, after in price.targets_worse:
        kpi = words.plan.kpi(after.target.kpi)
        also = f" instead of {amount_of(before.shortfall, kpi)}" if before.shortfall else ""
        where = f" for {after.target.slice.key}" if after.target.slice is not None else ""
        yield f"the target for {words.kpi(kpi.key)}{where} missed by {amount_of(after.shortfall, kpi)}{also}"


def _moves(price: Price, most: int | None = None) -> Iterator[str]:
    for keys, word in ((price.came_in, "in"), (price.went_out, "out")):
        if keys:
            yield f"{_listed(keys, most)} {word}"


def _listed(keys: Sequence[str], most: int | None) -> str:
    if most is None or len(keys) <= most:
        return few(list(keys))
    return f"{', '.join(keys[:most])} + {len(keys) - most}"


def _turning(words: Words, edge: Edge, *, is_selected: bool) -> str:
    kpi = words.plan.kpi(edge.kpi)
    return f"{'drops out' if is_selected else 'comes in'} at {words.kpi(kpi.key)} {amount_of(edge.turns_at, kpi)}"
