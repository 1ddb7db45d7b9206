"""What `run` refuses before it reads anything."""

from pathlib import Path

import pytest

from optimizer import SolverUnavailableError
from sheets_sync.cli import main

EXAMPLE = str(Path(__file__).parents[3] / "examples" / "marketplace-q3.xlsx")


@pytest.mark.parametrize("limit", ["nan", "inf", "-1", "-0.0", "0", "soon"])
def test_time_limit_that_is_no_number_of_seconds_is_refused_in_words(
    limit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", EXAMPLE, "--dry-run", "--time-limit", limit])
    assert ended.value.code == 2
    assert "Invalid value for '--time-limit'" in capsys.readouterr().err


def test_solver_that_is_not_installed_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing() -> str:
        raise SolverUnavailableError("CBC is not installed. Install it with: pip install 'sheetplan[cbc]'")

    monkeypatch.setattr("optimizer.solvers.cbc.cbc_path", missing)
    with pytest.raises(SystemExit) as ended:
        main(["run", EXAMPLE, "--dry-run", "--solver", "cbc"])
    assert ended.value.code == 2
    assert "CBC is not installed. Install it with" in capsys.readouterr().err
