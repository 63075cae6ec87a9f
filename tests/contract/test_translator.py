"""What every translator promises, through its protocol alone. A new engine is one more ``Case``."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
from starlette.testclient import TestClient
from tests.gguf_model import write_gguf
from tests.translating_server import serve_translators
from tests.word_models import write_firefox_pairs

from dragoman.engines.pool import EnginePool
from dragoman.engines.translation.apertium import ApertiumTranslator
from dragoman.engines.translation.ctranslate2 import CTranslate2Translator
from dragoman.engines.translation.firefox import FirefoxTranslator
from dragoman.engines.translation.libretranslate import LibreTranslateTranslator
from dragoman.engines.translation.llama_cpp import LlamaCppTranslator
from dragoman.engines.translation.remote import RemoteTranslator
from dragoman.ground.engines import Capability, EngineKind, Glossary, LanguagePair, Translation, Translator
from dragoman.ground.errors import EngineError, EngineOutputInvalid, EngineUnavailable, LanguageNotSupported
from dragoman.ground.languages import parse_language
from dragoman.services.translation import translation_app
from dragoman.testing.engines import FakeTranslator
from dragoman.testing.observers import RecordingObserver

FIXTURES = Path(__file__).parents[1] / "fixtures"


def pair(text: str) -> LanguagePair:
    source, target = text.split("-")
    return parse_language(source), parse_language(target)


class OverHttp(RemoteTranslator):
    """An engine behind its service, in this process and over the wire format; closing it closes them all."""

    def __init__(self, engine: Translator) -> None:
        self._behind = ExitStack()
        self._behind.callback(engine.close)
        pool = self._behind.enter_context(EnginePool(workers=4, observer=RecordingObserver()))
        # Entered, so that all requests share one event loop, as they do in a service.
        client = self._behind.enter_context(TestClient(translation_app([engine], pool=pool)))
        super().__init__(client, timeout_s=30.0)

    def close(self) -> None:
        super().close()
        self._behind.close()


class OverLibreTranslate(LibreTranslateTranslator):
    """An engine behind our service as anybody's program asks it; closing it closes them all."""

    def __init__(self, engine: Translator) -> None:
        self._behind = ExitStack()
        self._behind.callback(engine.close)
        super().__init__(self._behind.enter_context(serve_translators(engine)))

    def close(self) -> None:
        super().close()
        self._behind.close()


@cache
def firefox_models() -> Path:
    """Write the computed models once; the system's temporary folder is emptied by the system."""
    return write_firefox_pairs(Path(mkdtemp(prefix="firefox-")))


@cache
def language_model() -> Path:
    folder = Path(mkdtemp(prefix="hy-mt-"))
    write_gguf(folder / "model.gguf", LLM_ANSWERS)
    return folder


LLM_ANSWERS = {
    "The house is big.": "La casa es grande.",
    "I have three dogs.": "Tengo tres perros.",
    "We work on Monday.": "Trabajamos el lunes.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One engine, and enough of its domain to see that it translates."""

    name: str
    open: Callable[[], Translator]
    pair: LanguagePair
    expected: dict[str, str]
    """Sentences, each with a word that its translation must hold (compared without case)."""
    unsupported: LanguagePair
    chained: LanguagePair | None = None
    local: bool = True
    """Works in child processes or threads of this process, so that its CPU time can be seen here."""
    where: str = "here"
    """Here, or behind a service."""


CASES = [
    Case(
        name="apertium",
        open=ApertiumTranslator,
        pair=pair("en-es"),
        expected={
            "The house is big.": "casa",
            "I have three dogs.": "perros",
            "The water is cold.": "agua",
            "We work on Monday.": "lunes",
        },
        unsupported=pair("en-vi"),
        chained=pair("en-fr"),
    ),
    Case(
        name="ctranslate2",
        open=lambda: CTranslate2Translator(FIXTURES / "mt-pico"),
        pair=pair("en-vi"),
        expected={
            "I spoke with James and Thao.": "nói chuyện",
            "We will pay 442 dollars in June.": "442",
            "Goodbye, Lan.": "tạm biệt",
            "Our team has 33 people.": "33",
        },
        unsupported=pair("en-es"),
    ),
    Case(
        name="firefox",
        open=lambda: FirefoxTranslator([firefox_models()]),
        pair=pair("en-es"),
        expected={
            "The house is big.": "casa",
            "I have three dogs.": "perros",
            "The water is cold.": "agua",
            "We work on Monday.": "lunes",
        },
        unsupported=pair("en-vi"),
        chained=pair("vi-es"),
    ),
    Case(
        name="llama_cpp",
        open=lambda: LlamaCppTranslator(language_model()),
        pair=pair("en-es"),
        expected={"The house is big.": "casa", "I have three dogs.": "perros", "We work on Monday.": "lunes"},
        unsupported=pair("en-ca"),
    ),
    Case(
        name="libretranslate",
        where="on loopback",
        open=lambda: OverLibreTranslate(FakeTranslator()),
        pair=pair("en-vi"),
        expected={"The house is big.": "vi:house", "Goodbye, Lan.": "vi:goodbye"},
        unsupported=pair("en-ca"),
        local=False,
    ),
    Case(
        name="fake",
        open=FakeTranslator,
        pair=pair("en-vi"),
        expected={"The house is big.": "vi:house", "Goodbye, Lan.": "vi:goodbye"},
        unsupported=pair("en-ca"),
        local=False,
    ),
    Case(
        name="fake",
        where="over HTTP",
        open=lambda: OverHttp(FakeTranslator()),
        pair=pair("en-vi"),
        expected={"The house is big.": "vi:house", "Goodbye, Lan.": "vi:goodbye"},
        unsupported=pair("en-ca"),
        local=False,
    ),
    Case(
        name="ctranslate2",
        where="over HTTP",
        open=lambda: OverHttp(CTranslate2Translator(FIXTURES / "mt-pico")),
        pair=pair("en-vi"),
        expected={"We will pay 442 dollars in June.": "442", "Goodbye, Lan.": "tạm biệt"},
        unsupported=pair("en-es"),
        local=False,
    ),
]

ODD_TEXTS = {
    "emoji": "😀 👩‍👩‍👧 🇻🇳",
    "zero-width": "a\u200bb\u200d\ufeff c",
    "control characters": "one\x00two\x01\x07\x1b[31m three\r\nfour\t",
    "right-to-left": "\u202eمرحبا بالعالم\u202c",
    "markup of engines": "^a/b<n>$ [x] {y} @z \\ >>vie<< </s> <unk> *w #v +u ~",
    "only marks": "?!… -- ...",
    "lone surrogate": "a \ud800 b",
    "very long": "The house is big and I have three dogs, " * 500,
}


@pytest.fixture(params=CASES, ids=lambda case: f"{case.name} {case.where}", scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    chosen = request.param
    assert isinstance(chosen, Case)
    return chosen


@pytest.fixture(scope="module")
def engine(case: Case) -> Iterator[Translator]:
    engine = case.open()
    engine.warm_up()
    yield engine
    engine.close()


def translate(engine: Translator, case: Case, *sentences: str) -> list[Translation]:
    source, target = case.pair
    return engine.translate(sentences, source=source, target=target)


def assert_right(case: Case, sentence: str, translation: Translation) -> None:
    assert case.expected[sentence] in translation.text.lower(), translation


def test_says_what_it_is(case: Case, engine: Translator) -> None:
    info = engine.info

    assert info.kind is EngineKind.TRANSLATION
    assert info.name == case.name
    assert case.pair in info.pairs
    assert info.licence


def test_every_stated_pair_has_two_different_languages_of_ours(engine: Translator) -> None:
    for source, target in engine.info.pairs:
        assert parse_language(source) == source
        assert parse_language(target) == target
        assert source != target


def test_gives_as_many_translations_as_sentences_and_in_their_order(case: Case, engine: Translator) -> None:
    sentences = list(case.expected)

    translations = translate(engine, case, *sentences, *reversed(sentences))

    assert len(translations) == 2 * len(sentences)
    for sentence, translation in zip([*sentences, *reversed(sentences)], translations, strict=True):
        assert_right(case, sentence, translation)


def test_gives_other_translations_where_it_can_and_only_if_they_are_wanted(case: Case, engine: Translator) -> None:
    sentence, (source, target) = next(iter(case.expected)), case.pair
    (plain,) = translate(engine, case, sentence)
    (chosen,) = engine.translate([sentence], source=source, target=target, glossary=Glossary(choices=3))

    assert plain.others == ()
    assert len(chosen.others) <= 2
    assert len({chosen.text, *chosen.others}) == 1 + len(chosen.others)
    if Capability.CHOICES not in engine.info.capabilities:
        assert chosen == plain


def test_names_the_model_that_answered(case: Case, engine: Translator) -> None:
    (translation,) = translate(engine, case, next(iter(case.expected)))

    assert translation.model_used.startswith(case.name)


def test_no_sentences_give_no_translations(case: Case, engine: Translator) -> None:
    assert translate(engine, case) == []


@pytest.mark.parametrize("nothing", ["", "   ", "\n\t"])
def test_an_empty_sentence_stays_empty_among_others(case: Case, engine: Translator, nothing: str) -> None:
    sentence = next(iter(case.expected))

    before, middle, after = translate(engine, case, sentence, nothing, sentence)

    assert middle.text == ""
    assert_right(case, sentence, before)
    assert_right(case, sentence, after)


def test_adds_no_full_stop_that_was_not_there(case: Case, engine: Translator) -> None:
    sentence = next(iter(case.expected))

    with_mark, without_mark = translate(engine, case, sentence, sentence.removesuffix("."))

    assert with_mark.text.endswith(".")
    assert not without_mark.text.endswith(".")


def test_answers_are_on_one_line_without_spaces_around_them(case: Case, engine: Translator) -> None:
    sentence = next(iter(case.expected))

    (translation,) = translate(engine, case, "  " + sentence.replace(" ", " \n ") + " ")

    assert translation.text == " ".join(translation.text.split())
    assert_right(case, sentence, translation)


def test_refuses_an_unsupported_pair_and_names_what_is_possible(case: Case, engine: Translator) -> None:
    source, target = case.unsupported

    with pytest.raises(LanguageNotSupported) as refusal:
        engine.translate(["Hello."], source=source, target=target)

    assert case.pair[1] in str(refusal.value)


def test_translates_over_a_third_language_where_it_says_so(case: Case, engine: Translator) -> None:
    if case.chained is None:
        assert not any("+" in translation.model_used for translation in translate(engine, case, *case.expected))
        return
    source, target = case.chained

    (translation,) = engine.translate([next(iter(case.expected))], source=source, target=target)

    assert translation.text
    assert "+" in translation.model_used


@pytest.mark.parametrize("kind", ODD_TEXTS)
def test_odd_text_neither_breaks_nor_hangs_it(case: Case, engine: Translator, kind: str) -> None:
    source, target = case.pair
    sentence = next(iter(case.expected))

    try:
        (odd,) = engine.translate([ODD_TEXTS[kind]], source=source, target=target, deadline_s=20.0)
    except EngineOutputInvalid:
        pass
    else:
        assert odd.text
        odd.text.encode()
    (translation,) = translate(engine, case, sentence)

    assert_right(case, sentence, translation)


def test_keeps_a_deadline_that_has_passed_by_saying_so(case: Case, engine: Translator) -> None:
    source, target = case.pair
    sentences = list(case.expected)

    with pytest.raises(EngineError):
        engine.translate(sentences * 100, source=source, target=target, deadline_s=0.0)
    translations = translate(engine, case, *sentences)

    for sentence, translation in zip(sentences, translations, strict=True):
        assert_right(case, sentence, translation)


def test_threads_at_once_get_what_one_gets(case: Case, engine: Translator) -> None:
    sentences = list(case.expected)
    alone = [translation.text for translation in translate(engine, case, *sentences)]
    together = threading.Barrier(4)

    def ask() -> list[str]:
        together.wait(timeout=10)
        return [translate(engine, case, sentence)[0].text for sentence in sentences]

    with ThreadPoolExecutor(4) as executor:
        answers = [asked.result(timeout=30) for asked in [executor.submit(ask) for _ in range(4)]]

    assert answers == [alone] * 4


def test_counts_the_cpu_time_of_its_own_threads_and_programs(case: Case, engine: Translator) -> None:
    before_s = engine.cpu_s()

    for _ in range(10):
        translate(engine, case, *case.expected)

    assert before_s >= 0.0
    assert engine.cpu_s() > before_s or not case.local


def test_after_closing_it_says_that_it_is_closed(case: Case) -> None:
    engine = case.open()
    translate(engine, case, next(iter(case.expected)))

    engine.close()
    engine.close()

    with pytest.raises(EngineUnavailable):
        translate(engine, case, next(iter(case.expected)))


def test_closing_leaves_no_process_and_no_thread(case: Case) -> None:
    processes, threads = child_processes(), set(threading.enumerate())
    engine = case.open()
    translate(engine, case, next(iter(case.expected)))

    engine.close()

    assert child_processes() <= processes
    assert set(threading.enumerate()) <= threads


def child_processes() -> set[str]:
    """Process ids of the children of this process, the dead that nobody has reaped included."""
    pids: set[str] = set()
    for task in Path("/proc/self/task").iterdir():
        # A thread may end while we look; its children then belong to another one.
        with suppress(FileNotFoundError, ProcessLookupError):
            pids.update((task / "children").read_text().split())
    return pids
