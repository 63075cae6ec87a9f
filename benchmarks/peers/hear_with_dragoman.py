"""Hear one talk with Dragoman's live session and print what it wrote. Called by ``run_arms.py``.

``--window full`` encodes 30 s of every window, as the peers do: what is left then is the policy.
"""

import argparse
import asyncio
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.peers.heard_words import RATE, Microphone
from benchmarks.peers.reference_tokens import ReferenceTokens
from benchmarks.true_cost import TrueCostWhisper

from dragoman.engines.pool import EnginePool
from dragoman.engines.speech_to_text import faster_whisper, whisper_windows
from dragoman.engines.speech_to_text.whisper_model import FULL_WINDOW_FRAMES
from dragoman.engines.voice_activity import silero
from dragoman.ground.audio import FRAME_S, Audio, from_pcm16
from dragoman.ground.engines import RecognitionContext, SpeechToText, VoiceActivity
from dragoman.ground.events import Event
from dragoman.ground.languages import Language
from dragoman.ground.speech import WordState
from dragoman.recognition.session import UtteranceRecognizer
from dragoman.recognition.tuning import RecognitionTuning


class Nobody:
    """An observer that looks away."""

    def observe(self, event: Event) -> None:
        """Look away."""


async def hear(microphone: Microphone, language: Language, engine: SpeechToText, activity: VoiceActivity) -> None:
    with EnginePool(workers=2, observer=Nobody()) as pool:
        recognizer = UtteranceRecognizer(
            engines=[engine], voice_activity=activity, pool=pool, tuning=RecognitionTuning()
        )
        session = await recognizer.open(language=language, context=RecognitionContext())
        microphone.start()

        async def speak() -> None:
            for said_s, piece in microphone.pieces(FRAME_S):
                await asyncio.sleep(said_s - microphone.now_s)
                await session.push(Audio(samples=from_pcm16(piece.tobytes()), sample_rate=RATE))
            await session.finish()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(speak(), name="speak")
            async for event in session:
                if event.state is not WordState.PROVISIONAL:
                    microphone.wrote(" ".join(word.text for word in event.words))
        microphone.done().print()
        await session.close()


def full_windows() -> AbstractContextManager[object]:
    """Let every window be padded to 30 s."""
    return mock.patch.object(whisper_windows, "short_window_frames", lambda *_, **__: FULL_WINDOW_FRAMES)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wav", type=Path)
    parser.add_argument("--language", required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--window", choices=("short", "full"), default="short")
    parser.add_argument("--true-cost", type=Path, help="folder of a large model whose work is done beside")
    options = parser.parse_args()
    if options.true_cost:
        reference = ReferenceTokens(options.model, {options.wav: options.wav.with_suffix(".json")})
        engine: faster_whisper.FasterWhisper = TrueCostWhisper(
            options.model, options.true_cost, threads=1, reference=reference
        )
    else:
        engine = faster_whisper.open_engine(options.model, threads=1)
    activity = silero.open_engine(None, threads=1)
    engine.warm_up()
    try:
        with full_windows() if options.window == "full" else nullcontext():
            asyncio.run(hear(Microphone(options.wav), Language(options.language), engine, activity))
    finally:
        engine.close()
        activity.close()


if __name__ == "__main__":
    main()
