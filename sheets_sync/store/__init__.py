"""What an installation remembers of its runs: inputs as they were, what was asked, and what came out."""

from sheets_sync.store.run_end import RunEnd
from sheets_sync.store.run_record import RunRecord, canonical_outcome, workbook_identity
from sheets_sync.store.run_store import RunStore, RunSummary, StoreError, open_store

__all__ = [
    "RunEnd",
    "RunRecord",
    "RunStore",
    "RunSummary",
    "StoreError",
    "canonical_outcome",
    "open_store",
    "workbook_identity",
]
