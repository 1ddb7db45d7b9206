"""Random plans over several periods against brute force over all starts: `make campaign NAME=starts ARGS="99 cbc"`.

Each plan has a process of its own: a solver that crashes then ends one comparison, which counts as such, and not all.
"""

import os
import sys
from collections import Counter
from random import Random

from optimizer.search import clock
from tests.campaigns.comparison import PATIENCE_S
from tests.optimizer.test_time_oracle import TIES_OPEN, check_against_oracle

PLANS = 5_000
ENDINGS = ("optimal", "targets_missed", "infeasible", "feasible", TIES_OPEN, "different")


def compared(seed: int, solver: str) -> str:
    """How one comparison ends; ``crashed`` where the process does."""
    child = os.fork()
    if child == 0:
        random = Random(seed)
        asked = random.randrange(10**9), random.randint(1, 7), random.randint(1, 4)
        try:
            ending = check_against_oracle(*asked, solver)
        except Exception as difference:
            print(f"seed, size, periods {asked}: {type(difference).__name__} {difference}", flush=True)
            ending = "different"
        os._exit(ENDINGS.index(ending))
    _, status = os.waitpid(child, 0)
    return ENDINGS[os.WEXITSTATUS(status)] if os.WIFEXITED(status) else "crashed"


def main(first: int, count: int, solver: str) -> int:
    """Compare so many, from a seed on; returns how many differed."""
    clock._LEAST_TIES_S = PATIENCE_S
    endings: Counter[str] = Counter()
    for seed in range(first, first + count):
        ending = compared(seed, solver)
        endings[ending] += 1
        if ending == "crashed":
            print(f"{solver} crashed on the plan of seed {seed}", flush=True)
        if seed % 500 == 499:
            print(f"{seed + 1} compared: {dict(endings)}", flush=True)
    print(f"{count} compared: {dict(endings)}")
    return endings["different"]


if __name__ == "__main__":
    arguments = sys.argv[1:]
    number = int(arguments[0]) if arguments else PLANS
    sys.exit(min(1, main(0, number, arguments[1] if len(arguments) > 1 else "highs")))
