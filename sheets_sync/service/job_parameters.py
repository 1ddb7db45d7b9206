"""Parameters that the calls about jobs, runs and questions alike, have in common."""

from typing import Annotated

from fastapi import Header, Path

JobId = Annotated[str, Path(pattern=r"^[0-9TZa-f-]{1,40}$", description="As the answer that accepted it gave it.")]
IdempotencyKey = Annotated[
    str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[!-~]+$")
]
