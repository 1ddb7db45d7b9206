"""Random plans over several periods against brute force over all starts: `make campaign NAME=starts ARGS="99 cbc"`."""

import sys
from collections import Counter
from random import Random

from tests.optimizer.test_time_oracle import check_against_oracle

PLANS = 5_000


def main(count: int, solver: str) -> int:
    """Compare so many; print those that differ; returns how many did."""
    endings: Counter[str] = Counter()
    for seed in range(count):
        random = Random(seed)
        asked = random.randrange(10**9), random.randint(1, 7), random.randint(1, 4)
        try:
            endings[check_against_oracle(*asked, solver)] += 1
        except AssertionError as difference:
            endings["different"] += 1
            print(f"seed, size, periods {asked}: {difference}", flush=True)
        if seed % 500 == 499:
            print(f"{seed + 1} compared: {dict(endings)}", flush=True)
    return endings["different"]


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(min(1, main(int(arguments[0]) if arguments else PLANS, arguments[1] if len(arguments) > 1 else "highs")))
