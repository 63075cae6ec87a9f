"""Translate one kind of model in a process of its own: our way and the plain one by turns. To ``translation.py``.

Plain is CTranslate2 as it comes: the whole vocabulary, one sentence a call. Ours is a shortlist and one call for all
who ask at the same time. The tiny model of the tests and the computed one go the whole way through ``Batching``,
everybody a task of their own; models with random weights are called with our options, as their words would never end.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

# Called by its path Python knows this folder and not the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import ctranslate2
from benchmarks.machine import measure_memory
from benchmarks.translation_models import FIREFOX, PIECE, make_model, word, write_map

from dragoman.engines.pool import EnginePool
from dragoman.engines.translation.ctranslate2 import CTranslate2Translator, beam_size
from dragoman.engines.translation.firefox import FirefoxTranslator
from dragoman.ground.engines import Translator
from dragoman.ground.events import Observers
from dragoman.ground.languages import Language
from dragoman.services.model_commands.shortlisting import MOST_PIECES
from dragoman.translating.batching import Batching, Sentences

FIXTURES = Path(__file__).resolve().parent.parent / "tests" / "fixtures"
EN, VI = Language("en"), Language("vi")
SOURCE_PIECES, TARGET_PIECES = 16, 16
"""Of a sentence of 12 words."""
WORDS: Final = 12
SHORTLISTED: Final = {"nllb-600m": 2 * MOST_PIECES}
"""Pieces of two languages that have none in common: less is left of two real ones."""
PICO: Final = "mt-pico"
WITHIN_S: Final = 600.0

Once = Callable[[], float]
"""Translates a batch; gives seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """One way of translating so many sentences that are there at the same time."""

    model: str
    way: str
    """``ours``, ``plain``."""
    sentences: int
    seconds: tuple[float, ...]
    """Until all of them were there, each round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What one process measured."""

    timed: tuple[Timed, ...]
    rss_mib: float
    """Of the process and its workers, everything loaded."""
    same_answers: float | None
    """Share of sentences that both ways translate alike; None where words mean nothing."""


def main() -> None:
    """Measure the model named first, with the sentences a batch and rounds that follow; write JSON."""
    name, batches, rounds, folder, cores = sys.argv[1:]
    sizes = [int(size) for size in batches.split(",")]
    ran = _measure(name, sizes, rounds=int(rounds), folder=Path(folder), threads=int(cores))
    json.dump(asdict(ran), sys.stdout)
    sys.stdout.flush()
    os._exit(0)  # the models' threads are not waited for


def _measure(name: str, sizes: Sequence[int], *, rounds: int, folder: Path, threads: int) -> Ran:
    if name == PICO:
        return _measure_engine(name, _pico(threads), _meetings(), sizes, rounds)
    model = make_model(name, folder)
    if name in FIREFOX:
        texts = [" ".join(word(41 * at + number) for at in range(WORDS)) + "." for number in range(max(sizes))]
        return _measure_engine(name, FirefoxTranslator([model], threads=threads), texts, sizes, rounds)
    return _measure_random(name, model, sizes, rounds, threads)


def _pico(threads: int) -> CTranslate2Translator:
    return CTranslate2Translator(FIXTURES / PICO, threads=threads)


def _meetings() -> list[str]:
    texts = []
    for path in sorted((FIXTURES / "speech").glob("en-*.json")):
        talk = json.loads(path.read_text(encoding="utf-8"))
        texts += [sentence["text"] for sentence in talk["sentences"]]
    return sorted(dict.fromkeys(texts), key=lambda text: abs(len(text.split()) - WORDS))


def _measure_engine(name: str, engine: Translator, texts: Sequence[str], sizes: Sequence[int], rounds: int) -> Ran:
    """Ours: each sentence asked for by a task of its own. Plain: the engine called for one after the other."""
    engine.warm_up()
    answers: dict[str, dict[str, str]] = {"ours": {}, "plain": {}}

    def plain(batch: Sequence[str]) -> None:
        for text in batch:
            answers["plain"][text] = engine.translate([text], source=EN, target=VI)[0].text

    async def ours(batching: Batching, batch: Sequence[str]) -> None:
        async def one(text: str) -> None:
            asked = Sentences(engine=engine, texts=(text,), source=EN, target=VI, deadline_s=WITHIN_S)
            answers["ours"][text] = (await batching.translate(asked))[0].text

        async with asyncio.TaskGroup() as tasks:
            for text in batch:
                tasks.create_task(one(text))

    with EnginePool(workers=4, observer=Observers()) as pool, asyncio.Runner() as runner:
        batching = Batching(pool)
        ways: dict[tuple[str, int], Once] = {}
        for size in sizes:
            ways["ours", size] = lambda size=size: _took(lambda: runner.run(ours(batching, texts[:size])))  # type: ignore[misc]
            ways["plain", size] = lambda size=size: _took(lambda: plain(texts[:size]))  # type: ignore[misc]
        timed = _by_turns(name, ways, rounds)
    alike = [answers["ours"][text] == answer for text, answer in answers["plain"].items() if text in answers["ours"]]
    rss_mib = sum(process.rss_mib for process in measure_memory(os.getpid()))
    engine.close()
    return Ran(timed=timed, rss_mib=rss_mib, same_answers=sum(alike) / len(alike))


def _measure_random(name: str, folder: Path, sizes: Sequence[int], rounds: int, threads: int) -> Ran:
    if name in SHORTLISTED:
        write_map(folder, SHORTLISTED[name])
    model = ctranslate2.Translator(str(folder), compute_type="int8", inter_threads=1, intra_threads=threads)

    def call(sentences: int, *, use_vmap: bool) -> None:
        source = [[PIECE.format(17 * at + number) for at in range(SOURCE_PIECES)] for number in range(sentences)]
        model.translate_batch(
            source,
            beam_size=beam_size(),
            min_decoding_length=TARGET_PIECES,
            max_decoding_length=TARGET_PIECES,
            use_vmap=use_vmap,
        )

    def plain(sentences: int) -> None:
        for _ in range(sentences):
            call(1, use_vmap=False)

    ways: dict[tuple[str, int], Once] = {}
    for size in sizes:
        ways["ours", size] = lambda size=size: _took(lambda: call(size, use_vmap=name in SHORTLISTED))  # type: ignore[misc]
        ways["plain", size] = lambda size=size: _took(lambda: plain(size))  # type: ignore[misc]
    timed = _by_turns(name, ways, rounds)
    return Ran(timed=timed, rss_mib=measure_memory(os.getpid())[0].rss_mib, same_answers=None)


def _by_turns(name: str, ways: dict[tuple[str, int], Once], rounds: int) -> tuple[Timed, ...]:
    """Take all ways by turns, so that what changes meanwhile touches all; the first round is not kept."""
    seconds: dict[tuple[str, int], list[float]] = {way: [] for way in ways}
    for number in range(rounds + 1):
        for way, once in ways.items():
            took_s = once()
            if number:
                seconds[way].append(took_s)
    return tuple(Timed(model=name, way=way, sentences=size, seconds=tuple(seconds[way, size])) for way, size in seconds)


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
