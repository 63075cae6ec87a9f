"""Put the watermark into what is spoken: clause by clause, while it is made. From router.py; the model is an engine.

The mark is made at 16 kHz and added at the rate of the voice, which stays as it is otherwise. What cannot be marked is
not spoken: whoever has chosen a watermark must not hear speech without it.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import soxr

from dragoman.engines.watermark.detection import SAMPLE_RATE
from dragoman.ground.audio import Audio, Samples, join_audio
from dragoman.ground.errors import EngineUnavailable

LEAST_S: Final = 0.2
"""Sound that is marked at once: shorter pieces wait for those that follow, as a mark needs something to hide in."""
SEAM_S: Final = 0.005
"""The mark swells and fades so quickly at the ends of each stretch, so that no seam clicks."""
MOST_SITE: Final = 255


class MarkMaker(Protocol):
    """What makes watermarks: ``AudioSeal``."""

    def watermark(self, samples: Samples, *, payload: int) -> Samples:
        """Give what is to be added to ``samples`` (mono, 16 kHz), of the same length."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """The 16 bits of a mark: which site spoke, and with which engine."""

    site: int
    """0 to 255, as the site has chosen; 0 if it has not."""
    engine: int
    """A checksum of the engine's label, of 8 bits."""

    @property
    def bits(self) -> int:
        return self.site << 8 | self.engine


def payload_of(site: int, engine: str) -> Payload:
    return Payload(site=site, engine=zlib.crc32(engine.encode()) & 0xFF)


def read_payload(bits: int) -> Payload:
    return Payload(site=bits >> 8 & 0xFF, engine=bits & 0xFF)


class Watermark:
    """Marks every clause of one process."""

    def __init__(self, maker: MarkMaker, *, site: int = 0) -> None:
        if not 0 <= site <= MOST_SITE:
            raise ValueError(f"a site is a number from 0 to {MOST_SITE}, not {site}")
        self._maker = maker
        self._site = site

    def mark(self, start: Callable[[], Iterator[Audio]], *, engine: str) -> Iterator[Audio]:
        """Pass on the clause that ``start`` begins, marked, as long and at the rate it came.

        Raises an ``EngineError``: unmarked it is not passed on.
        """
        payload = payload_of(self._site, engine).bits
        held: list[Audio] = []
        for piece in start():
            held.append(piece)
            if sum(each.duration_s for each in held) >= LEAST_S:
                yield self._marked(held, payload)
                held = []
        if held:
            yield self._marked(held, payload)

    def _marked(self, held: list[Audio], payload: int) -> Audio:
        audio = join_audio(held, held[0].sample_rate)
        rate, samples = audio.sample_rate, audio.samples
        made = self._maker.watermark(_resampled(samples, rate, SAMPLE_RATE), payload=payload)
        mark = _seamless(_resampled(made, SAMPLE_RATE, rate)[: len(samples)], rate)
        # Resampled there and back it may be a sample short.
        mark = np.pad(mark, (0, len(samples) - len(mark)))
        return Audio(samples=np.clip(samples + mark, -1, 1).astype(np.float32), sample_rate=rate)


class UnusableWatermark(Watermark):
    """Stands where the wanted watermark cannot be opened: nothing is spoken, and every failure says why."""

    def __init__(self, why: str) -> None:
        self.why = why

    def mark(self, start: Callable[[], Iterator[Audio]], *, engine: str) -> Iterator[Audio]:
        """Raise ``EngineUnavailable``, before a voice has made any sound."""
        raise EngineUnavailable(f"speech is not marked, and so not spoken: {self.why}")


def _resampled(samples: Samples, rate: int, wanted: int) -> Samples:
    return samples if rate == wanted else np.asarray(soxr.resample(samples, rate, wanted, "MQ"), np.float32)


def _seamless(mark: Samples, rate: int) -> Samples:
    length = min(len(mark) // 2, round(SEAM_S * rate))
    ramp = np.linspace(0, 1, length, endpoint=False)
    shape = np.concatenate([ramp, np.ones(len(mark) - 2 * length), ramp[::-1]])
    return np.asarray(mark * shape, np.float32)
