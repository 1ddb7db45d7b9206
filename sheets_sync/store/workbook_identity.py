"""Which workbook is which: by the id that it carries, so that renaming and moving a file keep its history."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class WorkbookIdentity:
    """A workbook: where it is now, its id (empty where it has none yet), and the id of the one that it is a copy of."""

    place: str
    id: str = ""
    copied_from: str = ""


def place_of_locator(locator: str) -> str:
    """One text for a place however it was given: a file's full path, a sheet's address."""
    return locator if locator.startswith(("http://", "https://")) else str(Path(locator).expanduser().resolve())
