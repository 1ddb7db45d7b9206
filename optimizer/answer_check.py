"""The independent checker: a selection is measured from the plan alone before it may be called an answer."""

from optimizer.errors import DefectError
from optimizer.evaluate import Evaluation
from optimizer.portfolio import Portfolio
from optimizer.wording import listing, number

_OBJECTIVE_TOLERANCE = 1e-9


def check_selection(scenario: str, evaluation: Evaluation) -> None:
    """Raises DefectError where a selection breaks a rule or holds something that is no candidate."""
    if evaluation.strangers:
        raise DefectError(f"scenario {scenario!r}: selected, but no candidates: {listing(evaluation.strangers)}")
    if evaluation.violations:
        broken = [f"{v.rule.wording()} [off by {number(v.amount)}]" for v in evaluation.violations]
        raise DefectError(f"scenario {scenario!r}: the selection breaks {listing(broken)}")


def check_portfolio(portfolio: Portfolio, evaluation: Evaluation) -> None:
    """Raises DefectError where a portfolio disagrees with what its selection amounts to, or with its own proof.

    `evaluation` must be a fresh evaluation of the portfolio's selection from the plan.
    """
    check_selection(portfolio.scenario, evaluation)
    _agree(portfolio.scenario, "objective", portfolio.objective, evaluation.objective)
    for kpi, total in evaluation.kpi_totals.items():
        _agree(portfolio.scenario, f"total of {kpi}", portfolio.kpi_totals.get(kpi), total)
    if portfolio.targets != evaluation.targets:
        raise DefectError(f"scenario {portfolio.scenario!r}: the targets do not follow from the selection")
    if portfolio.selected != evaluation.selected:
        raise DefectError(f"scenario {portfolio.scenario!r}: the selection is not in the order of the plan")
    if portfolio.starts != evaluation.starts:
        raise DefectError(f"scenario {portfolio.scenario!r}: the starts are not those of the selection")


def _agree(scenario: str, what: str, claimed: float | None, actual: float) -> None:
    if claimed is None or abs(claimed - actual) > _OBJECTIVE_TOLERANCE * max(1.0, abs(actual)):
        raise DefectError(f"scenario {scenario!r}: {what} is claimed to be {claimed}, but the selection gives {actual}")
