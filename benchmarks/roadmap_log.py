"""Plans over several periods measured plan by plan, for a machine that has other work to do.

``python -m benchmarks.roadmap_log plans.jsonl`` measures every size with three seeds, with and without a KPI that
accrues in each period, some three minutes a plan, and puts the table into the documentation. Each plan is a line of the
file as soon as it is measured, and what the file has is not measured again: ``--most 1`` measures one more plan, and
sizes after that, such as ``100x4x6``, are measured alone. ``--page`` documents what there is before all of it is there.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

from benchmarks.family_table import Side
from benchmarks.roadmap_table import SECONDS, SIZES, Line, Row, measure, render_lines
from benchmarks.roadmaps import RoadmapSize
from benchmarks.table import write_roadmaps

SEEDS = 3


@dataclass(frozen=True)
class Log:
    """A file of what was measured, one plan a line."""

    path: Path

    def read(self) -> dict[tuple[RoadmapSize, bool, int], Row]:
        """What was measured, by size, way of counting and seed; of a plan measured twice the last time."""
        texts = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        found = {}
        for values in map(json.loads, texts):
            sides = [Side(**values[name]) for name in ("ours", "highs", "cp_sat")]
            key = (RoadmapSize(*values["size"]), values["each_period"], values["seed"])
            found[key] = Row(values["seed"], *sides)
        return found

    def append(self, size: RoadmapSize, each_period: bool, row: Row) -> None:
        """One more line."""
        values = {"size": [*asdict(size).values()], "each_period": each_period, **asdict(row)}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(values)}\n")

    def lines(self) -> list[Line]:
        """What was measured as lines of the table."""
        order = sorted(self.read().items(), key=lambda item: (SIZES.index(item[0][0]), *item[0][1:]))
        return [
            Line(size, each_period, [row for _, row in group])
            for (size, each_period), group in groupby(order, lambda item: item[0][:2])
        ]


def measure_missing(log: Log, seeds: Sequence[int], sizes: Sequence[RoadmapSize], most: int | None) -> int:
    """Measures what the file does not have yet, at most so many plans; returns how many are still missing."""
    known = log.read().keys()
    wanted = [(size, each_period, seed) for seed in seeds for size in sizes for each_period in (False, True)]
    missing = [one for one in wanted if one not in known]
    now = missing if most is None else missing[:most]
    for size, each_period, seed in now:
        log.append(size, each_period, measure(size, SECONDS, seed, each_period=each_period))
    return len(missing) - len(now)


def main() -> None:
    """Measures what is missing, prints the table, and puts it into the documentation where it is complete."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", type=Path, help="the file with one measured plan a line")
    parser.add_argument("sizes", nargs="*", type=_size, help="such as 100x4x6; all where none is given")
    parser.add_argument("--seeds", nargs="+", type=int, default=range(SEEDS), help="plans of each size")
    parser.add_argument("--most", type=int, help="so many more plans and no more")
    parser.add_argument("--page", action="store_true", help="document what there is, though plans are missing")
    asked = parser.parse_intermixed_args()
    log = Log(asked.log)
    missing = measure_missing(log, asked.seeds, asked.sizes or SIZES, asked.most)
    lines = log.lines()
    print(f"{render_lines(lines)}\n\n{missing} plans to go" if lines else "nothing is measured yet")
    if asked.page or sum(len(line.rows) for line in lines) == 2 * SEEDS * len(SIZES):
        write_roadmaps(lines)


def _size(text: str) -> RoadmapSize:
    return RoadmapSize(*map(int, text.split("x")))


if __name__ == "__main__":
    main()
