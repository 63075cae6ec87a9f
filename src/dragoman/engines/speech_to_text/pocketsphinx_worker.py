"""PocketSphinx in a process of its own: it holds Python's lock while it decodes, for half a second at times.

Started by ``pocketsphinx.py`` as ``python -m``; ``worker_answers.py`` reads what it is asked.

    header {"do": "warm_up" | "transcribe" | "open" | "accept" | "finish" | "cancel", "stream": n}, payload 16-bit PCM
           with "finish" also "again": false, where there is no time to hear the utterance once more
    answer {"words": [[text, start_s, end_s], ...]} or "error" or "full" with a reason instead of "words"
"""

from collections.abc import Iterator
from typing import Final

import pocketsphinx

from dragoman.engines.worker_answers import answer_frames
from dragoman.ground.audio import RECOGNITION_RATE
from dragoman.wire.frames import Header, JsonValue

MAX_OPEN_STREAMS: Final = 8
"""Each decoder takes 90 MB; a machine follows four speakers at once at best."""
_MAX_IDLE_DECODERS: Final = 2
_FRAME_S: Final = 0.01
_MAX_WORD_S: Final = 2.0
"""What lasts longer is noise that was taken for a word."""
_MIN_WHOLE_BYTES: Final = RECOGNITION_RATE * 2 // 2
"""Half a second; PocketSphinx fails on much less, so silence is added."""
_REREAD_BYTES: Final = 8 * RECOGNITION_RATE * 2
"""Utterances of up to 8 s are recognised once more as a whole, with their own cepstral mean: five people reading aloud
are misheard in 28 % of their words then, instead of 31 %. It costs 0.2 s per second; longer ones would come too late,
and have had time to find their mean."""

Words = list[JsonValue]


class Recogniser:
    """The decoders, and what is known of the microphone's sound."""

    def __init__(self) -> None:
        self._idle: list[pocketsphinx.Decoder] = []
        self._open: dict[int, pocketsphinx.Decoder] = {}
        # Cepstral mean of the last utterance with words. To start each from there instead of the default takes the
        # word error rate of streamed speech from 9-12 % to 2-6 %, even if another speaker was last
        # (ten sentences each of flite's slt, rms and awb).
        self._cepstral_mean: str | None = None
        # What each open stream has heard, to be recognised once more as a whole at its end.
        self._heard: dict[int, bytearray] = {}

    def warm_up(self) -> Words:
        self._give_back(self._take())
        return []

    def transcribe(self, pcm: bytes) -> Words:
        """Recognise a whole utterance; its own mean is known beforehand."""
        decoder = self._take()
        decoder.start_utt()
        decoder.process_raw(pcm + bytes(max(0, _MIN_WHOLE_BYTES - len(pcm))), full_utt=True)
        decoder.end_utt()
        words = _read_words(decoder)
        self._give_back(decoder)
        return words

    def is_full(self) -> bool:
        return len(self._open) >= MAX_OPEN_STREAMS

    def open(self, stream: int) -> Words:
        decoder = self._take()
        if self._cepstral_mean is not None:
            decoder.set_cmn(self._cepstral_mean)
        decoder.start_utt()
        self._heard[stream] = bytearray()
        self._open[stream] = decoder
        return []

    def accept(self, stream: int, pcm: bytes) -> Words:
        decoder = self._open[stream]
        if pcm:
            decoder.process_raw(pcm)
            self._heard[stream] += pcm
        return _read_words(decoder)

    def finish(self, stream: int, *, again: bool = True) -> Words:
        decoder = self._open.pop(stream)
        heard = self._heard.pop(stream)
        decoder.end_utt()
        words, cepstral_mean = _read_words(decoder), decoder.get_cmn(False)
        # Before it is recognised once more, which would take another decoder otherwise.
        self._give_back(decoder)
        if again and words and (len(heard) <= _REREAD_BYTES or self._cepstral_mean is None):
            words = self.transcribe(bytes(heard))
        if words:
            self._cepstral_mean = cepstral_mean
        return words

    def cancel(self, stream: int) -> Words:
        decoder = self._open.pop(stream, None)
        self._heard.pop(stream, None)
        if decoder is not None:
            decoder.end_utt()
            self._give_back(decoder)
        return []

    def _take(self) -> pocketsphinx.Decoder:
        if not self._idle:
            return pocketsphinx.Decoder(samprate=RECOGNITION_RATE, loglevel="FATAL")
        decoder = self._idle.pop()
        decoder.reinit_feat()  # forget the noise of before: the same sound gives the same words; 0.1 ms
        return decoder

    def _give_back(self, decoder: pocketsphinx.Decoder) -> None:
        if len(self._idle) < _MAX_IDLE_DECODERS:
            self._idle.append(decoder)


def _read_words(decoder: pocketsphinx.Decoder) -> Words:
    return list(_iterate_words(decoder))


def _iterate_words(decoder: pocketsphinx.Decoder) -> Iterator[JsonValue]:
    if decoder.hyp() is None:
        return
    for segment in decoder.seg():
        if segment.word.startswith(("<", "[", "+")):  # sentence marks, silence, noises
            continue
        start_s = round(segment.start_frame * _FRAME_S, 2)
        end_s = round((segment.end_frame + 1) * _FRAME_S, 2)
        if end_s - start_s <= _MAX_WORD_S:
            yield [segment.word.partition("(")[0], start_s, end_s]  # "word(2)" is another way to say it


def answer(recogniser: Recogniser, header: Header, pcm: bytes) -> Header:
    """Do what a frame asks for; a failure of PocketSphinx is the answer then."""
    stream = header.get("stream")
    number = stream if isinstance(stream, int) else 0
    try:
        match header.get("do"):
            case "warm_up":
                words = recogniser.warm_up()
            case "transcribe":
                words = recogniser.transcribe(pcm)
            case "open" if recogniser.is_full():
                return {"full": f"{MAX_OPEN_STREAMS} utterances are open; finish one first"}
            case "open":
                words = recogniser.open(number)
            case "accept":
                words = recogniser.accept(number, pcm)
            case "finish":
                words = recogniser.finish(number, again=header.get("again") is not False)
            case "cancel":
                words = recogniser.cancel(number)
            case other:
                return {"error": f"cannot do {other!r}"}
    except (RuntimeError, ValueError, LookupError) as error:  # PocketSphinx raises these; the decoder is dropped
        return {"error": f"{type(error).__name__}: {error}"}
    return {"words": words}


def main() -> None:
    recogniser = Recogniser()
    answer_frames(lambda header, pcm: answer(recogniser, header, pcm))


if __name__ == "__main__":
    main()
