"""``dragoman models shortlist``: the same translations from fewer pieces, and only between the languages it is for."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from dragoman.engines.translation import ctranslate2
from dragoman.engines.translation.ctranslate2 import CTranslate2Translator
from dragoman.engines.translation.sentencepiece_folder import read_folder
from dragoman.engines.translation.shortlist import (
    MAP_FILE,
    NO_SHORTLIST,
    STATEMENT_FILE,
    Shortlist,
    read_shortlist,
    write_shortlist,
)
from dragoman.ground.errors import ModelCorrupt, ModelIncomplete, SettingsInvalid
from dragoman.ground.languages import Language
from dragoman.models.shortlists import shortlist_files
from dragoman.models.store import ModelStore
from dragoman.models.table import load_table
from dragoman.services.model_commands.shortlisting import Shortlisted, ShortlistWish, make_shortlist
from dragoman.services.model_commands.verifying import verify_model

EN, VI, FR = Language("en"), Language("vi"), Language("fr")
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def _pairs(pattern: str) -> list[tuple[str, str]]:
    """Read English and Vietnamese sentences of the speech fixtures."""
    pairs = []
    for path in sorted((FIXTURES / "speech").glob(pattern)):
        talk = json.loads(path.read_text(encoding="utf-8"))
        for sentence in talk["sentences"]:
            pair = (sentence["text"], sentence["translation"])
            pairs.append(pair if talk["language"] == "en" else pair[::-1])
    return pairs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FIXTURES / "mt-pico", tmp_path / "model"))


@pytest.fixture
def texts(tmp_path: Path) -> tuple[str, ...]:
    """Write the talks as texts in both languages."""
    english, vietnamese = tmp_path / "talks.en.txt", tmp_path / "talks.txt"
    pairs = _pairs("*.json")
    english.write_text("\n".join(one for one, _ in pairs), encoding="utf-8")
    vietnamese.write_text("\n".join(two for _, two in pairs), encoding="utf-8")
    return (str(english), f"vi={vietnamese}")


def _make(folder: Path, texts: tuple[str, ...], languages: tuple[Language, ...] = (EN, VI)) -> list[Shortlisted]:
    outcomes, _ = make_shortlist(ShortlistWish(folder=folder, languages=languages, texts=texts))
    return outcomes


@contextmanager
def _opened(folder: Path) -> Iterator[CTranslate2Translator]:
    engine = CTranslate2Translator(folder)
    yield engine
    engine.close()


def _texts_of(engine: CTranslate2Translator, sentences: Sequence[str], source: Language, target: Language) -> list[str]:
    return [answer.text for answer in engine.translate(sentences, source=source, target=target)]


def test_nearly_all_translations_are_the_same_from_a_third_of_the_pieces(folder: Path, texts: tuple[str, ...]) -> None:
    pairs = _pairs("*-[1-6].json")

    outcomes = _make(folder, texts)

    assert all(outcome.pieces < 600 and outcome.found > 0.8 for outcome in outcomes)
    with _opened(FIXTURES / "mt-pico") as whole, _opened(folder) as short:
        right = same = 0
        for source, target, both in ((EN, VI, pairs), (VI, EN, [pair[::-1] for pair in pairs])):
            sentences = [one for one, _ in both]
            before = whole.translate(sentences, source=source, target=target)
            after = short.translate(sentences, source=source, target=target)
            for (_, reference), one, other in zip(both, before, after, strict=True):
                # Where the model is wrong, its words need not be in the texts.
                right += one.text == reference
                same += one.text == other.text == reference
    # Greedily all are the same; of two hypotheses fewer pieces may make the other one the likelier.
    assert len(pairs) < right
    assert same / right >= 0.9


def test_sentences_whose_pieces_are_all_in_the_list_come_out_the_same_to_the_letter(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The best piece of all is the best of fewer, if it is among them; what two hypotheses sum up to is not.
    monkeypatch.setattr(ctranslate2, "beam_size", lambda: 1)
    sides = list(zip(*_pairs("*-[1-6].json"), strict=True))
    asked = [(EN, VI, sides[0]), (VI, EN, sides[1])]
    with _opened(FIXTURES / "mt-pico") as whole:
        before = [_texts_of(whole, each, source, target) for source, target, each in asked]
    written: list[tuple[Language, Path]] = []
    for (source, target, sentences), answers in zip(asked, before, strict=True):
        for language, lines in ((source, sentences), (target, answers)):
            written.append((language, tmp_path / f"{len(written)}.txt"))
            written[-1][1].write_text("\n".join(lines), encoding="utf-8")
    _make(folder, tuple(f"{language}={path}" for language, path in written))

    with _opened(folder) as short:
        after = [_texts_of(short, each, source, target) for source, target, each in asked]

    shortlist, calling = read_shortlist(folder), read_folder(folder)
    assert len(shortlist.pieces) < len(calling.source_vocabulary) / 2
    for source, target, sentences in asked:
        assert all(shortlist.serves(source, target, calling.pieces(sentence)) for sentence in sentences)
    assert after == before


def test_directions_may_change_from_call_to_call(folder: Path, texts: tuple[str, ...]) -> None:
    """CTranslate2 4.8 mixes up the pieces if what is allowed changes with the source."""
    _make(folder, texts)

    with _opened(folder) as engine:
        for english, vietnamese in _pairs("*-[1-3].json"):
            for sentence, source, target in ((english, EN, VI), (vietnamese, VI, EN)):
                (answer,) = engine.translate([sentence], source=source, target=target)
                assert answer.text.split(" ", 1)[0][0].isupper()


def test_names_that_the_texts_did_not_have_are_translated_with_the_whole_vocabulary(
    folder: Path, tmp_path: Path
) -> None:
    small = tmp_path / "small.txt"
    small.write_text("The room is here.\n", encoding="utf-8")

    _make(folder, (f"en={small}", f"vi={small}"))

    shortlist = read_shortlist(folder)
    assert not shortlist.serves(EN, VI, ["▁James"])
    assert shortlist.serves(EN, VI, ["▁room", "."])
    with _opened(folder) as engine:
        (answer,) = engine.translate(["I spoke with James and Thao."], source=EN, target=VI)
    assert answer.text == "Tôi đã nói chuyện với James và Thảo."


def test_a_new_shortlist_leaves_that_of_a_model_that_was_added_from_the_folder(
    folder: Path, texts: tuple[str, ...], tmp_path: Path
) -> None:
    _make(folder, texts)
    store = ModelStore(tmp_path / "models", load_table())
    store.add(folder, model_id="mine", pairs=[(EN, VI), (VI, EN)])
    added = {name: (tmp_path / "models" / "mine" / name).read_bytes() for name in (MAP_FILE, STATEMENT_FILE)}

    _make(folder, texts, (VI, EN))
    write_shortlist(folder, {"a"}, languages={EN})

    assert {name: (tmp_path / "models" / "mine" / name).read_bytes() for name in added} == added
    assert store.find("mine").is_dir()
    with pytest.raises(SettingsInvalid, match="came with its shortlist"):
        _make(tmp_path / "models" / "mine", texts)


def test_the_shortlist_of_a_model_in_the_store_is_named_as_ones_own(
    folder: Path, texts: tuple[str, ...], tmp_path: Path
) -> None:
    store = ModelStore(tmp_path / "models", load_table())
    store.add(folder, model_id="mine", pairs=[(EN, VI), (VI, EN)])
    installed = tmp_path / "models" / "mine"
    _make(installed, texts)
    (installed / "notes.txt").write_text("mine", encoding="utf-8")

    verdict = verify_model(store, "mine", on_read=lambda model, read, total: None)

    assert verdict.good
    assert set(verdict.notes) == {
        "vmap.json is of a shortlist of yours, which is used",
        "vmap.txt is of a shortlist of yours, which is used",
        "notes.txt is no file of this model; nothing reads it",
    }
    assert set(shortlist_files(installed, store.record_of("mine"))) == {MAP_FILE, STATEMENT_FILE}


def test_between_other_languages_a_shortlist_is_not_used() -> None:
    shortlist = Shortlist(languages=frozenset({EN, VI}), pieces=frozenset({"a"}))

    assert shortlist.serves(EN, VI, ["a"])
    assert not shortlist.serves(FR, EN, ["a"])
    assert Shortlist(serves_all=True).serves(FR, EN, ["b"])
    assert not NO_SHORTLIST.serves(EN, VI, [])


def test_an_empty_or_damaged_shortlist_is_refused_before_the_model_is_loaded(folder: Path) -> None:
    (folder / MAP_FILE).write_bytes(b"")
    with pytest.raises(ModelCorrupt, match="is empty; remove it"):
        CTranslate2Translator(folder)

    (folder / MAP_FILE).write_text("\t.\n")
    (folder / STATEMENT_FILE).write_text('{"languages": 3}')
    with pytest.raises(ModelCorrupt, match=r"vmap\.json .* cannot be read"):
        read_shortlist(folder)


@pytest.mark.parametrize(
    ("languages", "texts", "said"),
    [
        ((EN, FR), ("en={text}", "fr={text}"), "does not know fr"),
        ((EN,), ("en={text}",), "two languages or more"),
        ((EN, VI), ("en={text}",), "no text in Vietnamese"),
        ((EN, VI), ("{text}",), "does not say in which"),
        ((EN, VI), ("en={text}.gone",), "there is no file"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(
    folder: Path, tmp_path: Path, languages: tuple[Language, ...], texts: tuple[str, ...], said: str
) -> None:
    text = tmp_path / "some.txt"
    text.write_text("Hello.\n", encoding="utf-8")

    with pytest.raises(SettingsInvalid, match=said):
        _make(folder, tuple(each.format(text=text) for each in texts), languages)

    assert not (folder / MAP_FILE).exists()


def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelIncomplete):
        _make(tmp_path, ())
