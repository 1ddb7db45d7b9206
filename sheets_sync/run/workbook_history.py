"""Which workbook this is: what is renamed or moved keeps its history, a copy begins one of its own.

A Google Sheet is known by Drive's file id. A file carries the id that its first run gave it, in a document property,
and the store notes where it was last. A file that carries the id of another one which is still there is a copy. A file
without an id, because a program dropped it, is the workbook that was at its place before.
"""

from pathlib import Path

from config.settings import Settings
from sheets_sync.opening import id_carried_at, place_of
from sheets_sync.store import RunStore, StoreError, WorkbookIdentity, place_of_locator
from sheets_sync.workbook.backend import COPIED_PROPERTY, ID_PROPERTY
from sheets_sync.workbook.snapshot import Snapshot


def identify(snapshot: Snapshot, store: RunStore | None) -> WorkbookIdentity:
    """Which workbook was read, as far as it and the store know; its id is empty where it is still to get one.

    `copied_from` is the id of the workbook that it is a copy of: one that it carries from there, or got at its first
    run.
    """
    place, carried = place_of_locator(snapshot.locator), snapshot.properties.get(ID_PROPERTY, "")
    source = snapshot.properties.get(COPIED_PROPERTY, "")
    if snapshot.workbook_id:
        is_copy = carried not in ("", snapshot.workbook_id)
        return WorkbookIdentity(place, snapshot.workbook_id, carried if is_copy else source)
    if carried and _is_a_copy(place, carried, store):
        return WorkbookIdentity(place, "", carried)
    return WorkbookIdentity(place, carried, source) if carried else _as_before(place, store)


def identity_properties(workbook: WorkbookIdentity) -> dict[str, str | None]:
    """What the workbook carries so that it is known again."""
    return {ID_PROPERTY: workbook.id, COPIED_PROPERTY: workbook.copied_from or None}


def is_new_copy(workbook: WorkbookIdentity, snapshot: Snapshot) -> bool:
    """Whether a workbook that was read carries the id of the one that it is a copy of, and none of its own yet."""
    return bool(workbook.copied_from) and snapshot.properties.get(ID_PROPERTY) == workbook.copied_from


def copy_notice(workbook: WorkbookIdentity, store: RunStore | None) -> str:
    """The notice for people whose workbook is a copy."""
    try:
        known = None if store is None else store.remembered(workbook.copied_from)
    except StoreError:
        known = None
    source = "another workbook" if known is None else known.place
    return f"This workbook is a copy of {source}. Its own history of runs and approvals begins with this run."


def identity_of(name: str, settings: Settings, store: RunStore) -> WorkbookIdentity:
    """The workbook behind a name, which need not exist any more: then it is known by its place.

    Raises:
        WorkbookUnreachableError: a Google address that holds no spreadsheet's id.
        StoreError: the store cannot be read.
    """
    place = place_of_locator(place_of(name, settings).at.locator)
    carried = id_carried_at(place)
    if carried and _is_a_copy(place, carried, store):
        return WorkbookIdentity(place)
    return WorkbookIdentity(place, carried) if carried else _as_before(place, store)


def _as_before(place: str, store: RunStore | None) -> WorkbookIdentity:
    """The workbook that was at a place before, where what is there now carries no id."""
    try:
        known = None if store is None else store.last_at(place)
    except StoreError:  # reported where the run is kept
        known = None
    return known or WorkbookIdentity(place)


def _is_a_copy(place: str, carried: str, store: RunStore | None) -> bool:
    """Whether the id that a file carries is that of another one, which is where it was and carries it still."""
    try:
        known = None if store is None else store.remembered(carried)
    except StoreError:  # reported where the run is kept
        return False
    if known is None or known.place == place:
        return False
    here, there = Path(place), Path(known.place)
    return there.exists() and not (here.exists() and there.samefile(here)) and id_carried_at(known.place) == carried
