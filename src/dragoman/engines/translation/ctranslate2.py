"""Translate with a CTranslate2 model: NLLB, M2M100, MADLAD-400, OPUS-MT. How each is called is in conventions/.

Sentences are prepared in sentence_end.py; answers that run in circles are found in repetition.py.
"""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from pathlib import Path

import ctranslate2

from dragoman.engines.cores import few_cores
from dragoman.engines.ctranslate2_files import require_spec
from dragoman.engines.folder_fingerprint import model_version
from dragoman.engines.native_threads import NativeThreads
from dragoman.engines.translation.directions import require_pair
from dragoman.engines.translation.repetition import runs_in_circles
from dragoman.engines.translation.sentence_end import tidy, with_full_stop, without_full_stop
from dragoman.engines.translation.sentencepiece_folder import read_folder
from dragoman.engines.translation.shortlist import read_shortlist
from dragoman.ground.engines import Capability, EngineInfo, EngineKind, Glossary, Translation
from dragoman.ground.errors import (
    EngineCrashed,
    EngineOutputInvalid,
    EngineTimeout,
    EngineUnavailable,
    ModelCorrupt,
    ModelNotFound,
)
from dragoman.ground.languages import Language, join_words

BEAM_SIZE = 2
"""On few cores the best next piece alone is followed: a second path costs a tenth of the time."""
MAX_PIECES = 200
"""A longer sentence is translated in parts: models lose the end of what is longer than they were trained on."""
MAX_BATCH = 16
MAX_CHOICES = 4
"""More beams would take as long as another repair of the glossary."""
LONGEST_CALL_S = 120.0
"""A call without a deadline ends after this."""
_RETRY_NGRAM = 4
"""On the second try no sequence of four pieces may come twice; always forbidding it would harm real repetitions."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A sentence, or a stretch of a long one, on its way through the model."""

    pieces: list[str]
    prefix: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What a call of the model is for."""

    source: Language
    target: Language
    no_repeat: int
    choices: int


class CTranslate2Translator:
    """Translates whole batches on the cores it was given; several threads may call and take turns.

    ``committed_prefix`` is honoured; of a ``glossary`` its ``choices`` alone.
    """

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        """Load the model. Raises a ``ModelError`` that says what is wrong with ``folder``."""
        require_spec(folder, "TransformerSpec")
        self._folder = read_folder(folder)
        self._native = NativeThreads()
        self._shortlist = read_shortlist(folder)
        try:
            with self._native:
                self._model = ctranslate2.Translator(
                    str(folder), device="cpu", compute_type="int8", inter_threads=1, intra_threads=threads
                )
        except (RuntimeError, ValueError) as error:
            raise ModelCorrupt(f"{folder} cannot be loaded: {error}; fetch the model again") from error
        # Results have no wait with a deadline, futures have one.
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ctranslate2")
        self._turn = threading.Semaphore(1)
        self._executor_cpu_s = 0.0
        self._cpu_s_at_close: float | None = None
        self.info = EngineInfo(
            name="ctranslate2",
            kind=EngineKind.TRANSLATION,
            model=self._folder.id,
            version=model_version("ctranslate2", [folder]),
            pairs=self._folder.pairs,
            licence=self._folder.licence,
            commercial=self._folder.commercial,
            capabilities=frozenset({Capability.PREFIX, Capability.CHOICES}),
        )

    def warm_up(self) -> None:
        """Translate a probe, which wakes the model's threads. Raises ``EngineOutputInvalid`` if nothing comes out."""
        source, target = min(self.info.pairs)
        with self._native:
            self.translate(["1 2 3"], source=source, target=target)

    def translate(
        self,
        sentences: Sequence[str],
        *,
        source: Language,
        target: Language,
        glossary: Glossary | None = None,
        committed_prefix: str = "",
        deadline_s: float | None = None,
    ) -> list[Translation]:
        """Translate the sentences as batches of similar length. Contract: ``Translator.translate``.

        Text without a word, and text of which the model knows no piece at all, come back as they are.
        """
        self._require_open()
        require_pair(self.info, source, target)
        until_s = time.monotonic() + (LONGEST_CALL_S if deadline_s is None else deadline_s)
        committed = tidy(committed_prefix) if len(sentences) == 1 else ""
        clean = [tidy(sentence) for sentence in sentences]
        cut = [self._cut(sentence, target, committed) for sentence in clean]
        parts = [part for of_one in cut for part in of_one]
        choices = 1 if glossary is None else min(max(1, glossary.choices), MAX_CHOICES)
        answers = iter(self._translate_parts(parts, source, target, until_s, choices=choices))
        return [
            self._finish(sentence, [next(answers) for _ in of_one], target)
            for sentence, of_one in zip(clean, cut, strict=True)
        ]

    def cpu_s(self) -> float:
        """Sum the CPU seconds of the model's own threads."""
        if self._cpu_s_at_close is not None:
            return self._cpu_s_at_close
        return self._native.cpu_s() + self._executor_cpu_s

    def close(self) -> None:
        """Wait for the batch at work (its length is bounded), drop those that wait, unload the model."""
        if self._cpu_s_at_close is not None:
            return
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._cpu_s_at_close = self.cpu_s()
        self._model.unload_model()

    def _cut(self, sentence: str, target: Language, committed: str) -> list[_Part]:
        """Prepare a tidy sentence: one part as a rule, more if it is long, none if there is nothing to translate."""
        has_words = any(char.isalnum() for char in sentence)
        if not has_words or not self._folder.knows_any(self._folder.pieces(sentence)):
            return []
        parts: list[list[str]] = [[]]
        for piece in self._folder.pieces(with_full_stop(sentence)):
            length = len(parts[-1])
            if (length >= MAX_PIECES * 3 // 4 and piece.startswith("▁")) or length >= MAX_PIECES:
                parts.append([])
            parts[-1].append(piece)
        prefixes = [committed, *[""] * (len(parts) - 1)]
        return [
            _Part(pieces, self._folder.target_prefix(target=target, committed=prefix))
            for pieces, prefix in zip(parts, prefixes, strict=True)
        ]

    def _finish(self, sentence: str, answers: Sequence[list[str]], target: Language) -> Translation:
        """Put the answers of a sentence's parts together; of a sentence in one part all that came."""
        if not answers:
            return Translation(text=sentence, model_used=self.info.label)
        joined = answers[0] if len(answers) == 1 else [join_words((answer[0] for answer in answers), target)]
        text, *others = (without_full_stop(tidy(answer), like=sentence) for answer in joined)
        return Translation(text=text, model_used=self.info.label, others=tuple(others))

    def _translate_parts(
        self, parts: Sequence[_Part], source: Language, target: Language, until_s: float, *, choices: int
    ) -> list[list[str]]:
        """Translate all parts, each in up to ``choices`` ways, the best first.

        Those with an empty or circling answer are translated once more, under the retry's rule.
        """
        everything = range(len(parts))
        texts: list[list[str]] = [[] for _ in parts]
        for no_repeat in (0, _RETRY_NGRAM):
            bad = [index for index in everything if not texts[index]]
            for batch in _batches(bad, parts):
                wanted = _Wanted(source=source, target=target, no_repeat=no_repeat, choices=choices)
                answers = self._run([parts[index] for index in batch], wanted, until_s)
                for index, ways in zip(batch, answers, strict=True):
                    in_circles = runs_in_circles(parts[index].pieces)
                    sound = [tokens for tokens in ways if in_circles or not runs_in_circles(tokens)]
                    written = (self._folder.text(tokens, target=target).strip() for tokens in sound)
                    texts[index] = list(dict.fromkeys(text for text in written if text))
        if not all(texts):
            raise EngineOutputInvalid(
                f"{self.info.label} answered with nothing or in circles, twice; ask another engine"
            )
        return texts

    def _run(self, parts: Sequence[_Part], wanted: _Wanted, until_s: float) -> list[list[list[str]]]:
        """Run one batch on the model's threads and wait for it until ``until_s`` of ``time.monotonic``.

        What comes too late is dropped; the model still finishes it, so the next call waits for its turn.
        """
        source, target = wanted.source, wanted.target
        tokens = [self._folder.source_tokens(part.pieces, source=source, target=target) for part in parts]
        use_vmap = self._shortlist.serves(source, target, (piece for part in parts for piece in part.pieces))
        prefixes = [part.prefix for part in parts]
        longest = max(2 * len(part.pieces) + 10 + len(part.prefix) for part in parts)
        if not self._turn.acquire(timeout=max(0.0, until_s - time.monotonic())):
            raise EngineTimeout(f"{self.info.label} was busy until the deadline; give it more time")
        try:
            future = self._executor.submit(self._decode, tokens, prefixes, longest, wanted, use_vmap)
        except RuntimeError as error:
            self._turn.release()
            raise self._closed() from error
        future.add_done_callback(self._end_turn)
        try:
            return future.result(timeout=max(0.0, until_s - time.monotonic()))
        except FutureTimeoutError as error:
            raise EngineTimeout(f"{self.info.label} did not answer before the deadline; give it more time") from error
        except CancelledError as error:
            raise self._closed() from error
        except (RuntimeError, ValueError) as error:
            raise EngineCrashed(f"{self.info.label} failed: {error}; ask another engine") from error

    def _end_turn(self, _future: "Future[list[list[list[str]]]]") -> None:
        self._turn.release()

    def _decode(
        self, tokens: list[list[str]], prefixes: list[list[str]], longest: int, wanted: _Wanted, use_vmap: bool
    ) -> list[list[list[str]]]:
        """Call the model; in the executor's thread."""
        began_s = time.thread_time()
        results = self._model.translate_batch(
            tokens,
            target_prefix=[prefix or None for prefix in prefixes],
            beam_size=max(beam_size(), wanted.choices),
            num_hypotheses=wanted.choices,
            max_decoding_length=longest,
            no_repeat_ngram_size=wanted.no_repeat,
            use_vmap=use_vmap,
        )
        self._executor_cpu_s += time.thread_time() - began_s
        return [[list(tokens) for tokens in result.hypotheses] for result in results]

    def _require_open(self) -> None:
        if self._cpu_s_at_close is not None:
            raise self._closed()

    def _closed(self) -> EngineUnavailable:
        return EngineUnavailable(f"{self.info.label} is closed; open it again")


def beam_size() -> int:
    """Say how many paths through an answer are followed on the cores that this process may use."""
    return 1 if few_cores() else BEAM_SIZE


def _batches(indexes: Sequence[int], parts: Sequence[_Part]) -> list[list[int]]:
    """Group parts of similar length, so that a short one is not given the room of a long one."""
    batches: list[list[int]] = []
    for index in sorted(indexes, key=lambda index: len(parts[index].pieces)):
        if batches and len(batches[-1]) < MAX_BATCH:
            shortest = len(parts[batches[-1][0]].pieces)
            if len(parts[index].pieces) <= 2 * shortest + 10:
                batches[-1].append(index)
                continue
        batches.append([index])
    return batches


def open_engine(model: Path | None, *, threads: int) -> CTranslate2Translator:
    """Open the model in the folder ``model``, which this engine cannot do without."""
    if model is None:
        raise ModelNotFound("ctranslate2 needs a model: ctranslate2:ID or ctranslate2:FOLDER")
    return CTranslate2Translator(model, threads=threads)
