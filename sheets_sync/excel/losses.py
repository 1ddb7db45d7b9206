"""What a save cannot keep. Parts that we do not write keep their bytes, so this is short: what stops being true."""

from collections.abc import Sequence

from sheets_sync.excel.package import Package

_SIGNATURE = "origin"
"""The kind of relation by which a package leads to its digital signatures."""


def what_is_lost(package: Package) -> Sequence[str]:
    """Each thing that saving would lose, in words; empty for nearly every workbook."""
    if any(relation.kind == _SIGNATURE for relation in package.relations("")):
        return ["the digital signature (any change makes it invalid)"]
    return []


def remove_signature(package: Package) -> None:
    """Remove digital signatures: they sign what the file no longer holds, and programs would call it tampered with."""
    for relation in package.relations(""):
        if relation.kind == _SIGNATURE:
            package.unrelate("", relation.id)
            package.remove(relation.target)
