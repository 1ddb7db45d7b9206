"""What every part of a plan is made of: frozen records, checked numbers and keys, and slices of the portfolio."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

TOKENS = "engineering_tokens"
"""The resource that every initiative costs and every scenario limits."""

Finite = Annotated[float, Field(allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
"""A part of a whole: 0.2 is 20 percent."""
Reserve = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]
"""The part of every capacity that is kept free."""
Key = Annotated[str, Field(min_length=1)]


_COUNTED = ("days", "hours", "months", "points", "sprints", "weeks")
"""Last words of resources that are the plural of what is counted."""


def spoken_resource(resource: str, count: str = "") -> str:
    """What people call a resource: ``tokens``, or the name behind ``cost:`` in their sheet; of a `count` of 1, one."""
    named = "tokens" if resource == TOKENS else resource
    is_plural = named == "tokens" or named.casefold().endswith(_COUNTED)
    return named[:-1] if count == "1" and is_plural else named


def capacity_of(resource: str) -> str:
    """The capacity of a resource in words: ``token capacity``, ``design days capacity``."""
    return f"{'token' if resource == TOKENS else resource} capacity"


def capacity_left(capacity: float, reserve: float) -> float:
    """What may be spent of a capacity of which the part `reserve` is kept free; 10% of 1,000 leave 900 exactly."""
    return float(Decimal(repr(capacity)) * (1 - Decimal(repr(reserve)))) if reserve else capacity


class PlanPart(BaseModel):
    """A frozen part of a plan; unknown fields and wrong types are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Slice(PlanPart):
    """A part of the portfolio: the initiatives whose `dimension` has the value `key`."""

    dimension: Key
    key: Key

    def __str__(self) -> str:
        return f"{self.dimension} {self.key}"
