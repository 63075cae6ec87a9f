"""One Whisper model in CTranslate2: encode, decode, align, name the language. Used by ``faster_whisper.py``.

CTranslate2 takes windows shorter than Whisper's 30 s, which cost a fraction: 5 s a fourteenth. Stock weights then need
a margin of silence behind the sound, or they invent words.
"""

import gc
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import ctranslate2
import numpy as np

from dragoman.engines.ctranslate2_files import require_files, require_spec
from dragoman.engines.native_threads import NativeThreads
from dragoman.engines.speech_to_text.log_mel import Spectrogram, count_frames, log_mel
from dragoman.engines.speech_to_text.whisper_folder import FILES
from dragoman.engines.speech_to_text.whisper_tokens import WhisperTokens
from dragoman.ground.audio import Samples
from dragoman.ground.errors import EngineCrashed, ModelCorrupt
from dragoman.ground.languages import Language

CALLS_AT_ONCE: Final = 2
"""Calls that a model works on side by side, on weights that they share."""
FULL_WINDOW_FRAMES: Final = 3000
MARGIN_FRAMES: Final = 256
"""Silence behind the sound, 10 ms each: what stock weights need."""
# Never twice the number of mel bands (160, 256): CTranslate2 would take what comes out of the encoder for a
# spectrogram and encode it again, without an error.
_BUCKETS: Final = (*range(250, 1000, 50), 1000, 1200, 1500, 2000, 2500, FULL_WINDOW_FRAMES)

_MAX_POSITIONS: Final = 448
"""Prompt and text together (Whisper paper, section 2.2)."""
_ALIGNED_FRAME_S: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """Sound as the encoder left it; decoding, alignment and detection share it."""

    features: ctranslate2.StorageView
    content_frames: int
    """Frames of 10 ms that hold sound."""
    window_frames: int
    """Frames that were encoded, silence included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """The text tokens found in a window, and what speaks for and against them."""

    tokens: list[int]
    mean_logprob: float
    no_speech_probability: float
    cut_short: bool
    """Ended by the limit of tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """A window, and the tokens that are known of it."""

    encoded: Encoded
    prompt: list[int]
    """What was said before, then the task."""
    said: list[int]
    """The window's first tokens."""
    max_tokens: int
    """Of what follows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Continuation:
    """The text tokens found behind those that were given."""

    tokens: list[int]
    no_speech_probability: float
    cut_short: bool
    """Ended by the limit of tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """When tokens sound."""

    starts_s: list[float]
    """Start of each token; one more entry than tokens: where the text ends."""
    probabilities: list[float]


def short_window_frames(content_frames: int, *, margin_frames: int = MARGIN_FRAMES) -> int:
    """Choose the window for sound of this length and a margin: finely where live looks are, whose time counts."""
    fitting = (bucket for bucket in _BUCKETS if bucket >= content_frames + margin_frames)
    return next(fitting, FULL_WINDOW_FRAMES)


class WhisperModel:
    """A loaded model. Not for several threads at once; ``unload`` it before the interpreter ends.

    Raises ``ModelNotFound``, ``ModelIncomplete``, ``ModelWrongFamily`` or ``ModelCorrupt`` for a folder that does not
    hold a whole Whisper model.
    """

    def __init__(self, folder: Path, *, threads: int) -> None:
        require_files(folder, ["model.bin"])
        require_spec(folder, "WhisperSpec")  # before the other files: a translator's folder lacks them for a reason
        require_files(folder, FILES)
        _require_json(folder / "config.json")
        self._threads = NativeThreads()
        with self._threads:
            self._model = _load(folder, threads=threads)
            self.encode(np.zeros(0, np.float32), window_frames=_BUCKETS[0])
        self.multilingual = bool(self._model.is_multilingual)
        self.tokens = WhisperTokens(folder / "tokenizer.json", multilingual=self.multilingual)

    def cpu_s(self) -> float:
        """Seconds of CPU that CTranslate2's own threads have used."""
        return self._threads.cpu_s()

    def unload(self) -> None:
        """Free the weights and end the threads."""
        self._model.unload_model()
        del self._model
        gc.collect()  # CTranslate2's threads end with the object, and must not outlive the interpreter

    def encode(self, samples: Samples, *, window_frames: int) -> Encoded:
        """Encode 16 kHz ``samples`` followed by silence up to ``window_frames`` of 10 ms."""
        features = log_mel(samples, n_mels=int(self._model.n_mels), frames=window_frames)
        return Encoded(
            features=self._encode(features),
            content_frames=min(count_frames(len(samples)), window_frames),
            window_frames=window_frames,
        )

    def go_on(self, beginnings: Sequence[Beginning], *, beam_size: int) -> list[Continuation]:
        """Write down what follows in each window, for less than one after the other: the weights are read once.

        The windows have one length, and so have their prompts; languages and what is said may differ. The texts are
        those that each would get alone. The tokens of ``said`` cost what they would cost if they were found again.
        """
        room = [_MAX_POSITIONS - len(each.prompt) - len(each.said) for each in beginnings]
        limits = [min(each.max_tokens, left) for each, left in zip(beginnings, room, strict=True)]
        if min(limits) < 1:
            if len(beginnings) == 1:
                return [Continuation(tokens=[], no_speech_probability=0.0, cut_short=True)]
            return [self.go_on([each], beam_size=beam_size)[0] for each in beginnings]
        longest = max(len(each.said) + limit for each, limit in zip(beginnings, limits, strict=True))
        try:
            results = self._model.generate(
                _join([each.encoded.features for each in beginnings]),
                [[*each.prompt, *each.said] for each in beginnings],
                beam_size=beam_size,
                # CTranslate2 gives min(max_length / 2, max_length - prompt + 1) tokens to all that follows the task.
                max_length=max(2 * longest, longest + len(beginnings[0].prompt)),
                suppress_blank=False,  # it would forbid to end at once, and all may have been said
                return_no_speech_prob=True,
            )
        except (RuntimeError, ValueError) as error:
            raise EngineCrashed(f"Whisper could not decode: {error}") from error
        continuations = []
        for each, limit, result in zip(beginnings, limits, results, strict=True):
            found = result.sequences_ids[0][len(each.said) :][:limit]  # what was said comes back with the rest
            continuations.append(
                Continuation(
                    tokens=self.tokens.text_tokens(found),
                    no_speech_probability=result.no_speech_prob,
                    cut_short=len(found) >= limit,
                )
            )
        return continuations

    def decode(self, encoded: Encoded, prompt: list[int], *, max_tokens: int, beam_size: int) -> Hypothesis:
        """Write down what was said, with at most ``max_tokens`` tokens."""
        room = _MAX_POSITIONS - len(prompt)
        max_tokens = min(max_tokens, room)
        try:
            [result] = self._model.generate(
                encoded.features,
                [prompt],
                beam_size=beam_size,
                # CTranslate2 gives min(max_length / 2, max_length - prompt + 1) tokens to the text.
                max_length=max(2 * max_tokens, max_tokens + len(prompt)),
                return_scores=True,
                return_no_speech_prob=True,
            )
        except (RuntimeError, ValueError) as error:
            raise EngineCrashed(f"Whisper could not decode: {error}") from error
        tokens = self.tokens.text_tokens(result.sequences_ids[0])
        return Hypothesis(
            tokens=tokens,
            # The score is the mean over the text; Whisper counts the end of the text as a token too.
            mean_logprob=result.scores[0] * len(tokens) / (len(tokens) + 1),
            no_speech_probability=result.no_speech_prob,
            cut_short=len(result.sequences_ids[0]) >= max_tokens,
        )

    def align(self, encoded: Encoded, tokens: list[int], *, language: Language) -> Alignment:
        """Find when each of ``tokens`` sounds, from the decoder's attention to the encoded sound."""
        try:
            [result] = self._model.align(
                encoded.features, self.tokens.start_sequence(language), [tokens], encoded.content_frames
            )
        except (RuntimeError, ValueError) as error:
            raise EngineCrashed(f"Whisper could not align: {error}") from error
        starts_s = [0.0] * (len(tokens) + 1)
        # The path is monotonic: a token starts where the path first meets its row.
        path = [(-1, 0), *result.alignments]
        for (row_before, _), (row, frame) in pairwise(path):
            if row != row_before and row <= len(tokens):
                starts_s[row] = frame * _ALIGNED_FRAME_S
        return Alignment(starts_s=starts_s, probabilities=list(result.text_token_probs))

    def detect_language(self, encoded: Encoded, among: tuple[Language, ...]) -> Language:
        """Name the most likely of the languages ``among``. Only a multilingual model can."""
        [candidates] = self._model.detect_language(encoded.features)
        known = {f"<|{code}|>": code for code in among}
        return next((known[token] for token, _ in candidates if token in known), among[0])

    def _encode(self, features: Spectrogram) -> ctranslate2.StorageView:
        try:
            return self._model.encode(ctranslate2.StorageView.from_array(features[None]))
        except (RuntimeError, ValueError) as error:
            raise EngineCrashed(f"Whisper could not encode: {error}") from error


def _join(features: Sequence[ctranslate2.StorageView]) -> ctranslate2.StorageView:
    if len(features) == 1:
        return features[0]
    return ctranslate2.StorageView.from_array(np.concatenate([np.asarray(each) for each in features]))


def _load(folder: Path, *, threads: int) -> ctranslate2.models.Whisper:
    try:
        return ctranslate2.models.Whisper(
            str(folder), device="cpu", compute_type="int8", inter_threads=CALLS_AT_ONCE, intra_threads=max(1, threads)
        )
    except (RuntimeError, ValueError) as error:
        raise ModelCorrupt(f"{folder} cannot be loaded: {error}; fetch the model again") from error


def _require_json(file: Path) -> None:
    try:
        json.loads(file.read_bytes())
    except ValueError as error:
        raise ModelCorrupt(f"{file} is not JSON; fetch the model again") from error
