"""The voices of one room: every speaker dubbed near their own pitch and loudness, by the best engine that keeps up.

From interpreting/dub_channel.py. ``planner.py`` chooses the engine, ``casting.py`` the voice, ``speaker_sound.py``
knows the speakers; ``router.py`` speaks.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from dragoman.ground.audio import Audio
from dragoman.ground.engines import TextToSpeech, Voice
from dragoman.ground.errors import EngineError, EngineUnavailable, LanguageNotSupported
from dragoman.ground.languages import Language, describe_languages, language_name
from dragoman.ground.voices import VoicePiece, VoiceTier, VoiceWish
from dragoman.voicing.casting import Cast, Casting
from dragoman.voicing.levelling import LOUDEST_TARGET_LUFS, QUIETEST_TARGET_LUFS
from dragoman.voicing.planner import Offer, tier_of
from dragoman.voicing.speaker_sound import SpeakerSound

if TYPE_CHECKING:
    from dragoman.voicing.router import VoiceRouter

MOST_STEP_LU = 1.5
"""From one clause to the next the loudness aimed at changes no more: a step of 1 LU is just heard."""


class RoomVoices:
    """See ``RoomVoices`` of ``ground/routes.py``. Everything about the speakers is forgotten with the room."""

    def __init__(self, router: "VoiceRouter") -> None:
        self._router = router
        self._casting = Casting()
        self._sounds: dict[str, SpeakerSound] = {}
        self._targets: dict[str, float] = {}

    def can_speak(self, language: Language) -> bool:
        return self._router.can_speak(language)

    def hear(self, speaker: str, audio: Audio) -> None:
        self._casting.is_here(speaker)
        self._sounds.setdefault(speaker, SpeakerSound()).hear(audio)

    def forget(self, speaker: str) -> None:
        self._sounds.pop(speaker, None)
        self._targets.pop(speaker, None)
        self._casting.leave(speaker)

    async def prepare(self, language: Language) -> None:
        """See ``RoomVoices``. The voices are heard one engine after the other; what fails is left unknown."""
        pitches = self._router.pitches
        if pitches is None:
            return
        for engine in self._engines(language):
            try:
                await self._router.pool.visit(partial(pitches.measure, engine, language))
            except EngineError:
                continue  # it will be reported when it is to speak

    async def speak(
        self, text: str, *, speaker: str, language: Language, wish: VoiceWish, speed: float, deadline_s: float
    ) -> AsyncIterator[VoicePiece]:
        """See ``RoomVoices``."""
        offers = self._offers(speaker, language, wish)
        if not offers:
            spoken = describe_languages(self._router.languages()) or "none"
            raise LanguageNotSupported(f"nothing here speaks {language_name(language)}; there is: {spoken}")
        now_s = asyncio.get_running_loop().time()
        order = self._router.planner.order(list(offers), wish=wish, language=language, at_s=now_s)
        if not order:
            raise EngineUnavailable(f"no voice of {language_name(language)} keeps up at the moment; captions go on")
        casts = [self._cast(speaker, offer, offers[offer], language) for offer in order]
        best = min(_RANKS.index(offer.tier) for offer in offers)
        pieces = self._router.speak_as(
            text, casts, language=language, speed=speed, deadline_s=deadline_s, target_lufs=self._target_lufs(speaker)
        )
        async for cast, audio in pieces:
            second_best = wish is not VoiceWish.FAST and _RANKS.index(cast.offer.tier) > best
            yield VoicePiece(audio=audio, tier=cast.offer.tier, second_best=second_best)

    def _engines(self, language: Language) -> list[TextToSpeech]:
        able = [engine for engine in self._router.engines if language in engine.info.languages]
        return [engine for engine in able if not engine.info.jobs_only]

    def _offers(self, speaker: str, language: Language, wish: VoiceWish) -> dict[Offer, TextToSpeech]:
        """Give what could speak, best first: the speaker's own voice where it is wished for and lent."""
        engines = self._engines(language)
        stock = {Offer(engine=engine.info.label, tier=tier_of(engine.info)): engine for engine in engines}
        if wish is not VoiceWish.OWN:
            return stock
        owning = [engine for engine in engines if _own_voice(engine.voices(language), speaker) is not None]
        return {Offer(engine=engine.info.label, tier=VoiceTier.CLONED): engine for engine in owning} | stock

    def _cast(self, speaker: str, offer: Offer, engine: TextToSpeech, language: Language) -> Cast:
        voices = engine.voices(language)
        own = _own_voice(voices, speaker) if offer.tier is VoiceTier.CLONED else None
        if own is not None:
            return Cast(engine=engine, voice=own, offer=offer)
        pitches, sound = self._router.pitches, self._sounds.get(speaker)
        voice = self._casting.voice_for(
            speaker,
            stage=(offer.engine, language),
            offered=[voice for voice in voices if voice.owner is None],
            pitches={} if pitches is None else pitches.known(offer.engine, language),
            pitch_hz=None if sound is None else sound.pitch_hz,
        )
        return Cast(engine=engine, voice=voice, offer=offer)

    def _target_lufs(self, speaker: str) -> float | None:
        """Give the speaker's own loudness within limits, in small steps; None until it is known."""
        sound = self._sounds.get(speaker)
        heard = None if sound is None else sound.lufs
        if heard is not None:
            wanted = min(LOUDEST_TARGET_LUFS, max(QUIETEST_TARGET_LUFS, heard))
            before = self._targets.get(speaker, wanted)
            self._targets[speaker] = min(before + MOST_STEP_LU, max(before - MOST_STEP_LU, wanted))
        return self._targets.get(speaker)


_RANKS = list(VoiceTier)


def _own_voice(voices: Sequence[Voice], speaker: str) -> Voice | None:
    return next((voice for voice in voices if voice.owner == speaker), None)
