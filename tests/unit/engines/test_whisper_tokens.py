"""Tokens become words, in languages with and without spaces."""

from pathlib import Path

import pytest
from tokenizers import Tokenizer

from dragoman.engines.speech_to_text.whisper_tokens import WhisperTokens
from dragoman.ground.errors import ModelCorrupt
from dragoman.ground.languages import Language

TOKENIZER = Path(__file__).parent.parent.parent / "fixtures" / "whisper-pico" / "tokenizer.json"


@pytest.fixture(scope="module")
def tokens() -> WhisperTokens:
    return WhisperTokens(TOKENIZER, multilingual=True)


def encode(text: str) -> list[int]:
    return list(Tokenizer.from_file(str(TOKENIZER)).encode(text, add_special_tokens=False).ids)


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("en", ' Hello, "world" (well-known) isn\'t 442.', ["Hello,", '"world"', "(well-known)", "isn't", "442."]),
        ("vi", " Chúng tôi sẽ trả 442 đô la.", ["Chúng", "tôi", "sẽ", "trả", "442", "đô", "la."]),
        ("vi", " Nói về ứng dụng và “ảnh”.", ["Nói", "về", "ứng", "dụng", "và", "“ảnh”."]),
        ("fr", " « Bonjour », ça va ?", ["« Bonjour »,", "ça", "va ?"]),
        ("ko", " 안녕하세요, 여러분", ["안녕하세요,", "여러분"]),
        ("zh", "今天用iPhone15，好吗？龘", ["今天", "用", "iPhone15，", "好", "吗？", "龘"]),
        ("en", " .", []),
        ("en", "", []),
    ],
)
def test_words_keep_their_punctuation(tokens: WhisperTokens, language: str, text: str, words: list[str]) -> None:
    found = tokens.words(encode(text), Language(language))

    assert [word.text for word in found] == words


@pytest.mark.parametrize("text", ["今日は「会議」です。", "สวัสดีครับทุกคน", "龘靐齉"])
def test_text_without_spaces_is_whole_again_when_joined(tokens: WhisperTokens, text: str) -> None:
    found = tokens.words(encode(text), Language("ja"))

    assert "".join(word.text for word in found) == text


def test_a_word_spans_the_tokens_that_sound(tokens: WhisperTokens) -> None:
    ids = encode(' "Sáu".')

    [word] = tokens.words(ids, Language("vi"))

    assert word.text == '"Sáu".'
    assert 0 < word.first < word.end < len(ids)


def test_tokens_that_end_within_a_letter_lose_that_letter_only(tokens: WhisperTokens) -> None:
    ids = encode(" Xin 龘")

    found = tokens.words(ids[:-1], Language("vi"))

    assert [word.text for word in found] == ["Xin"]


@pytest.mark.parametrize(("language", "text"), [("en", "We have 27 minutes."), ("vi", "Bức ảnh"), ("ja", "今日は")])
def test_words_written_again_are_the_tokens_they_were_read_from(
    tokens: WhisperTokens, language: str, text: str
) -> None:
    led = text if language == "ja" else f" {text}"

    assert tokens.write(text, Language(language)) == encode(led)
    assert tokens.write("  ", Language(language)) == []


def test_text_before_is_cut_to_its_last_tokens(tokens: WhisperTokens) -> None:
    task = tokens.prompt(Language("vi"), previous_text="", max_previous=48)

    prompt = tokens.prompt(Language("vi"), previous_text="xin chào " * 100, max_previous=48)

    assert prompt[-len(task) :] == task
    assert len(prompt) == 1 + 48 + len(task)


def test_hot_words_lead_and_leave_the_rest_to_the_end_of_the_text_before(tokens: WhisperTokens) -> None:
    led, said = encode(" Dragoman, Thảo."), encode(" xin chào" * 100)
    task = tokens.prompt(Language("vi"), previous_text="", max_previous=48)

    prompt = tokens.prompt(
        Language("vi"), hot_words="Dragoman, Thảo.", previous_text="xin chào " * 100, max_previous=48
    )

    assert prompt[1 : -len(task)] == [*led, *said[len(led) - 48 :]]
    assert prompt[-len(task) :] == task


def test_without_room_for_it_nothing_is_led_by_the_text_before(tokens: WhisperTokens) -> None:
    task = tokens.prompt(Language("vi"), previous_text="", max_previous=48)
    led = encode(" Dragoman")

    assert tokens.prompt(Language("vi"), previous_text="xin chào", max_previous=0) == task
    full = tokens.prompt(Language("vi"), hot_words="Dragoman", previous_text="xin chào", max_previous=len(led))
    assert full[1:] == [*led, *task]


def test_a_model_of_english_alone_gets_no_language(tokens: WhisperTokens) -> None:
    english = WhisperTokens(TOKENIZER, multilingual=False)

    assert english.languages == (Language("en"),)
    assert english.start_sequence(Language("en")) == [tokens.start]


def test_special_tokens_are_not_text(tokens: WhisperTokens) -> None:
    assert tokens.text_tokens([tokens.start, 492, tokens.end_of_text]) == [492]


@pytest.mark.parametrize("content", ["", "{}", '{"version": "1.0"}', "\0\0"])
def test_a_file_that_is_no_tokenizer_is_reported(tmp_path: Path, content: str) -> None:
    (tmp_path / "tokenizer.json").write_text(content, encoding="utf-8")

    with pytest.raises(ModelCorrupt, match="tokenizer"):
        WhisperTokens(tmp_path / "tokenizer.json", multilingual=True)
