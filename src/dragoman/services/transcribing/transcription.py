"""Put together what a recording says: words to sentences, sentences to subtitles.

Plain functions, from ``hearing.py`` to ``formats.py``. Live captions are cut by ``interpreting/sentences.py``, which
also has to say when to translate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dragoman.ground.languages import Language, join_words
from dragoman.ground.sentence_ends import ends_sentence
from dragoman.ground.speech import Word

SENTENCE_PAUSE_S: Final = 0.5
"""A pause of this length ends a sentence, whatever its last word."""
SUBTITLE_S: Final = 7.0
SUBTITLE_CHARS: Final = 84
"""Two lines of 42 characters, as long as people need to read them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Words that belong together; at least one."""

    words: tuple[Word, ...]
    language: Language

    @property
    def text(self) -> str:
        return join_words((word.text for word in self.words), self.language)

    @property
    def start_s(self) -> float:
        return self.words[0].start_s

    @property
    def end_s(self) -> float:
        return self.words[-1].end_s

    @property
    def confidence(self) -> float | None:
        """Mean probability of the words, where the engine tells."""
        known = [word.probability for word in self.words if word.probability is not None]
        return sum(known) / len(known) if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcription:
    """A recording's words, and who heard them."""

    words: tuple[Word, ...]
    language: Language
    model_used: str
    duration_s: float
    """Of the recording."""
    cut_short: bool
    """The recording ends before it should; the words are those of what there was."""
    processing_s: float
    """Wall time from the first stretch to the last."""

    @property
    def text(self) -> str:
        return join_words((word.text for word in self.words), self.language)

    @property
    def sentences(self) -> tuple[Passage, ...]:
        return cut_sentences(self.words, self.language)

    @property
    def segments(self) -> tuple[Passage, ...]:
        """Give the sentences, long ones parted into subtitles."""
        return tuple(part for sentence in self.sentences for part in cut_subtitles(sentence))


def cut_sentences(words: Sequence[Word], language: Language) -> tuple[Passage, ...]:
    """Cut at the marks that end a sentence and in pauses of 500 ms."""
    sentences: list[list[Word]] = []
    ended = True
    for word in words:
        if not ended and word.start_s - sentences[-1][-1].end_s >= SENTENCE_PAUSE_S:
            ended = True
        if ended:
            sentences.append([])
        sentences[-1].append(word)
        ended = ends_sentence(word.text, language)
    return tuple(Passage(words=tuple(sentence), language=language) for sentence in sentences)


def cut_subtitles(sentence: Passage) -> list[Passage]:
    """Part what nobody can read in time: behind a comma if there is one, else in the longest pause near the middle."""
    words = sentence.words
    fits = len(sentence.text) <= SUBTITLE_CHARS and sentence.end_s - sentence.start_s <= SUBTITLE_S
    if fits or len(words) < 2:
        return [sentence]
    place = max(range(1, len(words)), key=lambda place: _worth(words, place))
    parts = (words[:place], words[place:])
    return [part for half in parts for part in cut_subtitles(Passage(words=half, language=sentence.language))]


def _worth(words: Sequence[Word], place: int) -> float:
    """Say how well two subtitles part before the word at ``place``."""
    pause_s = words[place].start_s - words[place - 1].end_s
    comma = words[place - 1].text[-1:] in {",", ";", ":", "，", "、", "；", "：", "،"}
    off_middle = abs(place / len(words) - 0.5)
    return pause_s + 0.3 * comma - off_middle
