"""Model files: other programs read them, and find the objective that the run reported."""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import highspy
import pytest

from optimizer import solve_plan
from optimizer.plan import Normalization, ObjectiveMode, Plan, Synergy, Target
from optimizer.portfolio import Portfolio, Status
from optimizer.solvers.cbc import cbc_path
from sheets_sync.outcome import RunFacts, RunOutcome, ScenarioOutcome
from sheets_sync.run.model_files import ModelFormat, write_models
from tests.optimizer.plans import initiative, plan, scenario

MOMENT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
FACTS = RunFacts("20260105T090000Z-00000000", "plan.xlsx", MOMENT, MOMENT, "cli", "", "f" * 64, "1")

WEIGHTED = scenario(
    ObjectiveMode.WEIGHTED_KPIS,
    9.0,
    name="Weighted",
    weights={"gmv": 1.0, "churn": 0.5},
    normalization=Normalization.IDEAL,
    rules=(Synergy(members=("PAY-1", "PAY_1"), kpi="gmv", value=20.0),),
)
NORTH = scenario(capacity=9.0, name="Größte Wirkung / 2026")
LOWER = scenario(capacity=9.0, name="Lower", north_star="churn")
GOALS = scenario(
    ObjectiveMode.LEXICOGRAPHIC,
    9.0,
    name="Goals",
    targets=(Target(kpi="churn", value=-9.0), Target(kpi="retention_30d", value=0.05)),
    target_priorities=(("churn",), ("retention_30d",)),
)
INITIATIVES = [
    initiative("PAY-1", 3.0, title="Wallets\nfor all", gmv=100.5, churn=-2.0, retention_30d=0.01),
    initiative("PAY_1", 4.0, title="Größe * \\ " + "long " * 60, gmv=80.0, churn=-3.0, retention_30d=0.02),
    initiative("B", 5.0, gmv=120.0, churn=1.0),
    initiative("C", 2.0, gmv=1 / 3, churn=-2.5, retention_30d=0.004),
    initiative("Z", 1.0, prerequisite_keys=("B",), exclusion_keys=("C",), gmv=5.0),
]


def run_of(asked: Plan) -> RunOutcome:
    answers = solve_plan(asked)
    assert all(isinstance(answer, Portfolio) for answer in answers)
    scenarios = tuple(ScenarioOutcome(a.scenario, "", a) for a in answers if isinstance(a, Portfolio))
    return RunOutcome(FACTS, asked, scenarios, (), written=False)


def by_highs(path: Path) -> float | None:
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("mip_rel_gap", 0.0)
    # HiGHS keeps one scheduler per process and refuses another number of threads later.
    highs.setOptionValue("threads", 1)
    assert highs.readModel(str(path)) == highspy.HighsStatus.kOk
    highs.run()
    optimal = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return highs.getInfo().objective_function_value if optimal else None


def by_cbc(path: Path) -> float | None:
    """The best objective, from the first line of the solution that CBC writes."""
    solution = path.with_suffix(".solution")
    done = subprocess.run(
        [cbc_path(), str(path), "-ratioGap", "0", "-solve", "-solution", str(solution)],
        capture_output=True,
        text=True,
        check=True,
    )
    verdict = solution.read_text().splitlines()[0]
    assert "ERROR" not in done.stdout.upper(), done.stdout
    return float(verdict.rpartition(" ")[2]) if verdict.startswith("Optimal") else None


@pytest.mark.parametrize("model_format", ["lp", "mps"])
@pytest.mark.parametrize("solve", [by_highs, by_cbc])
@pytest.mark.parametrize("own", [NORTH, LOWER, WEIGHTED, GOALS], ids=["north", "lower", "weighted", "goals"])
def test_written_model_has_the_objective_of_the_run(
    own: object, solve: Callable[[Path], float | None], model_format: ModelFormat, tmp_path: Path
) -> None:
    outcome = run_of(plan(INITIATIVES, own))
    portfolio = outcome.scenarios[0].portfolio
    assert portfolio is not None
    assert portfolio.objective
    (path,) = write_models(outcome, tmp_path / f"model.{model_format}", model_format)
    found = solve(path)
    assert found is not None
    is_negated = model_format == "mps" and own is not LOWER
    assert found == pytest.approx(-portfolio.objective if is_negated else portfolio.objective, rel=1e-6)


@pytest.mark.parametrize("model_format", ["lp", "mps"])
@pytest.mark.parametrize("solve", [by_highs, by_cbc])
def test_written_model_of_an_infeasible_scenario_is_infeasible(
    solve: Callable[[Path], float | None], model_format: ModelFormat, tmp_path: Path
) -> None:
    never = initiative("OLD", 1.0, is_candidate=False)
    needs = initiative("NEW", 1.0, is_mandatory=True, mandate_reason="law", prerequisite_keys=("OLD",), gmv=1.0)
    outcome = run_of(plan([never, needs], scenario(capacity=5.0)))
    portfolio = outcome.scenarios[0].portfolio
    assert portfolio is not None
    assert portfolio.status is Status.INFEASIBLE
    (path,) = write_models(outcome, tmp_path / f"model.{model_format}", model_format)
    assert solve(path) is None


def test_each_scenario_has_a_file_of_its_own(tmp_path: Path) -> None:
    outcome = run_of(plan(INITIATIVES, NORTH, LOWER, scenario(name="lower", capacity=1.0)))
    files = write_models(outcome, tmp_path / "model.lp", "lp")
    assert [file.name for file in files] == ["model-Größte_Wirkung_2026.lp", "model-Lower.lp", "model-lower-2.lp"]
    assert all(file.exists() for file in files)


def test_comments_say_what_each_name_stands_for(tmp_path: Path) -> None:
    outcome = run_of(plan(INITIATIVES, NORTH))
    (lp,) = write_models(outcome, tmp_path / "model.lp", "lp")
    (mps,) = write_models(outcome, tmp_path / "model.mps", "mps")
    for path, mark in ((lp, "\\ "), (mps, "* ")):
        text = path.read_text(encoding="utf-8")
        assert f"{mark}Scenario Größte Wirkung / 2026, status optimal.\n" in text
        assert f"{mark}x2: PAY-1 Wallets for all\n" in text
        assert f"{mark}prerequisite_1: Z needs B\n" in text
        assert max(map(len, text.splitlines())) < 200
    assert "Maximize" in lp.read_text(encoding="utf-8")
    assert "Always a minimization" in mps.read_text(encoding="utf-8")
