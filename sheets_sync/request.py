"""What is asked of a run, and what a run reports while it goes on."""

import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from optimizer import SolverName
from optimizer.studies.question_set import OtherWorkers

OnChange = Literal["tell", "rerun"]


@dataclass(frozen=True)
class RunRequest:
    """What is asked of a run. `scenarios` None runs every ticked one; `time_limit_s` holds for each scenario.

    `on_change` says what follows where a sheet's inputs were changed between our reading and our writing: ``tell``
    people, beside the answer to the inputs as they were, or ``rerun`` until nobody changes them. `only_if_changed`
    ends a run after its read where every scenario to run was last run on the very inputs that stand there.
    """

    scenarios: Sequence[str] | None = None
    dry_run: bool = False
    solver: SolverName = "highs"
    time_limit_s: float | None = None
    force: bool = False
    on_change: OnChange = "tell"
    only_if_changed: bool = False
    trigger: str = "command line"
    person: str = ""


class Progress:
    """What a run reports while it goes on; the default reports nothing.

    `cancel` stops its solves from elsewhere. `others` may answer some of the many questions of a study.
    """

    cancel: threading.Event | None = None
    others: OtherWorkers | None = None

    def reading(self) -> None:
        """The workbook is being read."""

    def solving(self, scenarios: int) -> None:
        """This many scenarios are being solved."""

    def solved(self) -> None:
        """One more scenario is solved."""

    def elsewhere(self, solves: int) -> None:
        """So many more scenarios, at the moment, are solved by others that have not handed in their answers."""

    def writing(self) -> None:
        """Results are being written."""


SILENT = Progress()


def new_run_id(moment: datetime) -> str:
    """An id for a run that was asked for at that moment; ids sort by time."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
