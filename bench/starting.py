"""How long the service takes to import: a fresh interpreter, the fastest of some.

Processor time stands beside the time on the clock: on a busy machine the clock tells of others.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from time import perf_counter

from bench.results import Result

ROUNDS = 5
AIM = 1.5


def measured() -> list[Result]:
    """Seconds from nothing to `import api.app`."""
    taken = [_taken() for _ in range(ROUNDS)]
    clock, busy = (min(times) for times in zip(*taken, strict=True))
    aim = f"under {AIM} s"
    return [
        Result("import api.app, on the clock", f"{clock:.2f} s", aim=aim),
        Result("import api.app, processor time", f"{busy:.2f} s", aim=aim),
    ]


def _taken() -> tuple[float, float]:
    begun, before = perf_counter(), _children()
    subprocess.run([sys.executable, "-c", "import api.app"], check=True)
    return perf_counter() - begun, _children() - before


def _children() -> float:
    """Processor time of all processes that were started here and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
