"""Translate with Apertium, the rule-based translator of Debian's packages: modest, instant, no download.

Which directions there are is asked of the installed program; what has no direct one goes over a third language.
Pipelines are kept alive in apertium_pipeline.py; sentences are prepared in sentence_end.py.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dragoman.engines.programs import ProgramOwner, find_program
from dragoman.engines.translation.apertium_pipeline import ApertiumPipeline, read_mode
from dragoman.engines.translation.directions import Chain, chain_name, find_chains, require_pair
from dragoman.engines.translation.sentence_end import tidy, with_full_stop, without_full_stop
from dragoman.ground.engines import EngineInfo, EngineKind, Glossary, LanguagePair, Translation
from dragoman.ground.errors import EngineTimeout, EngineUnavailable
from dragoman.ground.languages import Language

MODES_FOLDER = Path("/usr/share/apertium/modes")
_PACKAGES = (
    "apertium apertium-eng-spa apertium-eng-cat apertium-en-gl apertium-eo-en apertium-hbs-eng apertium-eu-en "
    "apertium-isl-eng apertium-mkd-eng apertium-fr-es apertium-es-pt apertium-spa-ita"
)
_LIST_S = 5.0
MAX_PIPELINES = 8
"""Pipelines alive at once; each is about ten processes and 50 to 160 MB."""

_LANGUAGE_OF_MODE = {
    "eng": "en", "en": "en", "spa": "es", "es": "es", "cat": "ca", "gl": "gl", "eo": "eo", "eu": "eu", "isl": "is",
    "mkd": "mk", "fr": "fr", "ita": "it", "pt": "pt", "hbs_HR": "hr", "hbs_SR": "sr", "hbs_BS": "bs",
}  # fmt: skip
"""Apertium's names of what we know; dialects that are not here (``cat_valencia``, ``pt_BR``) are left alone."""
_SERBO_CROATIAN = (Language("hr"), Language("sr"), Language("bs"))
"""One language to Apertium: read as ``hbs``, written in three ways, never translated into each other."""

Modes = dict[LanguagePair, str]


def parse_modes(listing: str) -> Modes:
    """Read what ``apertium -l`` prints: our pairs of languages, each with its mode."""
    modes: Modes = {}
    for mode in listing.split():
        source, _, target = mode.partition("-")
        for pair in _pairs_of(source, target):
            modes[pair] = mode
    return modes


def _pairs_of(source: str, target: str) -> list[LanguagePair]:
    sources = _SERBO_CROATIAN if source == "hbs" else _known(source)
    return [(one, other) for one in sources for other in _known(target)]


def _known(name: str) -> tuple[Language, ...]:
    return (Language(_LANGUAGE_OF_MODE[name]),) if name in _LANGUAGE_OF_MODE else ()


def find_routes(modes: Modes) -> dict[LanguagePair, Chain]:
    """Say how each pair is translated: by its own mode, else by two over a third language."""
    # Three standards of one language are read better as they are than by way of English.
    return find_chains(modes, apart=_SERBO_CROATIAN)


class ApertiumTranslator:
    """Translates sentence by sentence; a direction's programs start at its first sentence.

    Unknown words pass unchanged. ``glossary`` and ``committed_prefix`` are not honoured.
    """

    def __init__(self, *, program: str = "apertium", modes_folder: Path = MODES_FOLDER) -> None:
        self._owner = ProgramOwner()
        path = find_program(program, package=_PACKAGES)
        listing = self._owner.run([path, "-l"], timeout_s=_LIST_S).decode("utf-8", "replace")
        self._modes = parse_modes(listing)
        if not self._modes:
            raise EngineUnavailable(f"apertium has no language pair that we know; apt-get install {_PACKAGES}")
        self._modes_folder = modes_folder
        self._routes = find_routes(self._modes)
        self._state = threading.Condition()
        self._pipelines: OrderedDict[str, ApertiumPipeline] = OrderedDict()
        self._users: dict[str, int] = {}
        self._closed = False
        self.info = EngineInfo(
            name="apertium",
            kind=EngineKind.TRANSLATION,
            pairs=frozenset(self._routes),
            licence="GPL-3.0-or-later",
            commercial=True,
            attribution="Apertium and its language pairs, as packaged by Debian",
        )

    def warm_up(self) -> None:
        """Start nothing: which direction will be asked for is not known. ``prepare`` starts one."""
        self._require_open()

    def prepare(self, *, source: Language, target: Language) -> None:
        """Start the programs of one pair, so that its first sentence need not wait for them to start."""
        for step in self._route(source, target):
            with self._pipeline(self._modes[step]) as pipeline:
                pipeline.start()

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
        """Translate each sentence by the pair's pipelines. Contract: ``Translator.translate``."""
        self._require_open()
        route = self._route(source, target)
        until_s = None if deadline_s is None else time.monotonic() + deadline_s
        model_used = f"apertium:{chain_name(route)}"
        return [
            Translation(text=self._translate_one(text, route, until_s), model_used=model_used) for text in sentences
        ]

    def pipeline_pids(self) -> dict[str, tuple[int, ...]]:
        """Give the process ids of the stages of each living pipeline, by mode."""
        with self._state:
            return {mode: pipeline.pids for mode, pipeline in self._pipelines.items()}

    def cpu_s(self) -> float:
        """Sum the CPU seconds of all stages, those that were ended included."""
        return self._owner.cpu_s()

    def close(self) -> None:
        """End all programs; a sentence that is being translated is lost."""
        with self._state:
            self._closed = True
            pipelines = list(self._pipelines.values())
            self._pipelines.clear()
            self._state.notify_all()
        self._owner.close()
        for pipeline in pipelines:
            pipeline.close()

    def _translate_one(self, text: str, route: Chain, until_s: float | None) -> str:
        clean = tidy(text)
        if not clean:
            return ""
        answer = with_full_stop(clean)
        for step in route:
            with self._pipeline(self._modes[step], until_s) as pipeline:
                answer = tidy(pipeline.ask(answer, deadline_s=until_s)) or answer
        # A language without articles translates "The" into nothing: then the word itself is better than a hole.
        return without_full_stop(answer, like=clean) or clean

    def _route(self, source: Language, target: Language) -> Chain:
        require_pair(self.info, source, target)
        return self._routes[source, target]

    @contextmanager
    def _pipeline(self, mode: str, until_s: float | None = None) -> Iterator[ApertiumPipeline]:
        """Borrow the pipeline of ``mode``; at most ``MAX_PIPELINES`` live, the longest unused one makes room."""
        with self._state:
            remaining_s = None if until_s is None else until_s - time.monotonic()
            is_free = self._state.wait_for(lambda: not self._is_full_for(mode), timeout=remaining_s)
            if not is_free or (remaining_s is not None and remaining_s <= 0):
                raise EngineTimeout("apertium had no time left before the deadline; give it more, or fewer sentences")
            self._require_open()
            pipeline = self._pipelines.get(mode)
            if pipeline is None:
                self._make_room()
                stages = read_mode(self._modes_folder / f"{mode}.mode")
                pipeline = ApertiumPipeline(mode=mode, stages=stages, owner=self._owner)
                self._pipelines[mode] = pipeline
            self._pipelines.move_to_end(mode)
            self._users[mode] = self._users.get(mode, 0) + 1
        try:
            yield pipeline
        finally:
            with self._state:
                self._users[mode] -= 1
                self._state.notify_all()

    def _is_full_for(self, mode: str) -> bool:
        """Say whether a caller must wait: all places are taken, by pipelines that are at work."""
        if self._closed or mode in self._pipelines or len(self._pipelines) < MAX_PIPELINES:
            return False
        return all(self._users.get(other, 0) for other in self._pipelines)

    def _make_room(self) -> None:
        if len(self._pipelines) >= MAX_PIPELINES:
            idle = next(other for other in self._pipelines if not self._users.get(other, 0))
            self._pipelines.pop(idle).close()

    def _require_open(self) -> None:
        if self._closed:
            raise EngineUnavailable("apertium is closed; open it again")


def open_engine(model: Path | None, *, threads: int) -> ApertiumTranslator:
    """Open Apertium; it brings its own data, and each pipeline's programs spread over the cores by themselves."""
    return ApertiumTranslator()
