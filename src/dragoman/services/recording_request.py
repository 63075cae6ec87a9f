"""What a person asks ``dragoman interpret`` for, and what they are told meanwhile. To recording.py."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from dragoman.ground.captions import Caption
from dragoman.ground.errors import SettingsInvalid
from dragoman.ground.languages import Language
from dragoman.rooms.wav_room import Progress
from dragoman.services.assembly import EngineWishes


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRequest:
    """What is to be interpreted; ``make_request`` makes one of what a person typed."""

    files: tuple[Path, ...]
    sources: tuple[Language, ...]
    """The language of each file."""
    targets: tuple[Language, ...]
    """Without doubles."""
    out: Path
    fast: bool = False
    """In virtual time: as quickly as the engines compute."""
    dub_only: bool = False
    """The dub alone, without the original underneath."""
    starts_at_s: tuple[float, ...] = ()
    """When each file begins, seconds; 0 for those left out."""
    wishes: EngineWishes = field(default_factory=EngineWishes)

    @property
    def languages(self) -> frozenset[Language]:
        return frozenset({*self.sources, *self.targets})


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Who is told while it runs."""

    on_note: Callable[[str], None] = lambda note: None
    """A sentence for the person who waits."""
    on_caption: Callable[[Caption], None] = lambda caption: None
    """Every final caption."""
    on_progress: Callable[[Progress], None] = lambda progress: None


def make_request(
    *,
    files: tuple[Path, ...],
    sources: tuple[Language, ...],
    targets: tuple[Language, ...],
    out: Path,
    fast: bool,
    dub_only: bool,
    starts_at_s: tuple[float, ...],
    wishes: EngineWishes,
) -> RecordingRequest:
    """Fit one language for all files, or one for each. Raises ``SettingsInvalid`` for what does not fit together."""
    if not files:
        raise SettingsInvalid("give at least one recording")
    if not sources:
        raise SettingsInvalid("say which language is spoken: --from en")
    if not targets:
        raise SettingsInvalid("say which language it is to be interpreted into: --to es")
    if len(sources) == 1:
        sources = sources * len(files)
    if len(sources) != len(files):
        raise SettingsInvalid(f"{len(files)} files and {len(sources)} --from: give one for all, or one for each")
    if len(starts_at_s) > len(files):
        raise SettingsInvalid(f"{len(files)} files and {len(starts_at_s)} --start: give at most one for each")
    if not all(math.isfinite(start_s) and start_s >= 0 for start_s in starts_at_s):
        raise SettingsInvalid("--start is in seconds from the beginning, 0 or more")
    return RecordingRequest(
        files=files,
        sources=sources,
        targets=tuple(dict.fromkeys(targets)),
        out=out,
        fast=fast,
        dub_only=dub_only,
        starts_at_s=starts_at_s,
        wishes=wishes,
    )
