"""What an installation remembers of its runs and studies: inputs as they were, what was asked, and the answer."""

from sheets_sync.store.database import StoreError
from sheets_sync.store.run_end import RunEnd
from sheets_sync.store.run_record import PastPlans, RunRecord, canonical_outcome
from sheets_sync.store.run_store import RunStore, RunSummary, open_store
from sheets_sync.store.study_record import StudyRecord, StudySummary, canonical_study
from sheets_sync.store.workbook_identity import WorkbookIdentity, place_of_locator

__all__ = [
    "PastPlans",
    "RunEnd",
    "RunRecord",
    "RunStore",
    "RunSummary",
    "StoreError",
    "StudyRecord",
    "StudySummary",
    "WorkbookIdentity",
    "canonical_outcome",
    "canonical_study",
    "open_store",
    "place_of_locator",
]
