"""Give the model inside faster-whisper the cost of a large one, so that a peer's policy can be judged at true size.

The words stay those of the tests' tiny model; beside every step of it a large twin with random weights takes the same
step: the same windows, the same prompts, as many tokens, the same beam. It cannot end a text early, for the end is
forbidden to it. ``true_cost.py`` does so for Dragoman and writes the twin. Only NumPy and CTranslate2: it runs in the
Pythons of the peers.
"""

from pathlib import Path
from typing import Any

import ctranslate2

MOST_TOKENS = 448


class Twin:
    """Stands in for a ``ctranslate2.models.Whisper``."""

    def __init__(self, own: Any, large: Path, *, end_of_text: int) -> None:
        self._own = own
        self._large = ctranslate2.models.Whisper(
            str(large), device="cpu", compute_type="int8", inter_threads=1, intra_threads=1
        )
        self._end_of_text = end_of_text
        self._encoded: tuple[Any, Any] = (None, None)
        """What was encoded last, by both."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)

    def encode(self, features: Any, **options: Any) -> Any:
        own = self._own.encode(features, **options)
        self._encoded = (own, self._large.encode(features, **options))
        return own

    def generate(self, features: Any, prompts: list[list[int]], **options: Any) -> Any:
        found = self._own.generate(features, prompts, **options)
        # The end is a token too; of several texts each pays for the longest.
        tokens = 1 + max(len(text) for result in found for text in result.sequences_ids)
        longest = min(MOST_TOKENS, max(2 * tokens, tokens + max(map(len, prompts))))
        forced = {"max_length": longest, "suppress_tokens": [self._end_of_text], "suppress_blank": False}
        self._large.generate(self._twin_of(features), prompts, **(options | forced))
        return found

    def align(self, features: Any, start: list[int], texts: list[list[int]], frames: Any, **options: Any) -> Any:
        self._large.align(self._twin_of(features), start, texts, frames, **options)
        return self._own.align(features, start, texts, frames, **options)

    def detect_language(self, features: Any) -> Any:
        self._large.detect_language(self._twin_of(features))
        return self._own.detect_language(features)

    def _twin_of(self, features: Any) -> Any:
        own, large = self._encoded
        if own is not features:
            raise RuntimeError("this sound was not the last to be encoded")
        return large


def put_twin_beside(recogniser: Any, large: Path) -> None:
    """Let faster-whisper's ``WhisperModel`` work for both from now on."""
    end_of_text = recogniser.hf_tokenizer.token_to_id("<|endoftext|>")
    recogniser.model = Twin(recogniser.model, large, end_of_text=end_of_text)
