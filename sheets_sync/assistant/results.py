"""What the tools answer, as their output schemas describe it. Text of the sheet in any of it is in « »."""

from typing import Any, Literal

from pydantic import BaseModel, Field

Json = dict[str, Any]


class Workbooks(BaseModel):
    """The workbooks that these tools may read."""

    workbooks: list[str]


class SheetCell(BaseModel):
    """One filled cell of an input tab; one of `number`, `text` and `ticked` says what it holds."""

    cell: str
    column: str = Field(description="What sheetplan reads the column as.")
    number: float | None = None
    text: str | None = None
    ticked: bool | None = None


class SheetRow(BaseModel):
    """One row of an input tab, without columns that mean nothing to sheetplan."""

    row: int
    cells: list[SheetCell]


class TableRows(BaseModel):
    """Rows of an input tab; each figure is that of its cell."""

    workbook: str
    tab: str
    tabs: list[str] = Field(description="All input tabs that can be read.")
    rows: list[SheetRow]
    next_row: int | None = Field(description="Where to go on; null at the end.")


class FoundIssue(BaseModel):
    """One thing that is wrong."""

    severity: Literal["error", "warning"]
    code: str
    tab: str | None
    cell: str | None
    scenario: str | None
    message: str


class CheckResult(BaseModel):
    """What is wrong in a workbook."""

    workbook: str
    errors: int
    warnings: int
    issues: list[FoundIssue]
    issues_left_out: int


class InputCell(BaseModel):
    """A figure of the inputs, where it is in the sheet, and what it is about."""

    cell: str
    about: str = Field(description="The scenario, KPI or rule of its row.")
    column: str = Field(description="What sheetplan reads the column as.")
    number: float | None = None
    text: str | None = Field(None, description="Where the figures are in JSON.")


class ListCells(BaseModel):
    """Where the figures of initiatives are: one is in its column, such as D, and in its row, such as 7: D7."""

    tab: str
    columns: dict[str, str]
    rows: dict[str, int]


class RunResult(BaseModel):
    """The answers of a run that wrote nothing; each figure is that of this run id, and of its cell where it has one."""

    workbook: str
    run_id: str
    inputs_fingerprint: str
    written: Literal[False] = False
    summary: str
    issues: list[FoundIssue]
    issues_left_out: int
    scenarios: list[Json] = Field(description="As `sheetplan run --json` prints them.")
    cells: list[InputCell] = Field(description="Capacities, weights, targets and rules of these scenarios, and KPIs.")
    list_cells: ListCells | None = Field(description="Of the initiatives that are named.")


class StudyResult(BaseModel):
    """The answer of a study; each figure is that of this run id, and of its cell where it has one."""

    workbook: str
    scenario: str
    run_id: str
    inputs_fingerprint: str
    exit_code: int
    summary: str
    sentences: list[str]
    stopped: bool = Field(description="Whether its time was up before it was complete: this is what was found so far.")
    issues: list[FoundIssue]
    issues_left_out: int
    numbers: Json = Field(description="As the command of the same name prints them with --json, without the issues.")
    cells: list[InputCell] = Field(description="Capacities, weights, targets and rules of the scenario, and KPIs.")
    list_cells: ListCells | None = Field(description="Of the initiatives that are named.")
