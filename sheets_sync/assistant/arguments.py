"""What the tools take, with limits: an argument beyond them is refused in words, never bent into them."""

from typing import Annotated

from pydantic import Field

from sheets_sync.run.question import LARGEST_AMOUNT, MOST_CHANGES

MOST_ROWS = 100
MOST_POINTS = 50
MOST_PLANS = 20
MOST_SAMPLES = 1000
MOST_NAMES = 50
LONGEST_NAME = 500
_LAST_ROW = 10_000_000

Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Names = Annotated[list[Name], Field(max_length=MOST_NAMES)]
FirstRow = Annotated[int, Field(ge=1, le=_LAST_ROW)]
RowCount = Annotated[int, Field(ge=1, le=MOST_ROWS)]
Points = Annotated[int, Field(ge=2, le=MOST_POINTS)]
Plans = Annotated[int, Field(ge=1, le=MOST_PLANS)]
Changes = Annotated[int, Field(ge=0, le=MOST_CHANGES)]
Samples = Annotated[int, Field(ge=1, le=MOST_SAMPLES)]
Amount = Annotated[float, Field(ge=0, le=LARGEST_AMOUNT, allow_inf_nan=False)]
Part = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, description="0.2 is 20%.")]
