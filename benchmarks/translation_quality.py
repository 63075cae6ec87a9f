"""Texts with their right translations, translated as in a call, and how near that comes. To ``quality.py``.

A line of the manifest that can be counted has ``language``, ``text``, ``target`` and ``translation``; whether it has a
``file`` too does not matter here. chrF++ is the figure to go by, for Vietnamese above all: BLEU takes its syllables for
words. Scores of sacrebleu, with the signatures by which others can compare (Post, WMT 2018; Popović, WMT 2017).
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from dragoman.engines.pool import EnginePool
from dragoman.engines.registry import REGISTRY, gather, open_translator
from dragoman.ground.engines import EngineChoice, EngineKind, LanguagePair, Translation, Translator
from dragoman.ground.errors import DragomanError, InputError, ModelError
from dragoman.ground.events import Observers
from dragoman.ground.languages import Language, parse_language
from dragoman.models.families import recognise_engine
from dragoman.translating.router import TranslationRouter

WITHIN_S: Final = 60.0
"""For one sentence; a benchmark does not drop what a call would."""
AT_ONCE: Final = 8
_BLEU_TOKENS: Final = {"zh": "zh", "zh-TW": "zh", "ja": "char", "th": "char", "lo": "char", "my": "char", "km": "char"}
"""How BLEU cuts words where the language has no spaces; elsewhere as in ``mteval-v13a``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A text and its right translation."""

    languages: LanguagePair
    text: str
    translation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Of all texts from one language to another."""

    languages: LanguagePair
    texts: int
    failed: int
    """Without a translation; they count as empty."""
    bleu: float
    bleu_signature: str
    chrf: float
    """chrF++, 0 to 100."""
    chrf_signature: str
    models: tuple[str, ...]

    @property
    def name(self) -> str:
        return "-".join(self.languages)


def read_pair(found: Mapping[str, object]) -> Pair | None:
    """Read a line of a manifest; None without a translation. Raises ``KeyError`` and our errors."""
    if "translation" not in found:
        return None
    return Pair(
        languages=(parse_language(str(found["language"])), parse_language(str(found["target"]))),
        text=str(found["text"]),
        translation=str(found["translation"]),
    )


def read_pairs(manifest: Path) -> list[Pair]:
    """Read the lines that have a translation. Raises ``InputError`` with the line."""
    pairs = []
    for number, line in enumerate(manifest.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            pair = read_pair(json.loads(line)) if line.strip() else None
        except (ValueError, KeyError, TypeError, DragomanError) as error:
            raise InputError(
                f"{manifest}, line {number}: language, text, target and translation are wanted: {error}"
            ) from error
        if pair is not None:
            pairs.append(pair)
    return pairs


def measure_translation(models: Path, pairs: Sequence[Pair]) -> list[Score]:
    """Translate everything with the models in a folder, the smaller ones first where several know a pair."""
    with ExitStack() as stack:
        engines = []
        for choice in find_translators(models):
            engine = open_translator(choice, find_model=Path, threads=1)
            stack.callback(engine.close)
            engine.warm_up()
            engines.append(engine)
        return asyncio.run(_score(engines, pairs))


def find_translators(folder: Path) -> list[EngineChoice]:
    """Give the folder itself if it is a model, else those in it. Raises ``InputError`` where none translates."""
    folders = [folder, *sorted(each for each in folder.iterdir() if each.is_dir())] if folder.is_dir() else []
    found = [EngineChoice(name=name, model=str(each)) for each in folders if (name := _translates(each))]
    if not found:
        raise InputError(f"{folder} is no translation model and has none in it, and the manifest has translations")
    by_size = sorted(found, key=lambda choice: sum(file.stat().st_size for file in Path(choice.model).iterdir()))
    return gather(EngineKind.TRANSLATION, by_size)


def _translates(folder: Path) -> str:
    try:
        engine = recognise_engine(folder)
    except ModelError:
        return ""
    return engine if engine in REGISTRY[EngineKind.TRANSLATION] else ""


async def _score(engines: Sequence[Translator], pairs: Sequence[Pair]) -> list[Score]:
    scores = []
    with EnginePool(workers=2, observer=Observers()) as pool:
        router = TranslationRouter(engines=engines, pool=pool, observer=Observers())
        for languages in dict.fromkeys(pair.languages for pair in pairs):
            of_pair = [pair for pair in pairs if pair.languages == languages]
            scores.append(await _score_one(router, languages, of_pair))
    return scores


async def _score_one(router: TranslationRouter, languages: LanguagePair, pairs: Sequence[Pair]) -> Score:
    source, target = languages
    answers: list[Translation | None] = []
    for first in range(0, len(pairs), AT_ONCE):
        texts = [pair.text for pair in pairs[first : first + AT_ONCE]]
        outcomes = await router.translate_all(texts, source=source, target=target, deadline_s=WITHIN_S * len(texts))
        answers += [it if isinstance(it, Translation) else None for it in outcomes]
    written = [answer.text if answer else "" for answer in answers]
    references = [[pair.translation for pair in pairs]]
    bleu, chrf = BLEU(tokenize=_tokens(target)), CHRF(word_order=2)
    return Score(
        languages=languages,
        texts=len(pairs),
        failed=answers.count(None),
        bleu=bleu.corpus_score(written, references).score,
        bleu_signature=str(bleu.get_signature()),
        chrf=chrf.corpus_score(written, references).score,
        chrf_signature=str(chrf.get_signature()),
        models=tuple(dict.fromkeys(answer.model_used for answer in answers if answer)),
    )


def _tokens(target: Language) -> str:
    return _BLEU_TOKENS.get(target, "13a")


def describe_scores(scores: Sequence[Score]) -> str:
    """Write them as lines, and the signatures below."""
    lines = ["pair      texts  failed    BLEU  chrF++  model"]
    lines += [
        f"{score.name:8} {score.texts:6} {score.failed:7} {score.bleu:7.1f} {score.chrf:7.1f}  "
        + ", ".join(score.models)
        for score in scores
    ]
    for name, signatures in (
        ("BLEU", {score.bleu_signature for score in scores}),
        ("chrF++", {score.chrf_signature for score in scores}),
    ):
        lines += [f"{name} {signature}" for signature in sorted(signatures)]
    return "\n".join(lines)


def complain_of_scores(scores: Sequence[Score], limits: Mapping[str, float]) -> list[str]:
    """Say which pairs come less near than they should."""
    return [
        f"{score.name}: chrF++ {score.chrf:.1f}, at least {limits[score.name]:g} is wanted"
        for score in scores
        if score.chrf < limits.get(score.name, 0.0)
    ]
