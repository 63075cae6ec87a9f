"""Another try where the likeliest words are doubtful: text drawn at a temperature. For ``file_decoding.py``.

Source: "Robust Speech Recognition via Large-Scale Weak Supervision", Radford et al., 2022, section 4.5.
"""

from typing import Final

import ctranslate2

from dragoman.engines.speech_to_text.whisper_model import Encoded, Hypothesis, WhisperModel
from dragoman.ground.errors import EngineCrashed

_MAX_POSITIONS: Final = 448
"""Prompt and text together (Whisper paper, section 2.2)."""
_SEED: Final = 20221206
"""The same sound gives the same words, however often it is asked."""


class SamplingWhisper(WhisperModel):
    """A loaded model that can also draw its text. Raises and is used as ``WhisperModel``."""

    def sample(
        self, encoded: Encoded, prompt: list[int], *, max_tokens: int, temperature: float, tries: int
    ) -> Hypothesis:
        """Draw ``tries`` texts at ``temperature`` (above 0) and give the likeliest. Raises ``EngineCrashed``."""
        max_tokens = min(max_tokens, _MAX_POSITIONS - len(prompt))
        ctranslate2.set_random_seed(_SEED)
        try:
            [result] = self._model.generate(
                encoded.features,
                [prompt],
                beam_size=1,
                num_hypotheses=tries,
                sampling_topk=0,
                sampling_temperature=temperature,
                # As in ``decode``: CTranslate2 gives min(max_length / 2, max_length - prompt + 1) tokens to the text.
                max_length=max(2 * max_tokens, max_tokens + len(prompt)),
                return_scores=True,
                return_no_speech_prob=True,
            )
        except (RuntimeError, ValueError) as error:
            raise EngineCrashed(f"Whisper could not decode: {error}") from error
        score, drawn = max(zip(result.scores, result.sequences_ids, strict=True), key=lambda text: text[0])
        tokens = self.tokens.text_tokens(drawn)
        return Hypothesis(
            tokens=tokens,
            mean_logprob=score * len(tokens) / (len(tokens) + 1),
            no_speech_probability=result.no_speech_prob,
            cut_short=len(drawn) >= max_tokens,
        )
