"""sherpa-onnx's streaming recogniser in a process of its own: it ends its process at models and options it dislikes.

Started by ``sherpa.py`` as ``python -m``; ``worker_answers.py`` reads what it is asked.

    header {"do": "load", "tokens", "encoder", "decoder", "joiner", "threads", "unit", "pieces", "window_s"}
           {"do": "open" | "transcribe", "stream": n, "language", "hot_words"}, for "transcribe" payload 16-bit PCM
           {"do": "accept" | "finish" | "cancel", "stream": n}, for "accept" payload 16-bit PCM
           {"do": "accept together", "streams": [n, ...], "bytes": [n, ...]}, payload the PCM of one after the other
    answer {"text": ..., "tokens": [[text, second, log-probability or null], ...]}, or "error" or "full" with a reason;
           for several streams {"found": [such an answer, ...]}
"""

from collections.abc import Sequence
from itertools import accumulate, zip_longest
from typing import Final

import numpy as np
import sherpa_onnx

from dragoman.engines.worker_answers import answer_frames
from dragoman.ground.audio import RECOGNITION_RATE, Samples, from_pcm16
from dragoman.wire.frames import Header, JsonValue

MAX_OPEN_STREAMS: Final = 32
"""An utterance's states take a few megabytes."""
_NOTHING: Final[Header] = {"text": "", "tokens": []}
_SPARE_S: Final = 0.1
"""Silence behind the last window, so that the step is taken."""


class Recogniser:
    """One model and its open utterances."""

    def __init__(self, load: Header) -> None:
        """Load the model. A wrong one raises ``RuntimeError`` or ends the process."""
        unit = str(load["unit"])
        self._recogniser = sherpa_onnx.OnlineRecognizer.from_transducer(
            tokens=str(load["tokens"]),
            encoder=str(load["encoder"]),
            decoder=str(load["decoder"]),
            joiner=str(load["joiner"]),
            num_threads=int(str(load["threads"])),
            sample_rate=RECOGNITION_RATE,
            # Only the beam search takes hot words; with a beam of 4 it costs little beside the encoder.
            decoding_method="modified_beam_search" if unit else "greedy_search",
            modeling_unit=unit,
            bpe_vocab=str(load["pieces"]),
        )
        self._tail = np.zeros(round((float(str(load["window_s"])) + _SPARE_S) * RECOGNITION_RATE), np.float32)
        self._open: dict[int, sherpa_onnx.OnlineStream] = {}
        self._found: dict[int, Header] = {}
        """The last answer of each stream."""

    def is_full(self) -> bool:
        return len(self._open) >= MAX_OPEN_STREAMS

    def open(self, number: int, header: Header) -> Header:
        hot_words = str(header.get("hot_words") or "")
        stream = self._recogniser.create_stream(hot_words) if hot_words else self._recogniser.create_stream()
        if language := str(header.get("language") or ""):
            stream.set_option("language", language)
        self._open[number], self._found[number] = stream, _NOTHING
        return _NOTHING

    def accept(self, number: int, pcm: bytes) -> Header:
        return self._hear({number: from_pcm16(pcm)})[0]

    def accept_together(self, numbers: Sequence[int], lengths: Sequence[int], pcm: bytes) -> Header:
        """Let several streams hear more. If that fails on the way they are dropped: nobody knows what they heard."""
        pieces = [pcm[end - length : end] for end, length in zip(accumulate(lengths), lengths, strict=True)]
        said = {number: from_pcm16(piece) for number, piece in zip(numbers, pieces, strict=True)}
        if strange := said.keys() - self._open.keys():
            raise LookupError(f"no such streams: {sorted(strange)}")
        try:
            found = self._hear(said)
        except BaseException:
            for number in numbers:
                self.cancel(number)
            raise
        return {"found": [*found]}

    def finish(self, number: int) -> Header:
        [found] = self._hear({number: self._tail})
        self.cancel(number)
        return found

    def cancel(self, number: int) -> Header:
        self._open.pop(number, None)
        self._found.pop(number, None)
        return _NOTHING

    def transcribe(self, number: int, header: Header, pcm: bytes) -> Header:
        self.open(number, header)
        try:
            self.accept(number, pcm)
            return self._hear({number: self._tail})[0]
        finally:
            self.cancel(number)

    def _hear(self, said: dict[int, Samples]) -> list[Header]:
        """Let each of the streams hear more; the steps that are due at once are one step of the model."""
        streams = {number: self._open[number] for number in said}
        for number, samples in said.items():
            streams[number].accept_waveform(RECOGNITION_RATE, samples)
        stepped: set[int] = set()
        while due := {number: stream for number, stream in streams.items() if self._recogniser.is_ready(stream)}:
            self._recogniser.decode_streams(list(due.values()))
            stepped.update(due)
        for number in stepped:
            self._found[number] = self._read(streams[number]) or self._found[number]
        return [self._found[number] for number in said]

    def _read(self, stream: sherpa_onnx.OnlineStream) -> Header | None:
        """Give what was found; None while the last token is half a letter."""
        result = self._recogniser.get_result_all(stream)
        try:
            text, tokens = result.text, result.tokens
        except UnicodeDecodeError:
            return None
        rows = zip_longest(tokens, result.timestamps, result.ys_probs[: len(tokens)])
        written: list[JsonValue] = [
            [token, round(second, 3), None if logprob is None else round(logprob, 4)] for token, second, logprob in rows
        ]
        return {"text": text, "tokens": written}


class Worker:
    """Answers; the first question loads the model."""

    def __init__(self) -> None:
        self._recogniser: Recogniser | None = None

    def answer(self, header: Header, pcm: bytes) -> Header:
        """Do what a frame asks for; a failure of sherpa-onnx is the answer then."""
        try:
            if header.get("do") == "load":
                self._recogniser = Recogniser(header)
                return _NOTHING
            if self._recogniser is None:
                return {"error": "no model is loaded"}
            return _do(self._recogniser, header, pcm)
        # What sherpa-onnx and onnxruntime raise; the stream is dropped.
        except (RuntimeError, ValueError, LookupError, TypeError) as error:
            return {"error": f"{type(error).__name__}: {error}"}


def _do(recogniser: Recogniser, header: Header, pcm: bytes) -> Header:
    stream = header.get("stream")
    number = stream if isinstance(stream, int) else 0
    match header.get("do"):
        case "open" if recogniser.is_full():
            found: Header = {"full": f"{MAX_OPEN_STREAMS} utterances are open; finish one first"}
        case "open":
            found = recogniser.open(number, header)
        case "accept":
            found = recogniser.accept(number, pcm)
        case "accept together":
            found = recogniser.accept_together(_numbers(header, "streams"), _numbers(header, "bytes"), pcm)
        case "finish":
            found = recogniser.finish(number)
        case "cancel":
            found = recogniser.cancel(number)
        case "transcribe":
            found = recogniser.transcribe(number, header, pcm)
        case other:
            found = {"error": f"cannot do {other!r}"}
    return found


def _numbers(header: Header, name: str) -> list[int]:
    rows = header.get(name)
    return [row for row in rows if isinstance(row, int)] if isinstance(rows, list) else []


def main() -> None:
    answer_frames(Worker().answer)


if __name__ == "__main__":
    main()
