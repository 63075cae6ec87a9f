"""What this machine is, as far as admins are told. From serve_api.py; to admin_capacity.py."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dragoman.ground.engines import EngineInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    cores: int
    speakers_at_once: int
    """That it was measured to carry (calibration.py)."""
    engines: Callable[[], Sequence[EngineInfo]] = tuple
    """What the services' engines say of themselves; never waits."""
