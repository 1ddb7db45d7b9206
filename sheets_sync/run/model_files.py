"""The models of a run as .lp and .mps files, which any solver reads; their comments say what each name stands for."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pulp

from optimizer.stated_model import StatedModel, stated_model
from sheets_sync.outcome import RunOutcome

ModelFormat = Literal["lp", "mps"]
_COMMENT = {"lp": "\\ ", "mps": "* "}
_COMMENT_WIDTH = 120
"""Readers of these formats may cut long lines."""
_UNSAFE = re.compile(r"[^\w.-]+")
_SENSE = "Always a minimization: where more is better, the objective is the negative of what is maximized."


def write_models(outcome: RunOutcome, path: Path, model_format: ModelFormat) -> tuple[Path, ...]:
    """Write the model of each scenario that was solved; returns the files, in the order of the scenarios.

    With one scenario in the run the file is `path`; with several, each file has its scenario's name inserted:
    ``model.lp`` becomes ``model-Most_GMV.lp``. Scenarios with errors have no model.

    Raises:
        OSError: a file cannot be written.
    """
    if outcome.plan is None:
        return ()
    names = _file_names(path, [scenario.name for scenario in outcome.scenarios])
    written: list[Path] = []
    for scenario, file in zip(outcome.scenarios, names, strict=True):
        if scenario.portfolio is not None:
            _write(stated_model(outcome.plan, scenario.portfolio), file, model_format)
            written.append(file)
    return tuple(written)


def _file_names(path: Path, scenarios: list[str]) -> list[Path]:
    """One file for each scenario, all different."""
    if len(scenarios) == 1:
        return [path]
    taken: set[str] = set()
    files: list[Path] = []
    for scenario in scenarios:
        stem = base = f"{path.stem}-{_UNSAFE.sub('_', scenario).strip('_')}"
        count = 1
        while stem.casefold() in taken:
            count += 1
            stem = f"{base}-{count}"
        taken.add(stem.casefold())
        files.append(path.with_name(f"{stem}{path.suffix}"))
    return files


def _write(model: StatedModel, path: Path, model_format: ModelFormat) -> None:
    if model_format == "lp":
        model.problem.writeLP(str(path))
    else:
        # As a minimization, because a maximization is something that not every reader of the format knows.
        model.problem.writeMPS(str(path), mpsSense=pulp.LpMinimize)
    body = path.read_text(encoding="utf-8")
    head = "".join(f"{line}\n" for line in _comments(model, model_format))
    path.write_text(head + body, encoding="utf-8")


def _comments(model: StatedModel, model_format: ModelFormat) -> Iterator[str]:
    sense = (_SENSE,) if model_format == "mps" else ()
    legend = [f"{name}: {meaning}" for name, meaning in model.legend.items()]
    for text in (*model.remarks, *sense, *legend):
        # A cell may hold line breaks, and a comment ends with its line.
        for line in textwrap.wrap(text, _COMMENT_WIDTH, subsequent_indent="    ", break_on_hyphens=False):
            yield f"{_COMMENT[model_format]}{line}"
