"""Names of ranges: stable, readable, and valid in Google Sheets, Excel and LibreOffice."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping

from sheets_sync.workbook.snapshot import Area

LONGEST_PART = 60


def range_names(prefix: str, areas: Mapping[str, Area]) -> dict[str, Area]:
    """``prefix_<key>`` for each key, letters and digits only; independent of the order and number of the keys.

    A key that loses characters on the way carries a short hash of itself, so two keys never share a name and no name
    changes because another key came or went.
    """
    return {f"{prefix}_{_part(key)}": area for key, area in areas.items()}


def _part(key: str) -> str:
    folded = key.strip().casefold()
    plain = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:LONGEST_PART]
    if words.replace("_", " ") == folded:
        return words
    digest = hashlib.sha256(folded.encode()).hexdigest()[:6]
    return f"{words}_{digest}" if words else digest
