"""Notices of one `sync`: made and sent before it ends, so that nobody needs a service to be notified."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from config.settings import Settings
from sheets_sync.jobs.job_database import Database
from sheets_sync.jobs.notice_channels import Sender
from sheets_sync.jobs.notices import Notices


@contextmanager
def notices_around(settings: Settings, report: Callable[[str], None]) -> Iterator[None]:
    """Send notices about the runs that end inside; `report` gets a sentence where none can be sent.

    They are kept in the service's database, so a service beside it sends none of them again, and what a receiver
    refused is tried again by whichever of the two looks next. A database that cannot be used keeps no workbook from its
    run. Where the block raises, nothing is sent: the next `sync` finds the same runs.

    Raises:
        SettingsError: `service.database` is no address of a database.
    """
    database = Database(settings.service.database)
    try:
        notices = _begun(settings, database, report)
        yield
        if notices is not None:
            _look(notices, report)
    finally:
        database.close()


def _begun(settings: Settings, database: Database, report: Callable[[str], None]) -> Notices | None:
    try:
        database.create_tables()
        notices = Notices(settings, database, Sender(settings.smtp))
        notices.begin()
    except SQLAlchemyError as error:
        report(_unusable(error))
        return None
    return notices


def _look(notices: Notices, report: Callable[[str], None]) -> None:
    try:
        notices.look()
    except SQLAlchemyError as error:
        report(_unusable(error))


def _unusable(error: SQLAlchemyError) -> str:
    # The engine's own words may quote the address with its password.
    return (
        f"No notices are sent, because service.database cannot be used ({type(error).__name__}). Check that it exists, "
        "that the server is running, and that sheetplan can write there."
    )
