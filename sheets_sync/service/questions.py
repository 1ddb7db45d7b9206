"""What the service reads and answers about questions, as its OpenAPI document describes it."""

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sheets_sync.jobs.run_table import Run, State
from sheets_sync.run.question import LARGEST_AMOUNT, MOST_CHANGES, Question, QuestionKind
from sheets_sync.service.messages import WHOLE, Progress, Text, TriggerText, WorkbookText, moment

Named = Annotated[Text, Field(min_length=1, max_length=500)]
Several = Annotated[list[Named], Field(max_length=50)]
Amount = Annotated[float, Field(ge=0, le=LARGEST_AMOUNT, allow_inf_nan=False)]
MOST_POINTS = 500

Count = Annotated[int, Field(ge=2, le=MOST_POINTS), WHOLE]
Plans = Annotated[int, Field(ge=1, le=50), WHOLE]
Changes = Annotated[int, Field(ge=0, le=MOST_CHANGES), WHOLE]
Samples = Annotated[int, Field(ge=1, le=10_000), WHOLE]
Seed = Annotated[int, Field(ge=0, le=2**31), WHOLE]
Part = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _Order(BaseModel, ABC):
    model_config = ConfigDict(extra="forbid", strict=True)

    workbook: WorkbookText
    scenario: Annotated[Text, Field(min_length=1, max_length=200)]
    trigger: TriggerText = "service"

    @abstractmethod
    def question(self) -> Question:
        """The question, as the job keeps it."""


class ExplainOrder(_Order):
    """Why initiatives are in or out, and what the opposite decision would cost."""

    kind: Literal["explain"]
    initiative: Named | None = Field(
        None, description="A key, a title, or a cell of its row, such as Backlog!B7; all initiatives if omitted."
    )
    with_thresholds: bool = Field(
        False, description="Also say at which numbers each decision would turn; always said of one initiative."
    )

    def question(self) -> Question:
        """The question, as the job keeps it."""
        return Question(
            QuestionKind.EXPLAIN,
            self.scenario,
            initiative=self.initiative,
            with_thresholds=self.with_thresholds or None,
        )


class WhatIfOrder(_Order):
    """The same scenario with changes, and the difference. At least one change is needed."""

    kind: Literal["what-if"]
    force_in: Several = Field([], description="Keys, titles or cells of rows of initiatives to force in.")
    leave_out: Several = Field([], description="The same to leave out.")
    changes: Several = Field(
        [],
        description="FIELD=VALUE: a header of Scenarios, INITIATIVE.HEADER or a cell, and what you would type there.",
    )
    dropped: Several = Field([], description="Cells in the rows of rules or targets to drop.")

    @property
    def has_changes(self) -> bool:
        """Whether anything would change."""
        return any((self.force_in, self.leave_out, self.changes, self.dropped))

    def question(self) -> Question:
        """The question, as the job keeps it."""
        return Question(
            QuestionKind.WHAT_IF,
            self.scenario,
            force_in=tuple(self.force_in),
            leave_out=tuple(self.leave_out),
            changes=tuple(self.changes),
            dropped=tuple(self.dropped),
        )


class FrontierOrder(_Order):
    """All efficient plans between two measures: KPIs, or a KPI and what is spent of a resource."""

    kind: Literal["frontier"]
    by: list[Named] = Field(min_length=2, max_length=2, description="Keys or names of KPIs, or resources.")
    points: Count | None = Field(None, description="At most so many plans, spread evenly; all of them if omitted.")

    def question(self) -> Question:
        """The question, as the job keeps it."""
        return Question(QuestionKind.FRONTIER, self.scenario, measures=tuple(self.by), points=self.points)


class AuditOrder(_Order):
    """A plan made by hand in a column of the list, compared with the best."""

    kind: Literal["audit"]
    column: Named = Field(description="The header of the column: ticks, or the period in which each starts.")

    def question(self) -> Question:
        """The question, as the job keeps it."""
        return Question(QuestionKind.AUDIT, self.scenario, column=self.column)


class CapacityOrder(_Order):
    """What more of a capacity would bring, and less would cost."""

    kind: Literal["capacity-value"]
    of: Named | None = Field(
        None, description="A resource, or the cell of a cap or of a row of Capacity; every capacity if omitted."
    )
    low: Amount | None = Field(None, description="Where the curve begins.")
    high: Amount | None = Field(None, description="Where it ends.")

    def question(self) -> Question:
        """The question, as the job keeps it."""
        return Question(QuestionKind.CAPACITY_VALUE, self.scenario, of=self.of, low=self.low, high=self.high)


class RulePricesOrder(_Order):
    """What each rule, floor and goal costs the objective, and what equal shares would."""

    kind: Literal["rule-prices"]
    dimension: Named | None = Field(None, description="Whose values get equal shares; department if omitted.")

    def question(self) -> Question:
        """The question, as the job keeps it."""
        return Question(QuestionKind.RULE_PRICES, self.scenario, dimension=self.dimension)


class PrioritiesOrder(_Order):
    """One ordered list for every budget, and what it loses against the best plans."""

    kind: Literal["priorities"]
    of: Named | None = Field(None, description="What the budget is of; the first limited resource if omitted.")
    low: Amount | None = Field(
        None,
        description="The smallest budget; half of today's capacity if omitted. "
        "Over several periods, low and high are percentages of today's capacity.",
    )
    high: Amount | None = Field(
        None,
        description="The largest; if omitted, what the best plan uses without a limit, or over several periods 150.",
    )

    def question(self) -> Question:
        """The question, as the job keeps it."""
        return Question(QuestionKind.PRIORITIES, self.scenario, of=self.of, low=self.low, high=self.high)


class AlternativesOrder(_Order):
    """The next best plans, and the most different ones within a part of the best."""

    kind: Literal["alternatives"]
    count: Plans = Field(5, description="Plans of each kind.")
    within: Part = Field(0.01, description="How near to the best different plans are: 0.01 is 1%.")

    def question(self) -> Question:
        """The question, as the job keeps it."""
        return Question(QuestionKind.ALTERNATIVES, self.scenario, count=self.count, within=self.within)


class RobustnessOrder(_Order):
    """How sure the plan is while its estimates are not."""

    kind: Literal["robustness"]
    samples: Samples = Field(1000, description="How many draws.")
    seed: Seed = Field(1, description="Which draws: the same seed gives the same ones.")
    spread: Part = Field(0.2, description="How far estimates without a range may be off: 0.2 is 20%.")
    common: Part = Field(0.25, description="The part of the variance that all estimates of a KPI have in common.")
    with_core: bool = Field(False, description="Whether also to prove what is safe anywhere in the ranges.")

    def question(self) -> Question:
        """The question, as the job keeps it."""
        return Question(
            QuestionKind.ROBUSTNESS,
            self.scenario,
            samples=self.samples,
            seed=self.seed,
            spread=self.spread,
            common=self.common,
            with_core=self.with_core,
        )


class ChangesOrder(_Order):
    """The best value with at most 0, 1, 2 ... changes to the approved plan, or to the last run."""

    kind: Literal["change-value"]
    most: Changes = Field(10, description="Up to so many changes.")

    def question(self) -> Question:
        """The question, as the job keeps it."""
        return Question(QuestionKind.CHANGE_VALUE, self.scenario, count=self.most)


QuestionOrder = (
    ExplainOrder
    | WhatIfOrder
    | FrontierOrder
    | AuditOrder
    | CapacityOrder
    | RulePricesOrder
    | PrioritiesOrder
    | AlternativesOrder
    | RobustnessOrder
    | ChangesOrder
)


class AcceptedQuestion(BaseModel):
    """A question was accepted, or joined."""

    question_id: str
    status_url: str


class QuestionDocument(BaseModel):
    """One question, and its answer once there is one. Every figure belongs to `question_id` and the fingerprint."""

    question_id: str
    workbook: str
    asked: dict[str, Any] = Field(description="The question: kind, scenario, and what else was asked.")
    state: State
    progress: Progress = Field(description="Solves instead of scenarios; how many there will be may grow.")
    trigger: str
    person: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    exit_code: int | None = Field(description="The command line's exit code; 0 if and only if the state is succeeded.")
    summary: str = Field(description="The answer's first line, or why there is none.")
    inputs_fingerprint: str | None = Field(description="Of the inputs that the answer rests on.")
    sentences: list[str] = Field(description="The answer in words.")
    numbers: dict[str, Any] | None = Field(description="The document that the command prints with --json.")

    @classmethod
    def of(cls, run: Run) -> "QuestionDocument":
        """The document of a job that is a question."""
        assert run.question is not None
        outcome = run.outcome or {}
        done = run.scenarios_done if run.scenarios_total is None else min(run.scenarios_done, run.scenarios_total)
        return cls(
            question_id=run.run_id,
            workbook=run.workbook,
            asked=run.question.to_json(),
            state=run.state,
            progress=Progress(phase=run.phase, scenarios_done=done, scenarios_total=run.scenarios_total),
            trigger=run.trigger,
            person=run.person,
            created_at=moment(run.created_at),
            started_at=run.started_at and moment(run.started_at),
            finished_at=run.finished_at and moment(run.finished_at),
            exit_code=run.exit_code,
            summary=run.summary,
            inputs_fingerprint=run.fingerprint,
            sentences=list(outcome.get("sentences", [])),
            numbers=outcome.get("numbers"),
        )
