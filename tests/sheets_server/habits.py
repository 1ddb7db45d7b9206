"""What Google does that its description leaves open, and what reports of it differ in: chosen by tests.

The defaults are the hard ones: what runs against them runs against the kinder ones too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass
class Habits:
    """How the server behaves where Google's description does not say.

    `broken_names`: what is listed of the names of a deleted tab: nothing, though they stay taken (gspread issue
    1530); the name without a range; the name with the id of the tab that is gone. `broken_names_change`: whether such
    a name takes a new range, or must be deleted first. `copied_names`: whether a duplicated tab's names are listed as
    they are, or behind the title of the copy. `duplicate_ids`: whether metadata may be given the id of other
    metadata. `blank_boxes`: what a check box reads that nobody ticked. `modified_lag_s`: by how much Drive's
    modifiedTime is late, ten minutes as reported (google-api-go-client issues 444 and 906). `incomplete_search`: Drive
    leaves out shared drives and says so. `largest_answer`: bytes above which a read of cells ends with 500. `tables`:
    whether tables may be made.
    """

    broken_names: Literal["unlisted", "without range", "gone tab"] = "without range"
    broken_names_change: bool = False
    copied_names: Literal["plain", "prefixed"] = "plain"
    duplicate_ids: Literal["refused", "accepted"] = "refused"
    blank_boxes: Literal["FALSE", "blank"] = "FALSE"
    modified_lag_s: float = 600.0
    incomplete_search: bool = False
    largest_answer: int | None = None
    tables: Literal["served", "refused"] = "served"
