"""The type of options that name a file to be written."""

import os
from pathlib import Path
from typing import Any

import click


class NewFile(click.Path):
    """The path of a file to be written; its folder must be there, which is known before there is anything to write."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, writable=True, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path.

        Raises:
            click.BadParameter: the file is a folder, may not be overwritten, or has no folder to be in.
        """
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if not path.parent.is_dir():
            self.fail(f"{path} cannot be written: there is no folder {path.parent}.", param, ctx)
        return path
