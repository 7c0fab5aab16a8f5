"""What memory this process takes."""

from __future__ import annotations

import sys

import psutil

MIB = 2**20


def resident_memory() -> int:
    """Memory of this process at present, in MiB."""
    return int(psutil.Process().memory_info().rss) // MIB


def peak_memory() -> int:
    """Most memory that this process ever held, in MiB."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset) // MIB
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (MIB if sys.platform == "darwin" else 2**10)
