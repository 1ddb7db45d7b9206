"""What the service reads and answers, as its OpenAPI document describes it."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from sheets_sync.checks import Checked
from sheets_sync.issues.issue import Severity
from sheets_sync.jobs.run_table import PastRun, Run, State
from sheets_sync.opening import sheet_of_key
from sheets_sync.outcome import issues_json
from sheets_sync.run.compare_runs import RunDifference
from sheets_sync.run.difference_in_words import change_line, scenario_lines
from sheets_sync.service.access import KnownWorkbook
from sheets_sync.signoff.approval import Approval

SHOWN_CHANGES = 200
"""Lines of changed inputs before the rest is only counted."""

Text = Annotated[str, Field(pattern=r"^[^\x00-\x1f]*$")]
WorkbookText = Annotated[
    Text,
    Field(min_length=1, max_length=500, description="A registered name, a Google Sheets URL, or a spreadsheet id."),
]
TriggerText = Annotated[
    str,
    Field(pattern=r"^[A-Za-z][A-Za-z0-9 _-]{0,39}$", description="What sends the request, as shown in Runs."),
]


def _whole(value: object) -> object:
    """JSON has one kind of number: 20.0 is as whole as 20."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE = BeforeValidator(_whole)


def _written_day(value: object) -> date:
    """Strict models take a date from JSON's text only where they read the JSON themselves."""
    if not isinstance(value, str) or re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII) is None:
        raise ValueError("write the date as YYYY-MM-DD")
    return date.fromisoformat(value)


Day = Annotated[date, BeforeValidator(_written_day)]


class RunOrder(BaseModel):
    """What to run."""

    model_config = ConfigDict(extra="forbid", strict=True)

    workbook: WorkbookText
    scenarios: list[Annotated[Text, Field(min_length=1, max_length=200)]] | None = Field(
        None, min_length=1, max_length=200, description="Scenarios to run, ticked or not; all ticked ones if omitted."
    )
    trigger: TriggerText = "service"


class Accepted(BaseModel):
    """A run was accepted, or joined."""

    run_id: str
    status_url: str


class Progress(BaseModel):
    """How far a run is; `scenarios_total` is null until the workbook was read."""

    phase: str
    scenarios_done: int
    scenarios_total: int | None


class RunDocument(BaseModel):
    """One run."""

    run_id: str
    workbook: str
    scenarios: list[str] | None
    state: State
    progress: Progress
    trigger: str
    person: str
    clicks: int = Field(description="Number of requests that this run answers.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    exit_code: int | None = Field(description="The command line's exit code; 0 if and only if the state is succeeded.")
    summary: str = Field(description="The outcome in words.")
    written: bool = Field(description="Whether the workbook was written.")
    issues: list[dict[str, Any]]
    results_url: str | None = Field(
        description="Opens Results where the run wrote it, else the workbook; null for a file."
    )
    outcome: Mapping[str, Any] | None = Field(description="The JSON document that `sheetplan run --json` prints.")
    times: int = Field(description="In a folded list, how many runs in a row that ended alike this entry is.")
    since: datetime = Field(description="When the first of them was asked for.")

    @classmethod
    def in_list(cls, past: PastRun) -> "RunDocument":
        """The document of an entry of a list: without the outcome and its issues."""
        return cls.of(past.run, whole=False).model_copy(update={"times": past.times, "since": moment(past.since)})

    @classmethod
    def of(cls, run: Run, *, whole: bool = True) -> "RunDocument":
        """The document of a run; not `whole` leaves out the outcome and its issues."""
        outcome = run.outcome or {}
        sheet = sheet_of_key(run.workbook_key)
        done = run.scenarios_done if run.scenarios_total is None else min(run.scenarios_done, run.scenarios_total)
        return cls(
            run_id=run.run_id,
            workbook=run.workbook,
            scenarios=None if run.scenarios is None else list(run.scenarios),
            state=run.state,
            progress=Progress(phase=run.phase, scenarios_done=done, scenarios_total=run.scenarios_total),
            trigger=run.trigger,
            person=run.person,
            clicks=run.clicks,
            created_at=moment(run.created_at),
            started_at=run.started_at and moment(run.started_at),
            finished_at=run.finished_at and moment(run.finished_at),
            exit_code=run.exit_code,
            summary=run.summary,
            written=bool(outcome.get("written")),
            issues=list(outcome.get("issues", [])) if whole else [],
            results_url=outcome.get("results_url") or (None if sheet is None else sheet.locator),
            outcome=run.outcome if whole and outcome.get("scenarios") is not None else None,
            times=1,
            since=moment(run.created_at),
        )


class RunList(BaseModel):
    """Past runs, newest first; without their outcomes, which each run's own address has."""

    runs: list[RunDocument]


class ScenarioChange(BaseModel):
    """What is different in one scenario, in words."""

    scenario: str
    lines: list[str]


class DifferenceDocument(BaseModel):
    """What is different from the run before of the same workbook, in words."""

    run_id: str
    before: str | None = Field(description="The run that it is compared with; null where there is none to compare.")
    summary: str
    inputs: list[str]
    scenarios: list[ScenarioChange]

    @classmethod
    def of(cls, run_id: str, found: RunDifference | None) -> "DifferenceDocument":
        """The document of a difference; None where there is nothing to compare with."""
        if found is None:
            none = "There is no earlier run of this workbook on this machine to compare with."
            return cls(run_id=run_id, before=None, summary=none, inputs=[], scenarios=[])
        inputs = [change_line(change) for change in found.inputs[:SHOWN_CHANGES]]
        if len(found.inputs) > SHOWN_CHANGES:
            inputs.append(f"and {len(found.inputs) - SHOWN_CHANGES:,} more")
        changed = [
            ScenarioChange(scenario=scenario.scenario, lines=scenario_lines(scenario, found.kpis))
            for scenario in found.scenarios
            if not scenario.is_same
        ]
        summary = f"{_counted(len(found.inputs), 'input')} and {_counted(len(changed), 'scenario')} changed"
        return cls(
            run_id=run_id,
            before=found.before,
            summary=f"{summary} since the run {found.before}.",
            inputs=inputs,
            scenarios=changed,
        )


class CheckOrder(BaseModel):
    """What to check."""

    model_config = ConfigDict(extra="forbid", strict=True)

    workbook: WorkbookText


class CheckDocument(BaseModel):
    """What is wrong in a workbook as it was when it was read."""

    workbook: str
    errors: int
    warnings: int
    scenarios_ready: int = Field(description="Chosen scenarios without errors.")
    scenarios_chosen: int = Field(description="Scenarios to run: the ticked ones, or all if there are no check boxes.")
    summary: str = Field(description="The outcome in words.")
    issues: list[dict[str, Any]]

    @classmethod
    def of(cls, workbook: KnownWorkbook, checked: Checked) -> "CheckDocument":
        """The document of what was found."""
        errors = sum(issue.severity is Severity.ERROR for issue in checked.issues)
        chosen = [scenario for scenario in checked.scenarios if scenario.is_chosen]
        ready = sum(not scenario.errors for scenario in chosen)
        warnings = len(checked.issues) - errors
        found = [_counted(count, noun) for count, noun in ((errors, "error"), (warnings, "warning")) if count]
        reported = f"{' and '.join(found)}." if found else "No problems found."
        runs = f"{ready} of {_counted(len(chosen), 'scenario')} can run." if chosen else "No scenario is ticked."
        return cls(
            workbook=workbook.name,
            errors=errors,
            warnings=warnings,
            scenarios_ready=ready,
            scenarios_chosen=len(chosen),
            summary=f"{reported} {runs}",
            issues=issues_json(checked.issues),
        )


class ApprovalOrder(BaseModel):
    """What to approve, or to revoke."""

    model_config = ConfigDict(extra="forbid", strict=True)

    workbook: WorkbookText
    scenario: Annotated[Text, Field(min_length=1, max_length=200)]
    by: Annotated[Text, Field(max_length=200)] = Field(
        "", description="A name for people to read; it is shown beside the e-mail address of the token."
    )
    comment: Annotated[str, Field(max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f]*$")] = ""


class ApprovalDocument(BaseModel):
    """One approval."""

    approval_id: str
    workbook: str
    scenario: str
    run_id: str
    state: Literal["approved", "waiting", "revoked"] = Field(
        description="waiting: another person has to approve as well."
    )
    tab: str | None = Field(description="The tab that holds it; null while it waits.")
    signatures: list[dict[str, str]]
    needed: int = Field(description="How many people must approve.")
    revoked: dict[str, str] | None
    summary: str = Field(description="The same in words.")

    @classmethod
    def of(cls, workbook: KnownWorkbook, approval: Approval) -> "ApprovalDocument":
        """The document of an approval."""
        kept = approval.summary
        told = {
            "approved": f"{approval.scenario} is approved by {approval.by}: tab {approval.tab}.",
            "waiting": f"{approval.by} approved {approval.scenario}. One more person has to approve it.",
            "revoked": f"The approval of {approval.scenario} by {approval.by} is revoked.",
        }
        return cls(
            workbook=workbook.name,
            summary=told[kept["state"]],
            **{name: kept[name] for name in cls.model_fields if name in kept},
        )


class ApprovalList(BaseModel):
    """Approvals, newest first."""

    approvals: list[ApprovalDocument]


Header = Annotated[Text, Field(min_length=1, max_length=500)]
Amount = Annotated[float, Field(ge=0, le=1e18, allow_inf_nan=False)]
NO_OTHER_KEYS: dict[str, JsonValue] = {"additionalProperties": False}
"""Says in the document what is checked anyway: keys that the pattern of a header does not allow are refused."""


class AdoptionOrder(BaseModel):
    """What to set up, and what the person has answered so far."""

    model_config = ConfigDict(extra="forbid", strict=True)

    workbook: WorkbookText
    tab: Header | None = Field(
        None, description="The tab that holds the list; the one that can be read best if omitted."
    )
    value: Header | None = Field(None, description="The column that says what each row is worth.")
    capacity: Annotated[float, Field(gt=0, le=1e18, allow_inf_nan=False)] | None = None
    meanings: dict[Header, Header] = Field(
        {}, max_length=200, json_schema_extra=NO_OTHER_KEYS, description="Fields by header, or ignore."
    )
    sizes: dict[Header, Amount] = Field(
        {}, max_length=200, json_schema_extra=NO_OTHER_KEYS, description="The tokens of each T-shirt size."
    )
    worths: dict[Header, Amount] = Field(
        {}, max_length=200, json_schema_extra=NO_OTHER_KEYS, description="What each word of the value is worth."
    )
    over: Literal["sprint", "month", "quarter"] | None = Field(
        None, description="Plan over several periods: the sprints of the list, or the months or quarters of its dates."
    )
    sprint_start: Day | None = Field(None, description="The first day of the first sprint.")
    sprint_days: Annotated[int, Field(ge=1, le=3660), WHOLE] | None = Field(
        None, description="The days from one sprint to the next."
    )
    confirm: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = Field(
        None, description="The mark of the proposal to write; nothing is written if omitted."
    )


class AdoptionDocument(BaseModel):
    """The proposal, as `sheetplan adopt --json` prints it, and what was created."""

    workbook: str
    tab: str
    header_row: int
    rows: int
    columns: list[dict[str, Any]]
    value: str | None
    value_columns: list[dict[str, Any]]
    capacity: float | None
    questions: list[dict[str, Any]]
    notes: list[str]
    tabs: list[dict[str, Any]]
    issues: list[str]
    mark: str | None = Field(
        description="Sent back as `confirm`, it writes this proposal; null while questions are open."
    )
    created: list[str]
    written: bool


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


class WorkbookDocument(BaseModel):
    """A registered workbook that the caller may run."""

    name: str
    address: str | None = Field(description="Where to open it; null for a file.")
    schedule: str | None
    time_zone: str
    next_run_at: datetime | None
    last_run: RunDocument | None


class WorkbookList(BaseModel):
    """All of them, by name."""

    workbooks: list[WorkbookDocument]


class Health(BaseModel):
    """Whether the service is alive and ready; `checks` says of each part what was found."""

    status: str
    checks: dict[str, str] = {}


def moment(seconds: float) -> datetime:
    """Seconds since 1970 as a time in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
