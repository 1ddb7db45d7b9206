"""CPU time of this process and of the processes that it started and waited for, such as HiGHS where it is apart."""

import resource
from time import process_time


def cpu_time() -> float:
    """Seconds; only differences mean something."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process_time() + children.ru_utime + children.ru_stime
