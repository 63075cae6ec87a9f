"""Translate with a language model by llama.cpp: Hy-MT2 in GGUF. Slow and good; it honours terms and background.

The model runs in a worker process (``llama_worker.py`` over ``worker_crew.py``), one sentence at a time. Prompts are
written in ``llama_prompt.py``. Tests run the real engine on a computed model; Hy-MT2's weights were never run here.
"""

import importlib.util
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Final

from dragoman.engines.folder_fingerprint import model_version
from dragoman.engines.translation.directions import require_pair
from dragoman.engines.translation.llama_prompt import read_answer, write_prompt
from dragoman.engines.translation.repetition import runs_in_circles
from dragoman.engines.translation.sentence_end import tidy, with_full_stop, without_full_stop
from dragoman.engines.translation.sentence_parts import cut_long
from dragoman.engines.translation.statement import read_statement
from dragoman.engines.translation.worker_crew import WorkerCrew
from dragoman.ground.engines import Capability, EngineInfo, EngineKind, Glossary, LanguagePair, Translation
from dragoman.ground.errors import (
    EngineCrashed,
    EngineOutputInvalid,
    EngineTimeout,
    EngineUnavailable,
    ModelCorrupt,
    ModelIncomplete,
    ModelNotFound,
)
from dragoman.ground.languages import LANGUAGES, Language, join_words
from dragoman.wire.frames import Header

LOAD_S: Final = 120.0
"""For the reading of a model of one or two gigabytes from a slow disk."""
PATIENCE_S: Final = 20.0
"""The worker keeps deadlines by itself, between two tokens; silent for so much longer, it hangs."""
LONGEST_CALL_S: Final = 120.0
"""A call without a deadline ends after this."""
MAX_BYTES: Final = 600
"""Of a sentence, about 200 tokens; a longer one is translated in parts."""

_WORKER: Final = "dragoman.engines.translation.llama_worker"
_HY_MT: Final = re.compile(r"hy-?mt", re.IGNORECASE)
_HY_MT_LANGUAGES: Final = frozenset(
    "zh en fr pt es ja tr ru ar ko th it de vi ms id tl hi zh-TW pl cs nl km my fa gu ur te mr he bn ta uk".split()
)
"""Of Hy-MT2's model card; those that we know are offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptTokens:
    """What prompts came to so far."""

    read: int = 0
    """Tokens that the model had to read."""
    kept: int = 0
    """Tokens that it knew from the prompts before: the background of a meeting, what every prompt begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Folder:
    """What a folder says of its model."""

    id: str
    file: Path
    pairs: frozenset[LanguagePair]
    licence: str
    commercial: bool


class LlamaCppTranslator:
    """Translates sentence by sentence; several threads may call and take turns.

    ``glossary`` is honoured, ``committed_prefix`` is not.
    """

    def __init__(self, folder: Path, *, threads: int = 1, patience_s: float = PATIENCE_S) -> None:
        """Look at the folder; nothing is loaded yet. Raises a ``ModelError`` that says what is wrong with it."""
        if importlib.util.find_spec("xllamacpp") is None:
            raise EngineUnavailable("xllamacpp is not installed: pip install 'dragoman[llm]'")
        self._folder = _read_folder(folder)
        self._threads = threads
        self.calls_at_once = 1
        self._patience_s = patience_s
        self._loaded_by: int | None = None
        self.prompt_tokens = PromptTokens()
        self.info = EngineInfo(
            name="llama_cpp",
            kind=EngineKind.TRANSLATION,
            model=self._folder.id,
            version=model_version("xllamacpp", [folder]),
            pairs=self._folder.pairs,
            licence=self._folder.licence,
            commercial=self._folder.commercial,
            capabilities=frozenset({Capability.TERMS, Capability.CONTEXT}),
        )
        self._crew = WorkerCrew(_WORKER, size=1, label=self.info.label)

    @property
    def worker_pids(self) -> tuple[int, ...]:
        """Process ids of the running workers, for those who watch processes."""
        return self._crew.pids

    def warm_up(self) -> None:
        """Load the model and have it read a prompt. Raises ``EngineUnavailable`` if it cannot be loaded."""
        _, target = min(self.info.pairs)
        self._complete(write_prompt("1 2 3", target=target), 1, time.monotonic() + LONGEST_CALL_S)

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
        """Translate each sentence by a prompt of its own. Contract: ``Translator.translate``.

        Text without a word comes back as it is.
        """
        self._crew.require_open()
        require_pair(self.info, source, target)
        until_s = time.monotonic() + (LONGEST_CALL_S if deadline_s is None else deadline_s)
        return [
            Translation(text=self._translate_one(tidy(text), target, glossary, until_s), model_used=self.info.label)
            for text in sentences
        ]

    def cpu_s(self) -> float:
        """Sum the CPU seconds of all workers, those that have ended included."""
        return self._crew.cpu_s()

    def close(self) -> None:
        """End the worker; a sentence that is being translated is lost."""
        self._crew.close()

    def _translate_one(self, sentence: str, target: Language, glossary: Glossary | None, until_s: float) -> str:
        if not any(char.isalnum() for char in sentence):
            return sentence
        parts = cut_long(with_full_stop(sentence), most=MAX_BYTES, measure=lambda text: len(text.encode()))
        answers = [self._translate_part(part, target, glossary, until_s) for part in parts]
        return without_full_stop(join_words(answers, target), like=sentence)

    def _translate_part(self, part: str, target: Language, glossary: Glossary | None, until_s: float) -> str:
        prompt = write_prompt(part, target=target, glossary=glossary)
        # A token is three bytes or more, and no translation is twice as long.
        answer, end = self._complete(prompt, 2 * len(part.encode()) // 3 + 32, until_s)
        if end == "late":
            raise EngineTimeout(f"{self.info.label} did not answer before the deadline; give it more time")
        clean = read_answer(answer, text=part)
        circles = runs_in_circles(clean.split()) and not runs_in_circles(part.split())
        if end != "stop" or not clean or circles:
            raise EngineOutputInvalid(f"{self.info.label} answered with no translation; ask another engine")
        return clean

    def _complete(self, prompt: str, max_tokens: int, until_s: float) -> tuple[str, str]:
        """Have the model continue ``prompt``: what it wrote, and why it ended."""
        with self._crew.borrow(until_s=until_s) as worker:
            if self._loaded_by != worker.pid:
                load: Header = {"do": "load", "model": str(self._folder.file), "threads": self._threads}
                self._read(worker.ask(load, deadline_s=LOAD_S))
                self._loaded_by = worker.pid
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                return "", "late"
            question: Header = {"do": "complete", "max_tokens": max_tokens, "within_s": left_s}
            answer = worker.ask(question, prompt.encode(), deadline_s=left_s + self._patience_s)
            self._count(answer)
        return self._read(answer)

    def _count(self, answer: Header) -> None:
        match answer:
            case {"read": int(read), "kept": int(kept)}:
                before = self.prompt_tokens
                self.prompt_tokens = PromptTokens(read=before.read + read, kept=before.kept + kept)

    def _read(self, answer: Header) -> tuple[str, str]:
        match answer:
            case {"text": str(text), "end": str(end)}:
                return text, end
            case {"unreadable": reason}:
                raise EngineUnavailable(f"{self._folder.file} cannot be loaded: {reason}; fetch the model again")
        raise EngineCrashed(f"{self.info.label} failed: {answer.get('error')}; ask another engine")


def _read_folder(folder: Path) -> _Folder:
    if not folder.is_dir():
        raise ModelNotFound(f"no folder {folder}; give one that holds a .gguf file")
    files = sorted(folder.glob("*.gguf"))
    if len(files) != 1:
        raise ModelIncomplete(f"{folder} holds {len(files)} .gguf files; one is needed, whole")
    with files[0].open("rb") as file:
        if file.read(4) != b"GGUF":
            raise ModelCorrupt(f"{files[0]} is no GGUF file; fetch the model again")
    statement = read_statement(folder)
    is_hy_mt = any(_HY_MT.search(name) for name in (files[0].name, folder.resolve().name))
    pairs = statement.pairs
    if not pairs and is_hy_mt:
        pairs = frozenset(permutations([language for language in LANGUAGES if language in _HY_MT_LANGUAGES], 2))
    if not pairs:
        raise ModelIncomplete(
            f"{folder} does not say what it translates; state it: dragoman models add {folder} --languages en:vi"
        )
    return _Folder(
        id=statement.id or folder.resolve().name,
        file=files[0],
        pairs=pairs,
        licence=statement.licence or ("Apache-2.0" if is_hy_mt else "unknown"),
        commercial=statement.commercial if statement.licence else is_hy_mt,
    )


def open_engine(model: Path | None, *, threads: int) -> LlamaCppTranslator:
    """Open the model in the folder ``model``, which this engine cannot do without."""
    if model is None:
        raise ModelNotFound("llama_cpp needs a model: llama_cpp:ID or llama_cpp:FOLDER")
    return LlamaCppTranslator(model, threads=threads)
