"""Speak with espeak-ng, one short-lived process per clause: always there, twelve and more languages, a robot's voice.

Text is cut in spoken_clauses.py, sound is read in wav_stream.py. espeak-ng is GPL and stays a program beside ours.
"""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dragoman.engines.programs import ProgramOwner, find_program
from dragoman.engines.text_to_speech.arabic_vowels import with_short_vowels
from dragoman.engines.text_to_speech.spoken_clauses import cut_clauses, longest_plausible_s, neutralise
from dragoman.engines.text_to_speech.wav_stream import read_wav_stream
from dragoman.ground.audio import Audio
from dragoman.ground.engines import MAX_SPEED, MIN_SPEED, EngineInfo, EngineKind, Gender, Voice
from dragoman.ground.errors import (
    EngineOutputInvalid,
    EngineUnavailable,
    LanguageNotSupported,
    SpeedOutOfRange,
    VoiceNotFound,
)
from dragoman.ground.languages import LANGUAGES, Language, describe_languages, language_name

SAMPLE_RATE = 22_050
"""Hertz of all of espeak-ng's own voices."""
WORDS_PER_MINUTE = 165
"""Spoken at speed 1."""
_LIST_S = 5.0
_QUIETEST_PEAK = 0.01
"""Below it nothing was said: espeak-ng's clauses peak at 0.3 and more."""

_BASE_VOICES: dict[Language, tuple[str, ...]] = {
    Language("en"): ("en-us", "en-gb"),
    Language("vi"): ("vi", "vi-vn-x-central", "vi-vn-x-south"),
    Language("fr"): ("fr-fr", "fr-be", "fr-ch"),
    Language("es"): ("es", "es-419"),
    Language("pt"): ("pt", "pt-br"),
} | {Language(code): (code,) for code in ("ko", "de", "it", "ru", "ar", "hi", "id")}
_BASE_VOICES |= {Language(code): (code,) for code in ("ca", "gl", "eo", "hr", "bs", "sr", "eu", "is", "mk")}
"""Voices of each language, the default one first; what the installed version lacks is left out."""

_UNUSABLE = {
    Language("zh"): "it spells Chinese out in English",
    Language("ja"): "it skips kanji",
    Language("th"): "its Thai cannot be understood",
}
_VARIANTS = ("m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "f1", "f2", "f3", "f4", "f5")
"""The male and female variants; the others of espeak-ng's list are effects (whisper, croak, robots)."""


class EspeakTextToSpeech:
    """Speaks clause by clause. Voices are named as espeak-ng names them: ``vi``, ``vi+f2``, ``vi-vn-x-south``."""

    def __init__(self, *, program: str = "espeak-ng", timeout_s: float = 5.0) -> None:
        """Ask the program for its voices. ``timeout_s`` bounds each clause, which takes about 0.05 s."""
        self._program = find_program(program, package="espeak-ng")
        self._timeout_s = timeout_s
        self._owner = ProgramOwner()
        self._closed = threading.Event()
        self._voices = self._find_voices()
        if not self._voices:
            raise EngineUnavailable(f"{program} lists no voice that we know; apt-get install --reinstall espeak-ng")
        self.info = EngineInfo(
            name="espeak",
            kind=EngineKind.TEXT_TO_SPEECH,
            languages=tuple(self._voices),
            sample_rate=SAMPLE_RATE,
            licence="GPL-3.0-or-later",
            commercial=True,
            attribution="eSpeak NG",
            honours_speed=True,
        )

    def warm_up(self) -> None:
        """Say one word and throw it away, so that the program and its data are in memory. Raises ``EngineError``."""
        language = next(iter(self._voices))
        for _ in self.speak("one", language=language, voice=Voice(), speed=1.0):
            pass

    def speak(self, text: str, *, language: Language, voice: Voice, speed: float) -> Iterator[Audio]:
        """Speak ``text``, mono at 22050 Hz, one piece per clause. Contract: ``TextToSpeech.speak``.

        Markup and espeak-ng's own phoneme escapes are read as text. Raises ``EngineOutputInvalid`` if there is no
        letter and no digit to speak.
        """
        name = self._voice_name(language, voice)
        if not MIN_SPEED <= speed <= MAX_SPEED:
            raise SpeedOutOfRange(f"speed {speed:g} cannot be followed; espeak speaks at {MIN_SPEED} to {MAX_SPEED}")
        clauses = cut_clauses(with_short_vowels(neutralise(text)))
        if not clauses:
            raise EngineOutputInvalid("nothing to speak: the text has no letter and no digit")
        for clause in clauses:
            yield self._speak_clause(clause, name, speed)

    def voices(self, language: Language) -> tuple[Voice, ...]:
        """List the voices of ``language``: its default one, the variants of that, then the dialects with theirs."""
        return tuple(Voice(name=name, gender=_gender(name)) for name in self._voices.get(language, ()))

    def cpu_s(self) -> float:
        """Sum the CPU seconds of all programs run so far."""
        return self._owner.cpu_s()

    def close(self) -> None:
        """Stop clauses being spoken in other threads, and speak no more."""
        self._closed.set()
        self._owner.close()

    def _speak_clause(self, clause: str, voice: str, speed: float) -> Audio:
        if self._closed.is_set():
            raise EngineUnavailable("espeak is closed; open it again")
        longest_s = longest_plausible_s(clause) / speed
        words_per_minute = round(WORDS_PER_MINUTE * speed)
        # Text goes to standard input, where a leading "-" is no option; "-b 1" is UTF-8.
        wav = self._owner.run(
            [self._program, "--stdin", "-b", "1", "-v", voice, "-s", str(words_per_minute), "--stdout"],
            stdin=f"{clause}\n".encode(),
            timeout_s=self._timeout_s,
            max_output_bytes=2 * round(longest_s * SAMPLE_RATE),
        )
        audio = read_wav_stream(wav, program="espeak-ng")
        if audio.sample_rate != SAMPLE_RATE:
            raise EngineOutputInvalid(f"espeak-ng gave {audio.sample_rate} Hz instead of {SAMPLE_RATE} Hz")
        if not len(audio.samples) or float(np.abs(audio.samples).max()) < _QUIETEST_PEAK:
            raise EngineOutputInvalid(f"espeak-ng said nothing for {len(clause)} characters with the voice {voice}")
        return audio

    def _voice_name(self, language: Language, voice: Voice) -> str:
        """Choose espeak-ng's name; raises ``LanguageNotSupported`` and ``VoiceNotFound``."""
        known = self._voices.get(language)
        if known is None:
            why = _UNUSABLE.get(language, "the installed version has no such voice")
            raise LanguageNotSupported(
                f"espeak does not speak {language_name(language)} ({why}; captions only); "
                f"it speaks {describe_languages(self._voices)}"
            )
        if voice.owner is not None:
            raise VoiceNotFound(f"espeak has no cloned voices; leave the owner out, or name one of: {_some_of(known)}")
        if voice.name and voice.name not in known:
            raise VoiceNotFound(f"no voice {voice.name!r} for {language_name(language)}; there are: {_some_of(known)}")
        return voice.name or known[0]

    def _find_voices(self) -> dict[Language, tuple[str, ...]]:
        """Combine our table with the voices and variants that the program lists."""
        names = set(self._list_column("--voices", 1))
        files = set(self._list_column("--voices=variant", 4))
        variants = [f"+{variant}" for variant in _VARIANTS if f"!v/{variant}" in files]
        found = {
            language: tuple(base + variant for base in bases if base in names for variant in ("", *variants))
            for language, bases in _BASE_VOICES.items()
        }
        return {language: found[language] for language in LANGUAGES if found.get(language)}

    def _list_column(self, option: str, column: int) -> list[str]:
        """Read one column of a list that the program prints: priority, language, age/gender, name, file."""
        listing = self._owner.run([self._program, option], timeout_s=_LIST_S).decode("utf-8", "replace")
        rows = [line.split() for line in listing.splitlines()[1:]]
        return [row[column] for row in rows if len(row) > column]


def _gender(name: str) -> Gender | None:
    """Read it from the variant: ``+f2``. The voice without one is not said to be either."""
    return {"m": Gender.MALE, "f": Gender.FEMALE}.get(name.partition("+")[2][:1])


def _some_of(names: tuple[str, ...]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def open_engine(model: Path | None, *, threads: int) -> EspeakTextToSpeech:
    """Open espeak-ng; it brings its own voices, and each clause is one process of one thread."""
    return EspeakTextToSpeech()
