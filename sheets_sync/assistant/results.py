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


class RunResult(BaseModel):
    """The answers of a run that wrote nothing; each figure is that of this run id."""

    workbook: str
    run_id: str
    inputs_fingerprint: str
    written: Literal[False] = False
    summary: str
    issues: list[FoundIssue]
    issues_left_out: int
    scenarios: list[Json] = Field(description="As `sheetplan run --json` prints them.")


class StudyResult(BaseModel):
    """The answer of a study; each figure is that of this run id."""

    workbook: str
    scenario: str
    run_id: str
    inputs_fingerprint: str
    exit_code: int
    summary: str
    sentences: list[str]
    numbers: Json = Field(description="As the command of the same name prints them with --json.")
