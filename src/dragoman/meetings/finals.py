"""The final captions of a room while it lives, for who comes late or comes back. Memory only; from meeting.py."""

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, replace

from dragoman.ground.captions import Caption
from dragoman.ground.languages import Language
from dragoman.meetings.unfinished import UnfinishedSegments

MAX_FINALS = 5_000
"""Of one room: several hours of talk in a few languages, about 3 MB."""
SETTLED_S = 5.0
"""So long after the speaker's own words their translation has come, if anybody read the language then.

The page asks once more when this has passed: ``SETTLED_MS`` of ``web/src/call/missedCaptions.ts``.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Final:
    """A final caption, and which interpreter of the room wrote it."""

    caption: Caption
    epoch: int
    kept_at_s: float = 0.0
    """When it came here."""


class FinalsMemory:
    """Keeps finals in order of ``seq``; when it is full the oldest go."""

    def __init__(self, *, most: int = MAX_FINALS) -> None:
        self._most = most
        self._seqs: list[int] = []
        self._finals: dict[int, Final] = {}
        self.unfinished = UnfinishedSegments()
        """What is to become finals."""

    def __len__(self) -> int:
        return len(self._seqs)

    @property
    def last_seq(self) -> int:
        return self._seqs[-1] if self._seqs else 0

    def add(self, final: Final) -> bool:
        """Take a final; one that is there already, or is older than all that is kept, is not taken again."""
        seq = final.caption.seq
        self.unfinished.answer(final.caption)
        if seq in self._finals or (len(self._seqs) >= self._most and seq < self._seqs[0]):
            return False
        insort(self._seqs, seq)
        self._finals[seq] = final
        if len(self._seqs) > self._most:
            del self._finals[self._seqs.pop(0)]
        return True

    def after(self, seq: int, *, language: Language | None, limit: int) -> list[Final]:
        """Give up to ``limit`` finals with a higher ``seq``, in order; of one language, or of all."""
        found = []
        for later in self._seqs[bisect_right(self._seqs, seq) :]:
            final = self._finals[later]
            if language is None or final.caption.language == language:
                found.append(final)
                if len(found) >= limit:
                    break
        return found

    def before(self, seq: int, *, limit: int, most_chars: int) -> list[Final]:
        """Give the last finals with a lower ``seq``, in order: up to ``limit``, and one or more of ``most_chars``."""
        found: list[Final] = []
        chars = 0
        for earlier in reversed(self._seqs[: bisect_left(self._seqs, seq)][-limit:]):
            final = self._finals[earlier]
            chars += len(final.caption.text) + len(final.caption.original)
            if found and chars > most_chars:
                break
            found.append(final)
        return found[::-1]

    def readable(self, seq: int, *, language: Language, at_s: float, limit: int) -> list[Final]:
        """Give what somebody who reads ``language`` has missed: up to ``limit`` finals with a higher ``seq``, in order.

        What was said while nobody read ``language`` was not translated: the speaker's own words stand in for it, marked
        ``untranslated`` as where no engine could translate. ``at_s`` is now; words that came here in the last
        ``SETTLED_S`` are left to their translation.
        """
        translated = {it.caption.segment for it in self._finals.values() if it.caption.language == language}
        found = []
        for later in self._seqs[bisect_right(self._seqs, seq) :]:
            final = self._finals[later]
            caption = final.caption
            if caption.language == language:
                found.append(final)
            elif (
                caption.language == caption.source_language
                and caption.segment not in translated
                and at_s - final.kept_at_s >= SETTLED_S
            ):
                stand_in = replace(caption, language=language, untranslated=not caption.gap)
                found.append(replace(final, caption=stand_in))
            if len(found) >= limit:
                break
        return found
