"""Translate with the models of Firefox Translations: small, quick, free for any use. The default where they are there.

The models run in worker processes (``firefox_worker.py`` over ``worker_crew.py``), sentence by sentence. What a folder
holds is read in ``firefox_folder.py``; what has no model of its own goes through English (``directions.py``).
Tests run the real engine on computed models (``testing/firefox_model.py``); Mozilla's weights were never run here.
"""

import importlib.util
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from dragoman.engines.folder_fingerprint import model_version
from dragoman.engines.translation.directions import Chain, chain_name, find_chains, require_pair
from dragoman.engines.translation.firefox_folder import FirefoxModel, by_pair, find_models
from dragoman.engines.translation.repetition import runs_in_circles
from dragoman.engines.translation.sentence_end import tidy, with_full_stop, without_full_stop
from dragoman.engines.translation.sentence_parts import cut_long
from dragoman.engines.translation.worker_crew import WorkerCrew
from dragoman.engines.worker_process import WorkerProcess
from dragoman.ground.engines import Capability, EngineInfo, EngineKind, Glossary, Translation
from dragoman.ground.errors import EngineCrashed, EngineOutputInvalid, EngineTimeout, EngineUnavailable, ModelNotFound
from dragoman.ground.languages import Language, join_words
from dragoman.wire.frames import Header

ENGLISH: Final = Language("en")
MAX_PIECES = 80
"""A longer sentence, of about 60 words, is translated in parts: the engine takes the longer over each piece the more
there are, and drops what lies beyond 256."""
MOST_NAMED = 4
LOAD_S = 30.0
"""For the start of a worker and the reading of a model, half a second as a rule. It is not cut short by a call's
deadline: the next call would find nothing loaded again."""
PATIENCE_S = 10.0
"""A worker that is silent for so long over one sentence hangs; the slowest model needs a tenth of a second."""
LONGEST_CALL_S = 120.0
"""A call without a deadline ends after this."""

_WORKER: Final = "dragoman.engines.translation.firefox_worker"


class FirefoxTranslator:
    """Translates with one model for each pair. ``glossary`` and ``committed_prefix`` are not honoured.

    ``threads`` calls run at the same time, each in a process that loads the models it needs.
    """

    def __init__(self, folders: Sequence[Path], *, threads: int = 1, patience_s: float = PATIENCE_S) -> None:
        """Look at the folders; nothing is loaded yet. Raises a ``ModelError`` that says what is wrong with one."""
        if importlib.util.find_spec("fxtranslate") is None:
            raise EngineUnavailable("fxtranslate is not installed: pip install fxtranslate")
        self._models = by_pair(model for folder in folders for model in find_models(folder))
        self._chains = find_chains(self._models, by_way_of=ENGLISH)
        self._patience_s = patience_s
        self._loaded: set[tuple[int, Path]] = set()
        models = self._models.values()
        self.info = EngineInfo(
            name="firefox",
            kind=EngineKind.TRANSLATION,
            model=_name_all([model.id for model in models]),
            version=model_version("fxtranslate", folders),
            pairs=frozenset(self._chains),
            licence=" AND ".join(sorted({model.licence for model in models})),
            commercial=all(model.commercial for model in models),
            attribution="Firefox Translations, Mozilla",
            capabilities=frozenset({Capability.QUICK}),
        )
        self.calls_at_once = threads
        self._crew = WorkerCrew(_WORKER, size=threads, label=self.info.label)

    @property
    def worker_pids(self) -> tuple[int, ...]:
        """Process ids of the running workers, for those who watch processes."""
        return self._crew.pids

    def warm_up(self) -> None:
        """Have every model translate a probe. Raises ``EngineUnavailable`` for one that cannot be read."""
        for source, target in self._models:
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
        """Translate each sentence by the pair's model, or by two through English. Contract: ``Translator.translate``.

        Text without a word, and text of which the model knows no piece at all, come back as they are.
        """
        self._crew.require_open()
        require_pair(self.info, source, target)
        until_s = time.monotonic() + (LONGEST_CALL_S if deadline_s is None else deadline_s)
        chain = self._chains[source, target]
        model_used = f"firefox:{chain_name(chain)}"
        return [
            Translation(text=self._translate_one(text, chain, until_s), model_used=model_used) for text in sentences
        ]

    def cpu_s(self) -> float:
        """Sum the CPU seconds of all workers, those that have ended included."""
        return self._crew.cpu_s()

    def close(self) -> None:
        """End the workers; a sentence that is being translated is lost."""
        self._crew.close()

    def _translate_one(self, text: str, chain: Chain, until_s: float) -> str:
        clean = answer = tidy(text)
        for pair in chain:
            answer = self._step(answer, self._models[pair], until_s)
        return answer if clean else ""

    def _step(self, sentence: str, model: FirefoxModel, until_s: float) -> str:
        """Translate by one model; a long sentence in parts."""
        if not any(char.isalnum() for char in sentence) or not model.knows_any(sentence):
            return sentence
        parts = cut_long(with_full_stop(sentence), most=MAX_PIECES, measure=model.pieces)
        answer = tidy(join_words([self._ask(part, model, until_s) for part in parts], model.pair[1]))
        if not answer or (runs_in_circles(answer.split()) and not runs_in_circles(sentence.split())):
            raise EngineOutputInvalid(f"{self.info.label} answered with nothing or in circles; ask another engine")
        return without_full_stop(answer, like=sentence) or sentence

    def _ask(self, part: str, model: FirefoxModel, until_s: float) -> str:
        self._require_time(until_s)
        with self._crew.borrow(until_s=until_s) as worker:
            self._load(worker, model)
            question: Header = {"do": "translate", "files": list(model.files)}
            answer = worker.ask(question, part.encode(), deadline_s=self._patience_s)
        self._require_time(until_s)
        return _text_of(answer, model)

    def _load(self, worker: WorkerProcess, model: FirefoxModel) -> None:
        """Have the worker load what it never loaded; what it let go of since, it loads again by itself."""
        if (worker.pid, model.model) not in self._loaded:
            _text_of(worker.ask({"do": "load", "files": list(model.files)}, deadline_s=LOAD_S), model)
            self._loaded.add((worker.pid, model.model))

    def _require_time(self, until_s: float) -> None:
        if time.monotonic() >= until_s:
            raise EngineTimeout(f"{self.info.label} had no time left before the deadline; give it more time")


def _name_all(ids: Sequence[str]) -> str:
    """Name the models together, shortly enough for a metric's label."""
    return "+".join(ids) if len(ids) <= MOST_NAMED else f"{len(ids)}-models"


def _text_of(answer: Header, model: FirefoxModel) -> str:
    if "unreadable" in answer:
        raise EngineUnavailable(f"{model.model} cannot be loaded: {answer['unreadable']}; fetch the model again")
    text = answer.get("text")
    if not isinstance(text, str):
        raise EngineCrashed(f"firefox failed: {answer.get('error')}; ask another engine")
    return text


def open_engine(model: Path | None, *, threads: int, further: Sequence[Path] = ()) -> FirefoxTranslator:
    """Open the models in the folder ``model`` and in ``further`` ones, as one engine that goes between them."""
    if model is None:
        raise ModelNotFound("firefox needs a model: firefox:ID or firefox:FOLDER")
    return FirefoxTranslator([model, *further], threads=threads)
