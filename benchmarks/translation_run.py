"""Translate one kind of model in a process of its own: our way and the plain one by turns. To ``translation.py``.

Ours is the whole way: everybody a task of their own, by way of ``Batching`` and the engine, with its shortlist and its
workers. Unlisted is the same without the shortlist, for models that have one: the difference is the shortlist's alone.
Plain is CTranslate2 as it comes (or fxtranslate, in this process): the whole vocabulary, one sentence a call.
All load the same files, cut the same sentences into the same pieces and look at as many next pieces.
"""

import asyncio
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

# Called by its path Python knows this folder and not the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import ctranslate2
import fxtranslate
from benchmarks.machine import measure_memory
from benchmarks.translation_models import EN, FIREFOX, VI, make_model
from benchmarks.translation_words import WORDS, sentence, word

from dragoman.engines.pool import EnginePool
from dragoman.engines.translation.ctranslate2 import CTranslate2Translator, beam_size
from dragoman.engines.translation.firefox import FirefoxTranslator
from dragoman.engines.translation.firefox_folder import find_models
from dragoman.engines.translation.sentencepiece_folder import read_folder
from dragoman.engines.translation.shortlist import MAP_FILE, STATEMENT_FILE
from dragoman.ground.engines import Translator
from dragoman.ground.events import Observers
from dragoman.translating.batching import Batching, Sentences

FIXTURES = Path(__file__).resolve().parent.parent / "tests" / "fixtures"
PICO: Final = "mt-pico"
WITHIN_S: Final = 600.0

Plain = Callable[[str], str]
"""Translates one sentence as the library does it."""
Once = Callable[[], float]
"""Translates a batch; gives seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """One way of translating so many sentences that are there at the same time."""

    model: str
    way: str
    """``ours``, ``unlisted``, ``plain``."""
    sentences: int
    seconds: tuple[float, ...]
    """Until all of them were there, each round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What one process measured."""

    timed: tuple[Timed, ...]
    rss_mib: float
    """Of the process and its workers, when ours alone is loaded."""
    same_answers: float
    """Share of sentences that the other ways translate as ours does."""


def main() -> None:
    """Measure the model named first, with the sentences a batch and rounds that follow; write JSON."""
    name, batches, rounds, folder, cores = sys.argv[1:]
    sizes = [int(size) for size in batches.split(",")]
    ran = _measure(name, sizes, rounds=int(rounds), folder=Path(folder), threads=int(cores))
    json.dump(asdict(ran), sys.stdout)
    sys.stdout.flush()
    os._exit(0)  # the models' threads are not waited for


def _measure(name: str, sizes: Sequence[int], *, rounds: int, folder: Path, threads: int) -> Ran:
    model = FIXTURES / PICO if name == PICO else make_model(name, folder)
    if name in FIREFOX:
        texts = [" ".join(word(41 * at + number) for at in range(WORDS)) + "." for number in range(max(sizes))]
        engine: Translator = FirefoxTranslator([model], threads=threads)
    else:
        texts = _meetings() if name == PICO else [sentence(number) for number in range(max(sizes))]
        engine = CTranslate2Translator(model, threads=threads)
    engine.warm_up()
    engines = {"ours": engine}
    answers: dict[str, dict[str, str]] = defaultdict(dict)

    async def whole_way(way: str, batching: Batching, batch: Sequence[str]) -> None:
        async def one(text: str) -> None:
            asked = Sentences(engine=engines[way], texts=(text,), source=EN, target=VI, deadline_s=WITHIN_S)
            answers[way][text] = (await batching.translate(asked))[0].text

        async with asyncio.TaskGroup() as tasks:
            for text in batch:
                tasks.create_task(one(text))

    with ExitStack() as stack:
        pool = stack.enter_context(EnginePool(workers=4, observer=Observers()))
        runner = stack.enter_context(asyncio.Runner())
        batching = Batching(pool)
        runner.run(whole_way("ours", batching, texts[: max(sizes)]))
        rss_mib = sum(process.rss_mib for process in measure_memory(os.getpid()))
        # The others only now, so that the memory is ours alone.
        if (model / MAP_FILE).is_file():
            bare = _without_shortlist(model, Path(stack.enter_context(TemporaryDirectory())))
            engines["unlisted"] = CTranslate2Translator(bare, threads=threads)
        translate = _plain_firefox(model) if name in FIREFOX else _plain_ctranslate2(model, threads)

        def plain(batch: Sequence[str]) -> None:
            answers["plain"].update((text, translate(text)) for text in batch)

        ways: dict[tuple[str, int], Once] = {}
        for size in sizes:
            batch = texts[:size]
            for way in engines:
                ways[way, size] = lambda way=way, batch=batch: _took(
                    lambda: runner.run(whole_way(way, batching, batch))
                )  # type: ignore[misc]
            ways["plain", size] = lambda batch=batch: _took(lambda: plain(batch))  # type: ignore[misc]
        timed = _by_turns(name, ways, rounds)
    ours = answers.pop("ours")
    alike = [ours[text] == answer for other in answers.values() for text, answer in other.items()]
    for each in engines.values():
        each.close()
    return Ran(timed=timed, rss_mib=rss_mib, same_answers=sum(alike) / len(alike))


def _without_shortlist(model: Path, folder: Path) -> Path:
    """Give ``folder`` with the files of ``model`` in it, but for those of its shortlist."""
    for file in model.iterdir():
        if file.name not in {MAP_FILE, STATEMENT_FILE}:
            (folder / file.name).symlink_to(file.resolve())
    return folder


def _meetings() -> list[str]:
    texts = []
    for path in sorted((FIXTURES / "speech").glob("en-*.json")):
        talk = json.loads(path.read_text(encoding="utf-8"))
        texts += [sentence["text"] for sentence in talk["sentences"]]
    return sorted(dict.fromkeys(texts), key=lambda text: abs(len(text.split()) - WORDS))


def _plain_ctranslate2(folder: Path, threads: int) -> Plain:
    convention = read_folder(folder)
    model = ctranslate2.Translator(
        str(folder), device="cpu", compute_type="int8", inter_threads=1, intra_threads=threads
    )

    def translate(text: str) -> str:
        tokens = convention.source_tokens(convention.pieces(text), source=EN, target=VI)
        prefix = convention.target_prefix(target=VI, committed="")
        (result,) = model.translate_batch([tokens], target_prefix=[prefix or None], beam_size=beam_size())
        return convention.text(result.hypotheses[0], target=VI)

    return translate


def _plain_firefox(folder: Path) -> Plain:
    (found,) = find_models(folder)
    model, source, target, *shortlist = (Path(path).read_bytes() for path in found.files if path is not None)
    return fxtranslate.Translator(model, source, target, *shortlist).translate


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
