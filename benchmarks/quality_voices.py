"""Is synthetic speech understood? Every voice here says the texts of the recordings, and the given models hear it.

From ``quality.py``, whose models and manifest these are; ``python benchmarks/quality_voices.py --help`` does it alone.
The measure is the share of wrong characters (CER), without capitals and punctuation: words of Vietnamese are syllables,
and languages without spaces have no words to count.
"""

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

# Called by its path Python knows this folder and not the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import jiwer
import numpy as np
import soxr
from benchmarks.quality_run import Sample, open_recogniser, read_manifest
from benchmarks.recognition_run import plain

from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import RECOGNITION_RATE, Audio, join_audio
from dragoman.ground.engines import DEFAULT_VOICE, EngineKind, RecognitionContext, SpeechToText, TextToSpeech
from dragoman.ground.errors import DragomanError
from dragoman.ground.events import Observers
from dragoman.ground.languages import Language
from dragoman.recognition.who_hears import engines_for
from dragoman.services.assembly import EngineWishes, open_engines, parse_choices
from dragoman.services.saying.tiers import Quality, quality_of
from dragoman.settings import read_settings
from dragoman.voicing.router import VoiceRouter

LIMITS: dict[str, float] = {"vi": 5.0}
"""Highest CER by language, per cent, of voices for calls; the others are told and not judged."""
CLONED_LIMITS: dict[str, float] = {"vi": 8.0}
"""Of engines whose every voice is cloned from a recording."""
_OWN_VOICES = frozenset({"vieneu"})
"""Engines that can clone, and come with voices of their own: those are held to what all voices for calls are."""
MOST_TEXTS = 20
"""Of a language."""
_SPOKEN_WITHIN_S = 120.0
_HEADER = "language  texts  CER    limit  voice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """One engine's voice in one language."""

    engine: str
    language: Language
    texts: int
    characters: int
    wrong: int
    """Substituted, left out or added."""
    limit: float | None
    """Per cent; None where nothing is asked for."""

    @property
    def cer(self) -> float:
        """Per cent."""
        return 100 * self.wrong / self.characters if self.characters else 0.0


def complain_of_voices(models: Sequence[Path], data: Path) -> list[str]:
    """Measure every voice of the settings with ``models``, print a line for each, and say which pass their limits."""
    try:
        with ExitStack() as stack:
            recognisers = [open_recogniser(stack, model) for model in models]
            voices = stack.enter_context(
                open_engines(read_settings(), EngineWishes(), kinds={EngineKind.TEXT_TO_SPEECH})
            )
            return _complain(voices.text_to_speech, recognisers, read_manifest(data), {})
    except DragomanError as error:
        return [f"the voices cannot be measured: {error}"]


def _complain(
    voices: Sequence[TextToSpeech],
    recognisers: Sequence[SpeechToText],
    samples: Sequence[Sample],
    limits: Mapping[str, float],
) -> list[str]:
    print(f"\n{_HEADER}", flush=True)
    complaints = []
    for language in dict.fromkeys(sample.language for sample in samples):
        texts = list(dict.fromkeys(each.text for each in samples if each.language == language and each.text))
        for voice in voices:
            if not texts or language not in voice.info.languages:
                continue
            found = hear_voice(voice, recognisers, language, texts[:MOST_TEXTS], limits=limits)
            limit = "-" if found.limit is None else f"{found.limit:g} %"
            print(f"{language:8} {found.texts:6} {found.cer:5.1f} % {limit:>5}  {found.engine}", flush=True)
            if found.limit is not None and found.cer > found.limit:
                complaints.append(
                    f"{language}, voice {found.engine}: {found.cer:.1f} % of the characters are misheard, "
                    f"at most {found.limit:g} % is wanted"
                )
    return complaints


def hear_voice(
    voice: TextToSpeech,
    recognisers: Sequence[SpeechToText],
    language: Language,
    texts: Sequence[str],
    *,
    limits: Mapping[str, float],
) -> Understood:
    """Have ``texts`` spoken as in a call, and hear each as a whole. Raises what engines raise."""
    recogniser = engines_for(language, recognisers)[0]
    wrong = characters = 0
    for text in texts:
        audio = asyncio.run(_say(voice, language, text))
        heard = recogniser.transcribe(audio, language=language, context=RecognitionContext())
        truth = _letters(text)
        characters += len(truth)
        wrong += count_wrong(truth, _letters(heard.text))
    return Understood(
        engine=voice.info.label,
        language=language,
        texts=len(texts),
        characters=characters,
        wrong=wrong,
        limit=limit_of(voice, language, limits),
    )


def limit_of(voice: TextToSpeech, language: Language, limits: Mapping[str, float]) -> float | None:
    """Give what is asked of a voice: ``limits`` of whoever measures, else ours, except of the plain voice."""
    if language in limits:
        return limits[language]
    if quality_of(voice.info) is Quality.PLAIN:
        return None
    cloned = voice.info.clones and voice.info.name not in _OWN_VOICES
    return (CLONED_LIMITS if cloned else LIMITS).get(language)


def count_wrong(truth: str, heard: str) -> int:
    """Count characters that are substituted, left out or added."""
    if not truth or not heard:
        return len(truth) or len(heard)
    found = jiwer.process_characters(truth, heard)
    return int(found.substitutions + found.deletions + found.insertions)


async def _say(voice: TextToSpeech, language: Language, text: str) -> Audio:
    observer = Observers(observers=())
    with EnginePool(workers=1, observer=observer) as pool:
        router = VoiceRouter(engines=[voice], pool=pool, observer=observer)
        spoken = router.speak_pieces(
            text, language=language, voice=DEFAULT_VOICE, speed=1.0, deadline_s=_SPOKEN_WITHIN_S
        )
        pieces = [piece.audio async for piece in spoken]
    audio = join_audio(pieces, pieces[0].sample_rate)
    samples = np.asarray(soxr.resample(audio.samples, audio.sample_rate, RECOGNITION_RATE), np.float32)
    return Audio(samples=samples, sample_rate=RECOGNITION_RATE)


def _letters(text: str) -> str:
    return " ".join(word for part in text.split() if (word := plain(part)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the voices alone. Returns 0, 1 where a limit is passed, 2 where something is missing or fails."""
    options = _parse(arguments)
    try:
        samples = read_manifest(options.data)
        with ExitStack() as stack:
            recogniser = open_recogniser(stack, options.model)
            wishes = EngineWishes(text_to_speech=parse_choices(options.voice or ()))
            engines = stack.enter_context(open_engines(read_settings(), wishes, kinds={EngineKind.TEXT_TO_SPEECH}))
            complaints = _complain(engines.text_to_speech, [recogniser], samples, dict(options.limit))
    except DragomanError as error:
        print(f"quality_voices: {error}", file=sys.stderr)
        return 2
    for complaint in complaints:
        print(f"quality_voices: {complaint}", file=sys.stderr)
    return 1 if complaints else 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="quality_voices.py", description="Measure how well voices are understood.")
    parser.add_argument("--model", type=Path, required=True, metavar="FOLDER", help="a model that recognises speech")
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="manifest.jsonl with the texts")
    parser.add_argument("--voice", action="append", metavar="ENGINE[:MODEL]", help="may be repeated; all by default")
    parser.add_argument(
        "--limit",
        type=_read_limit,
        action="append",
        default=[],
        metavar="LANGUAGE=PERCENT",
        help="highest CER of every voice; vi=5, or 8 for cloned ones, and none for the plain one",
    )
    return parser.parse_args(arguments)


def _read_limit(text: str) -> tuple[str, float]:
    language, _, percent = text.partition("=")
    return language, float(percent)


if __name__ == "__main__":
    sys.exit(main())
