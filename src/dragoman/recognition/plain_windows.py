"""Hear a window with any engine: with those that only take whole stretches too. To followers.py.

Such an engine recognises the window from its start each time; what it finds where committed words lie is left out.
"""

from itertools import pairwise

from dragoman.ground.engines import SpeechToText
from dragoman.ground.languages import Language
from dragoman.ground.speech import Word
from dragoman.ground.windows import Window, WindowHypothesis, WindowSpeechToText, WindowWord
from dragoman.recognition.stable_prefix import same_word

_OVERLAP_S = 0.1
"""How far words may move between two hearings."""
_MAX_REPEATED = 5


def hear_window(engine: SpeechToText, window: Window, *, language: Language) -> WindowHypothesis:
    """Recognise what follows the committed words. Raises as ``SpeechToText.transcribe``."""
    if isinstance(engine, WindowSpeechToText):
        return engine.hypothesize(window, language=language)
    transcript = engine.transcribe(window.audio, language=language, context=window.context)
    words = leave_out(window.committed, transcript.words)
    settled_s = [following.start_s for _, following in pairwise(words)] + [word.end_s for word in words[-1:]]
    return WindowHypothesis(
        words=tuple(WindowWord(word=word, settled_s=seconds) for word, seconds in zip(words, settled_s, strict=True)),
        model_used=transcript.model_used,
    )


def words_behind(committed: tuple[Word, ...], found: tuple[Word, ...]) -> tuple[Word, ...]:
    """Give the words of ``found`` that follow the committed ones, which it most likely begins with."""
    before = found[: len(committed)]
    if len(before) == len(committed) and all(same_word(*pair) for pair in zip(committed, before, strict=True)):
        return found[len(committed) :]
    return leave_out(committed, found)


def leave_out(committed: tuple[Word, ...], found: tuple[Word, ...]) -> tuple[Word, ...]:
    """Give the words of ``found`` that follow the committed ones: by their time, and where that is close, their text.

    The rule for repeated words is that of whisper_streaming (Macháček, Dabre and Bojar, IJCNLP-AACL 2023).
    """
    if not committed:
        return found
    end_s = committed[-1].end_s
    new = tuple(word for word in found if (word.start_s + word.end_s) / 2 > end_s - _OVERLAP_S)
    for count in range(min(_MAX_REPEATED, len(committed), len(new)), 0, -1):
        repeated = zip(committed[-count:], new[:count], strict=True)
        if new[0].start_s < end_s and all(same_word(one, other) for one, other in repeated):
            return new[count:]
    return new
