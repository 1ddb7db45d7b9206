"""Solving a kept run again, from its own snapshot and previous selections: the outcome must be the same bytes."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from sheets_sync.outcome import RunOutcome
from sheets_sync.request import Progress, RunRequest
from sheets_sync.run.make_outcome import make_outcome
from sheets_sync.run.read_inputs import check_inputs
from sheets_sync.run.solve_inputs import solve_inputs
from sheets_sync.store.run_record import RunRecord, canonical_outcome


@dataclass(frozen=True)
class Replay:
    """The kept answer and the new one, as canonical JSON."""

    run_id: str
    kept: bytes
    replayed: bytes

    @property
    def is_same(self) -> bool:
        """Whether the answer came out the same, byte for byte."""
        return self.kept == self.replayed

    @property
    def differences(self) -> list[str]:
        """What differs, by its place in the document, with both values as JSON."""
        return list(_differences("", json.loads(self.kept), json.loads(self.replayed)))

    def to_json(self) -> dict[str, object]:
        """Ready for json.dumps."""
        return {
            "run_id": self.run_id,
            "same": self.is_same,
            "sha256": hashlib.sha256(self.kept).hexdigest(),
            "replayed_sha256": hashlib.sha256(self.replayed).hexdigest(),
            "differences": self.differences,
        }


def replay_run(record: RunRecord, progress: Progress) -> Replay:
    """Solve a kept run again with the options it had, and compare; nothing is written."""
    kept = canonical_outcome(record.outcome)
    return Replay(record.run_id, kept, canonical_outcome(solve_again(record, progress).to_json()))


def solve_again(record: RunRecord, progress: Progress, *, with_prices: bool = False) -> RunOutcome:
    """What a kept run answers when it is solved again with the options it had; nothing is written.

    `with_prices` as in `solve_inputs`: for all that Results shows.
    """
    options = record.options
    request = RunRequest(
        scenarios=options["scenarios"], dry_run=True, solver=options["solver"], time_limit_s=options["time_limit_s"]
    )
    reading = check_inputs(record.snapshot, record.previous, request.scenarios, record.approved)
    return make_outcome(
        reading,
        solve_inputs(reading, request, progress, with_prices=with_prices),
        request,
        run_id=record.run_id,
        workbook=record.workbook,
        started_at=record.started_at,
        finished_at=record.started_at,
    )


def _differences(place: str, kept: object, replayed: object) -> Iterator[str]:
    if isinstance(kept, dict) and isinstance(replayed, dict):
        for key in sorted({*kept, *replayed}):
            yield from _differences(f"{place}.{key}" if place else key, kept.get(key), replayed.get(key))
    elif isinstance(kept, list) and isinstance(replayed, list) and len(kept) == len(replayed):
        for index, (one, other) in enumerate(zip(kept, replayed, strict=True)):
            yield from _differences(f"{place}[{index}]", one, other)
    elif kept != replayed:
        yield f"{place}: {json.dumps(kept, ensure_ascii=False)} -> {json.dumps(replayed, ensure_ascii=False)}"
