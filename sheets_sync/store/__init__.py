"""What an installation remembers of its runs: inputs as they were, what was asked, and what came out."""

from sheets_sync.store.run_end import RunEnd
from sheets_sync.store.run_record import RunRecord, canonical_outcome
from sheets_sync.store.run_store import RunStore, RunSummary, StoreError, open_store
from sheets_sync.store.workbook_identity import WorkbookIdentity, place_of_locator

__all__ = [
    "RunEnd",
    "RunRecord",
    "RunStore",
    "RunSummary",
    "StoreError",
    "WorkbookIdentity",
    "canonical_outcome",
    "open_store",
    "place_of_locator",
]
