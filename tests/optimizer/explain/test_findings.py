"""What is said about a scenario beside its answer."""

from optimizer import solve_scenario
from optimizer.plan import Normalization, ObjectiveMode, Plan
from optimizer.portfolio import Finding
from tests.optimizer.plans import CONVERSION, GMV, RETENTION, initiative, plan, scenario

WEIGHTED = ObjectiveMode.WEIGHTED_KPIS


def findings(asked: Plan, code: str) -> list[Finding]:
    return [finding for finding in solve_scenario(asked, "S").findings if finding.code == code]


def drowned(**fields: object) -> Plan:
    """GBP against a fraction: room for one of two."""
    return plan(
        [initiative("A", gmv=90000.0), initiative("B", gmv=80000.0, retention_30d=0.015)],
        scenario(WEIGHTED, 1.0, **{"weights": {"gmv": 1.0, "retention_30d": 0.4}, **fields}),
    )


def test_drowned_weight_is_reported_with_its_share_and_cure() -> None:
    (finding,) = findings(drowned(), "weight_without_effect")
    assert finding.kpi == "retention_30d"
    assert finding.figures == {"share": 0.0, "weight": 0.4, "largest_effect": 0.006, "cure": "normalization ideal"}


def test_cure_is_scale_where_the_kpis_have_one() -> None:
    kpis = (GMV.model_copy(update={"scale": 1e5}), RETENTION.model_copy(update={"scale": 0.01}), CONVERSION)
    asked = drowned()
    (finding,) = findings(
        Plan(kpis=kpis, initiatives=asked.initiatives, scenarios=asked.scenarios), "weight_without_effect"
    )
    assert finding.figures["cure"] == "normalization scale"


def test_small_weight_that_decides_a_tie_is_not_called_idle() -> None:
    """The share is as small, but it does change the decision."""
    asked = plan(
        [initiative("A", gmv=80000.0), initiative("B", gmv=80000.0, retention_30d=0.015)],
        scenario(WEIGHTED, 1.0, weights={"gmv": 1.0, "retention_30d": 0.4}),
    )
    assert solve_scenario(asked, "S").selected == ("B",)
    assert findings(asked, "weight_without_effect") == []


def test_weight_that_could_matter_is_not_called_idle() -> None:
    assert findings(drowned(normalization=Normalization.IDEAL), "weight_without_effect") == []


def test_weight_on_a_kpi_that_nothing_moves_is_not_called_drowned() -> None:
    assert findings(drowned(weights={"gmv": 1.0, "churn": 1.0}), "weight_without_effect") == []


def test_weight_that_the_cure_would_not_help_is_not_told() -> None:
    """A is better by either KPI: with any normalization it is selected."""
    asked = plan(
        [initiative("A", gmv=90000.0, retention_30d=0.02), initiative("B", gmv=80000.0, retention_30d=0.015)],
        scenario(WEIGHTED, 1.0, weights={"gmv": 1.0, "retention_30d": 0.4}),
    )
    assert findings(asked, "weight_without_effect") == []


def test_normalization_of_a_single_kpi_is_idle() -> None:
    found = findings(drowned(weights={"gmv": 1.0}, normalization=Normalization.IDEAL), "normalization_without_effect")
    assert found == [Finding("normalization_without_effect", None, {"normalization": "ideal"})]


def test_findings_are_left_out_where_they_are_not_wanted() -> None:
    assert solve_scenario(drowned(), "S", explain=False).findings == ()
