"""Hear one talk with whisper_streaming and print what it wrote. Called by ``run_arms.py``.

Runs in the peers' Python with a checkout of whisper_streaming (``set_up.sh``). Its loop is the one of its command: wait
until a chunk has been said, take all there is, make a pass. The model is loaded for a CPU in int8, which it never does.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any, Protocol

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from benchmarks.peers.heard_words import RATE, Microphone
from benchmarks.peers.reference_tokens import ReferenceTokens
from benchmarks.peers.short_windows import shorten_windows
from benchmarks.peers.true_cost_twin import put_twin_beside


class Online(Protocol):
    """Its ``OnlineASRProcessor``."""

    def insert_audio_chunk(self, audio: np.ndarray) -> None: ...

    def process_iter(self) -> tuple[float | None, float | None, str]: ...

    def finish(self) -> tuple[float | None, float | None, str]: ...


def hear(microphone: Microphone, online: Online, chunk_s: float) -> None:
    pcm = microphone.pcm.astype(np.float32) / 32768
    taken = 0
    microphone.start()
    while taken < len(pcm):
        missing_s = min(taken / RATE + chunk_s, microphone.audio_s) - microphone.now_s
        if missing_s > 0:
            time.sleep(missing_s)
        said = min(len(pcm), round(microphone.now_s * RATE))
        online.insert_audio_chunk(pcm[taken:said])
        taken = said
        microphone.wrote(online.process_iter()[2])
    microphone.wrote(online.finish()[2])
    microphone.done().print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wav", type=Path)
    parser.add_argument("--language", required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--window", choices=("short", "full"), default="full")
    parser.add_argument("--checkout", type=Path, required=True, help="folder of whisper_streaming")
    parser.add_argument("--chunk", type=float, default=0.3, help="its --min-chunk-size, seconds")
    parser.add_argument("--true-cost", type=Path, help="folder of a large model whose work is done beside")
    options = parser.parse_args()
    sys.path.insert(0, str(options.checkout))
    from faster_whisper import WhisperModel
    from whisper_online import FasterWhisperASR, OnlineASRProcessor

    class OnCpu(FasterWhisperASR):  # type: ignore[misc]
        def load_model(
            self, modelsize: str | None = None, cache_dir: str | None = None, model_dir: str | None = None
        ) -> Any:
            return WhisperModel(model_dir, device="cpu", compute_type="int8", cpu_threads=1)

    recogniser = OnCpu(options.language, model_dir=str(options.model))
    if options.window == "short":
        shorten_windows()
    if options.true_cost:
        reference = ReferenceTokens(options.model, {options.wav: options.wav.with_suffix(".json")})
        put_twin_beside(recogniser.model, options.true_cost, reference)
    recogniser.transcribe(np.zeros(RATE, np.float32))
    hear(Microphone(options.wav), OnlineASRProcessor(recogniser), options.chunk)


if __name__ == "__main__":
    main()
