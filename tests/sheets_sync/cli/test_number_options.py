"""Numbers on the command line: a finite one as people write it, or exit code 2 and the reason; never a bug report."""

import click
import pytest
from click.testing import CliRunner

from sheets_sync.cli.number_options import Amount, Seconds
from tests.end_to_end.cli import Sheetplan

NO_NUMBERS = ("nan", "inf", "-inf", "1e999", "-1", "abc", "", "1_0", "0x10", "٣")


@click.command()
@click.option("--seconds", type=Seconds())
@click.option("--amount", type=Amount())
@click.option("--budget", type=Amount(above_0=True))
def numbers(**given: float | None) -> None:
    """Print each number that was given."""
    print(*(f"{option}={number!r}" for option, number in given.items() if number is not None))


@pytest.mark.parametrize("value", [*NO_NUMBERS, "0", "-0.0"])
def test_seconds_are_finite_and_above_0(value: str) -> None:
    ran = CliRunner().invoke(numbers, ["--seconds", value])
    assert ran.exit_code == 2
    assert ran.output.endswith(
        f"'--seconds': {value} is not a number of seconds above 0. Leave the option out for the default.\n"
    )


@pytest.mark.parametrize("value", NO_NUMBERS)
def test_an_amount_is_finite_and_no_less_than_0(value: str) -> None:
    ran = CliRunner().invoke(numbers, ["--amount", value])
    assert ran.exit_code == 2
    assert ran.output.endswith(f"'--amount': {value} is not a number, 0 or more.\n")


@pytest.mark.parametrize("value", [*NO_NUMBERS, "0", "-0"])
def test_an_amount_above_0_is_nothing_else(value: str) -> None:
    ran = CliRunner().invoke(numbers, ["--budget", value])
    assert ran.exit_code == 2
    assert ran.output.endswith(f"'--budget': {value} is not a number above 0.\n")


def test_numbers_are_read_and_0_has_no_sign() -> None:
    ran = CliRunner().invoke(numbers, ["--seconds", "1e-9", "--amount", "-0.0", "--budget", " 5 "])
    assert ran.output == "seconds=1e-09 amount=0.0 budget=5.0\n"


def test_a_curve_to_no_number_is_refused_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    """It was a bug report once."""
    ran = Sheetplan(capsys)("capacity-value", "plan.xlsx", "--scenario", "S", "--to", "nan")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.endswith("Error: Invalid value for '--to': nan is not a number, 0 or more.\n")
