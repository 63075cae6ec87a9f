"""Hear one talk with WhisperLiveKit (LocalAgreement) and print what it wrote. Called by ``run_arms.py``.

Runs in the peers' Python (``set_up.sh``). Words count as written when its state holds them; the page it feeds would
show them up to 50 ms later.
"""

import argparse
import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from benchmarks.peers.heard_words import RATE, Microphone
from benchmarks.peers.reference_tokens import ReferenceTokens
from benchmarks.peers.short_windows import shorten_windows
from benchmarks.peers.true_cost_twin import put_twin_beside
from whisperlivekit.audio_processor import AudioProcessor
from whisperlivekit.core import TranscriptionEngine

FRAME_S = 0.05
LOOK_EVERY_S = 0.01


async def hear(microphone: Microphone, engine: TranscriptionEngine) -> None:
    processor = AudioProcessor(transcription_engine=engine)
    results = await processor.create_tasks()
    written = 0

    def note() -> None:
        nonlocal written
        tokens = processor.state.tokens
        microphone.wrote(" ".join(token.text.strip() for token in tokens[written:] if token.text))
        written = len(tokens)

    async def drain() -> None:
        async for _ in results:
            pass

    async def look() -> None:
        while True:
            note()
            await asyncio.sleep(LOOK_EVERY_S)

    draining, looking = asyncio.create_task(drain()), asyncio.create_task(look())
    microphone.start()
    for said_s, piece in microphone.pieces(FRAME_S):
        await asyncio.sleep(max(0.0, said_s - microphone.now_s))
        await processor.process_audio(piece.tobytes())
    await processor.process_audio(b"")
    async with asyncio.timeout(120):
        await draining
    looking.cancel()
    note()
    microphone.done().print()
    await processor.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wav", type=Path)
    parser.add_argument("--language", required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--window", choices=("short", "full"), default="full")
    parser.add_argument("--true-cost", type=Path, help="folder of a large model whose work is done beside")
    options = parser.parse_args()
    engine = TranscriptionEngine(
        backend="faster-whisper",
        backend_policy="localagreement",
        model_dir=str(options.model),
        lan=options.language,
        pcm_input=True,
        log_level="ERROR",
        warmup_file="",
    )
    if options.window == "short":
        shorten_windows()
    if options.true_cost:
        reference = ReferenceTokens(options.model, {options.wav: options.wav.with_suffix(".json")})
        put_twin_beside(engine.asr.model, options.true_cost, reference)
    engine.asr.transcribe(np.zeros(RATE, np.float32))
    asyncio.run(hear(Microphone(options.wav), engine))


if __name__ == "__main__":
    main()
