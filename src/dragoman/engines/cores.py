"""What engines do otherwise on a small machine."""

import os

FEW_CORES = 3
"""Up to so many, more beams cost every listener time and change little."""


def few_cores() -> bool:
    """Say whether this process may use only a few cores."""
    return len(os.sched_getaffinity(0)) <= FEW_CORES
