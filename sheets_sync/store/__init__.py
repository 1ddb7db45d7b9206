"""What an installation remembers of its runs: inputs as they were, what was asked, and what came out."""

from sheets_sync.store.database import RunStore, RunSummary, StoreError, open_store
from sheets_sync.store.record import RunRecord, canonical_outcome, workbook_identity

__all__ = [
    "RunRecord",
    "RunStore",
    "RunSummary",
    "StoreError",
    "canonical_outcome",
    "open_store",
    "workbook_identity",
]
