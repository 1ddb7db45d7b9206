"""What a save cannot keep. Parts that we do not write keep their bytes, so this is short: what stops being true."""

from collections.abc import Sequence

from sheets_sync.excel.package import Package


def what_is_lost(package: Package) -> Sequence[str]:
    """Each thing that saving would lose, in words; empty for nearly every workbook."""
    losses = []
    if any(relation.kind == "origin" for relation in package.relations("")):
        losses.append("the digital signature (any change makes it invalid)")
    return losses
