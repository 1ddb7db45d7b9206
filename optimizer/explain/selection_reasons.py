"""Why each candidate is in or out of a portfolio, in a few words that are true: facts of plan and answer, no solver.

Every rule says for itself which initiatives it asks for or keeps out; what is added here is what no rule decides. The
first of all reasons counts (`optimizer.rules.reasons`):

    selected      mandatory; bundled with a mandatory one; needed by such; on merit, and needed by what or for which
                  share or count; for the sake of a rule or goal
    not selected  left out; needs, excludes or varies another; adds nothing; does not fit; would break a floor; worse
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from optimizer.plan import Initiative, Plan
from optimizer.portfolio import Portfolio
from optimizer.rules.reasons import FOR_A_BOUND, Facts, In, Out, Reason
from optimizer.rules.rule import Rule
from optimizer.wording import few

MERIT = "on merit"
"""Selected, and no rule asked for it."""
MOST_FIGURES = 3
"""So much of what an initiative lacks is said."""
NO_DIFFERENCE = "as good with it as without it"
"""Selected by the order of ties alone."""


def selection_reasons(
    plan: Plan, rules: Collection[Rule], portfolio: Portfolio, worth: Callable[[str, int], float] | None = None
) -> Mapping[str, str]:
    """One short reason for every candidate of the portfolio's scenario; empty where there is no portfolio.

    Over several periods `worth` is the score of an initiative at a start.
    """
    if not portfolio.status.has_portfolio:
        return {}
    candidates = plan.candidates(plan.scenario(portfolio.scenario))
    facts = _facts(plan, candidates, rules, portfolio)
    found: dict[str, list[Reason]] = defaultdict(list)
    for rule in rules:
        for reason in (*rule.why_in(facts), *rule.why_out(facts)):
            found[reason.initiative].append(reason)
    for reason in _without_a_start(facts, rules, portfolio.horizon, worth):
        found[reason.initiative].append(reason)
    tied = {key for rule in rules for key in rule.ties()}
    for key in portfolio.scores:
        if key in facts.selected:
            found[key] += _why_in(plan.initiative(key), portfolio)
        else:
            found[key] += _why_out(key, portfolio, is_tied=key in tied)
    return {initiative.key: _first(found[initiative.key]) for initiative in candidates}


def _facts(plan: Plan, candidates: Sequence[Initiative], rules: Collection[Rule], portfolio: Portfolio) -> Facts:
    selected = portfolio.selection
    scenario = plan.scenario(portfolio.scenario)
    demanded = frozenset(key for rule in rules for key in rule.demands())
    ratios = {i.key: portfolio.scores.get(i.key, 0.0) / i.tokens if i.tokens else 0.0 for i in candidates}
    on_merit = (ratios[key] for key in portfolio.selected if key not in demanded and ratios[key] > 0)
    return Facts(
        selected=selected,
        left_out={i.key: i for i in candidates if i.key not in selected},
        demanded=demanded,
        ratios=ratios,
        least_ratio=min(on_merit, default=0.0),
        starts={i.key: plan.starts(scenario, i) for i in candidates} if portfolio.horizon else {},
    )


def _without_a_start(
    facts: Facts, rules: Collection[Rule], horizon: Sequence[str], worth: Callable[[str, int], float] | None
) -> Iterator[Reason]:
    """Over several periods: what fits in no period, or only too late, though no single rule keeps it out of all."""
    if not horizon:
        return
    obstacles: dict[tuple[str, int], str] = {}
    for rule in rules:
        for at in rule.blocks(facts):
            obstacles.setdefault(at, rule.obstacle())
    for key in facts.left_out:
        starts = facts.starts_of(key)
        if not starts:
            yield Reason(key, Out.FORBIDDEN, f"cannot be finished between {horizon[0]} and {horizon[-1]}")
            continue
        words = list(dict.fromkeys(obstacles[key, start] for start in starts if (key, start) in obstacles))
        fitting = [start for start in starts if (key, start) not in obstacles]
        if not fitting:
            alone = [next((rule for rule in rules if rule.forbids(key, start)), None) for start in starts]
            against = dict.fromkeys(rule.obstacle() for rule in alone if rule is not None)
            if all(alone):
                yield Reason(key, Out.NO_ROOM, f"fits in no period, even alone: {few(list(against))}")
            else:
                yield Reason(key, Out.NO_ROOM, f"fits in no period beside those selected: {few(words)}")
        elif words and worth is not None and all(worth(key, start) <= 0 for start in fitting):
            yield Reason(key, Out.NO_ROOM, f"does not fit early enough to count: {few(words)}")


def _why_in(initiative: Initiative, portfolio: Portfolio) -> Iterable[Reason]:
    score = portfolio.scores[initiative.key]
    if score > 0:
        yield Reason(initiative.key, In.MERIT, MERIT)
    moved = {kpi for kpi, amount in initiative.contributions.items() if amount}
    counts = any(outcome.target.kpi in moved for outcome in portfolio.targets)
    counts = counts or any(one.earned and initiative.key in one.synergy.members for one in portfolio.synergies)
    yield Reason(initiative.key, In.OTHERWISE, FOR_A_BOUND if score or counts else NO_DIFFERENCE)


def _why_out(key: str, portfolio: Portfolio, *, is_tied: bool) -> Iterable[Reason]:
    if not is_tied and portfolio.scores[key] <= 0:
        yield Reason(key, Out.WORTHLESS, "adds nothing to the objective")
    if portfolio.targets:
        yield Reason(key, Out.COSTS_A_TARGET, "fits, but would cost a target")
    yield Reason(key, Out.OTHERWISE, "fits, but the selection as a whole brings more")


def _first(reasons: Sequence[Reason]) -> str:
    """The reason of the first rank, and of several the one found first; the same words are said once, with all keys.

    What does not fit lacks room in one resource or in several: all that it lacks is said.
    """
    first = min(reasons, key=lambda reason: reason.rank)
    if first.rank is In.MERIT and (needs := [reason for reason in reasons if reason.rank is In.NEEDED]):
        return f"{first.words}, and {_first(needs)}"
    alike = [reason for reason in reasons if reason.words == first.words]
    if first.figures:
        lacking = list(dict.fromkeys(reason.figures for reason in alike))
        more = [f"{len(lacking) - MOST_FIGURES} more"] if len(lacking) > MOST_FIGURES else []
        return f"{first.words} {', and '.join([*lacking[:MOST_FIGURES], *more])}"
    others = dict.fromkeys(key for reason in alike for key in reason.others)
    return f"{first.words} {few(list(others))}" if others else first.words
