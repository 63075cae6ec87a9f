"""What is to be reached, and how far a figure is from it. Plain functions; to ``report.py``.

Nothing here fails on a slow machine: a benchmark says what is, tests say what must be.
"""

from dataclasses import dataclass

from benchmarks import lags

OWN_CODE_SHARE = 0.05
"""Of the engines' compute."""
DUB_ON_TWO_CORES_S = 3.0
"""Median, from the end of a clause; in a call until it is audible in the page."""
SECOND_START_S = 15.0
"""Of ``make run``: everything is installed, and was started before."""
ALL_PROCESSES_MB = 900.0
"""PSS of all processes of a call with one speaker, without the browser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Of one lag, seconds; None where nothing is asked for."""

    p50_s: float | None = None
    p95_s: float | None = None
    p99_s: float | None = None
    two_cores_p50_s: float | None = None
    """The design's number for two cores."""


TARGETS: dict[str, Target] = {
    lags.RECOGNITION: Target(p50_s=0.8),
    lags.RECOGNITION_WITHOUT_PAUSE: Target(),
    lags.TRANSLATION: Target(p50_s=0.3),
    lags.VOICE: Target(p50_s=0.5),
    lags.VOICE_WITHOUT_WAIT: Target(),
    lags.SOURCE_CAPTION: Target(two_cores_p50_s=1.3),
    lags.TRANSLATED_CAPTION: Target(p50_s=0.65, p95_s=0.9, p99_s=1.2, two_cores_p50_s=1.8),
    lags.DUB: Target(p50_s=1.3, p95_s=1.5, p99_s=2.0, two_cores_p50_s=DUB_ON_TWO_CORES_S),
    lags.TRUE_DIFFERENCE: Target(),
    lags.TRUE_TRANSLATED_CAPTION: Target(p50_s=0.65, p95_s=0.9, p99_s=1.2, two_cores_p50_s=1.8),
    lags.TRUE_DUB: Target(p50_s=1.3, p95_s=1.5, p99_s=2.0, two_cores_p50_s=DUB_ON_TWO_CORES_S),
}
"""Every lag that is printed, in its order."""


def shortfall(measured_s: float, target_s: float | None) -> str:
    """Say how much is missing: ``met``, ``+0.12 s``, or nothing where nothing was asked for.

    What would read ``+0.00 s`` is met: no smaller difference is shown.
    """
    if target_s is None:
        return ""
    missing_s = round(measured_s - target_s, 2)
    return f"+{missing_s:.2f} s" if missing_s > 0 else "met"


def share_shortfall(measured: float, target: float) -> str:
    """The same for a share, in percentage points."""
    missing = round((measured - target) * 100, 1)
    return f"+{missing:.1f} points" if missing > 0 else "met"


def missed_by(measured: float, limit: float, unit: str) -> str:
    """The same for anything with a unit: ``met``, or ``+12 MiB``."""
    missing = round(measured - limit)
    return f"+{missing} {unit}" if missing > 0 else "met"
