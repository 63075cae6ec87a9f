"""Give the model inside faster-whisper the cost of a large one, so that a peer's policy can be judged at true size.

The words stay those of the tests' tiny model; beside every step of it a large twin with random weights takes the same
step: the same windows, the same prompts, the same beam, and as many tokens as the reference has words for in the window
(``reference_tokens.py``), with the times between them that the tiny model writes. It cannot end a text early, for the
end is forbidden to it. ``true_cost.py`` does so for Dragoman and writes the twin. Only NumPy, CTranslate2 and
``tokenizers``: it runs in the Pythons of the peers.
"""

from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
from benchmarks.peers.reference_tokens import ReferenceTokens

MOST_TOKENS = 448
HOP_SAMPLES = 160


class WatchedFeatures:
    """Stands in for faster-whisper's ``FeatureExtractor``, and knows what sound a window of features is of."""

    def __init__(self, own: Any) -> None:
        self._own = own
        self._last: tuple[Any, Any] = (np.zeros(0, np.float32), np.zeros((0, 0), np.float32))
        """What was heard last: samples, and their features."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)

    def __call__(self, waveform: Any, *arguments: Any, **options: Any) -> Any:
        features = self._own(waveform, *arguments, **options)
        self._last = (waveform, np.asarray(features, np.float32))
        return features

    def samples_of(self, window: Any) -> Any:
        """Give the samples of a window (mel bands, frames) of what was heard last; it may be padded."""
        waveform, features = self._last
        for begin in np.flatnonzero((features == window[:, :1]).all(axis=0)):
            # Of a frame more than there is sound for, faster-whisper encodes all but the last.
            frames = min(window.shape[1], features.shape[1] - 1 - begin)
            if frames > 0 and np.array_equal(features[:, begin : begin + frames], window[:, :frames]):
                return waveform[begin * HOP_SAMPLES : (begin + frames) * HOP_SAMPLES]
        raise RuntimeError("this window is not of the sound that was heard last")


class Twin:
    """Stands in for a ``ctranslate2.models.Whisper``."""

    def __init__(
        self, own: Any, large: Path, *, features: WatchedFeatures, reference: ReferenceTokens, end_of_text: int
    ) -> None:
        self._own = own
        self._large = ctranslate2.models.Whisper(
            str(large), device="cpu", compute_type="int8", inter_threads=1, intra_threads=1
        )
        self._features = features
        self._reference = reference
        self._end_of_text = end_of_text
        self._encoded: tuple[Any, Any] = (None, None)
        """What was encoded last, by both."""
        self._said: tuple[int, ...] | None = None
        """The tokens of the reference in it; None of a sound that no reference knows."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)

    def encode(self, features: Any, **options: Any) -> Any:
        own = self._own.encode(features, **options)
        self._encoded = (own, self._large.encode(features, **options))
        self._said = self._reference.tokens_in(self._features.samples_of(np.asarray(features)[0]))
        return own

    def generate(self, features: Any, prompts: list[list[int]], **options: Any) -> Any:
        found = self._own.generate(features, prompts, **options)
        # The end is a token too; of several texts each pays for the longest.
        tokens = 1 + max(self._count(text) for result in found for text in result.sequences_ids)
        longest = min(MOST_TOKENS, max(2 * tokens, tokens + max(map(len, prompts)) - 1))
        forced = {"max_length": longest, "suppress_tokens": [self._end_of_text], "suppress_blank": False}
        self._large.generate(self._twin_of(features), prompts, **(options | forced))
        return found

    def align(self, features: Any, start: list[int], texts: list[list[int]], frames: Any, **options: Any) -> Any:
        said = texts if self._said is None else [list(self._said)]
        if any(said):
            self._large.align(self._twin_of(features), start, said, frames, **options)
        return self._own.align(features, start, texts, frames, **options)

    def detect_language(self, features: Any) -> Any:
        self._large.detect_language(self._twin_of(features))
        return self._own.detect_language(features)

    def _count(self, text: list[int]) -> int:
        """Count what the reference has instead of a text, and the times that stand in it."""
        if self._said is None:
            return len(text)
        return len(self._said) + sum(token > self._end_of_text for token in text)

    def _twin_of(self, features: Any) -> Any:
        own, large = self._encoded
        if own is not features:
            raise RuntimeError("this sound was not the last to be encoded")
        return large


def put_twin_beside(recogniser: Any, large: Path, reference: ReferenceTokens) -> None:
    """Let faster-whisper's ``WhisperModel`` work for both from now on."""
    recogniser.feature_extractor = features = WatchedFeatures(recogniser.feature_extractor)
    recogniser.model = Twin(
        recogniser.model,
        large,
        features=features,
        reference=reference,
        end_of_text=recogniser.hf_tokenizer.token_to_id("<|endoftext|>"),
    )
