"""What every part of a plan is made of: frozen records, checked numbers and keys, and slices of the portfolio."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

TOKENS = "engineering_tokens"
"""The resource that every initiative costs and every scenario limits."""

Finite = Annotated[float, Field(allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Key = Annotated[str, Field(min_length=1)]


class PlanPart(BaseModel):
    """A frozen part of a plan; unknown fields and wrong types are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Slice(PlanPart):
    """A part of the portfolio: the initiatives whose `dimension` has the value `key`."""

    dimension: Key
    key: Key

    def __str__(self) -> str:
        return f"{self.dimension} {self.key}"
