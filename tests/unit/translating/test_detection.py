"""detect_language: right where there is something to go by, and honest where there is not."""

import time

import pytest

from dragoman.ground.languages import LANGUAGES, Language
from dragoman.translating.detection import detect_language

TEXTS = {
    "en": ["We will see you tomorrow at the market.", "Where is the station?", "I think that this is not a good idea."],
    "vi": ["Ngày mai chúng ta gặp nhau ở chợ.", "Nhà ga ở đâu?", "Tôi nghĩ đây không phải là ý hay."],
    "zh": ["我们明天在市场见。", "火车站在哪里？", "我觉得这不是一个好主意。"],
    "zh-TW": ["我們明天在市場見。", "請問車站在哪裡？", "我覺得這不是一個好主意。"],
    "ja": ["明日市場で会いましょう。", "駅はどこですか。", "これはよい考えだとは思いません。"],
    "ko": ["내일 시장에서 만나요.", "역이 어디예요?", "좋은 생각이 아닌 것 같아요."],
    "fr": ["Nous nous verrons demain au marché.", "Où est la gare ?", "Je pense que ce n'est pas une bonne idée."],
    "de": ["Wir sehen uns morgen auf dem Markt.", "Wo ist der Bahnhof?", "Ich glaube, das ist keine gute Idee."],
    "es": ["Nos vemos mañana en el mercado.", "¿Dónde está la estación?", "Creo que no es una buena idea."],
    "it": ["Ci vediamo domani al mercato.", "Dove è la stazione?", "Penso che non sia una buona idea."],
    "pt": ["Vemo-nos amanhã no mercado.", "Onde é a estação?", "Acho que isso não é uma boa ideia."],
    "ru": ["Увидимся завтра на рынке.", "Где находится вокзал?", "Я думаю, что это не очень хорошая идея."],
    "ar": ["سنلتقي غدا في السوق.", "أين المحطة؟"],
    "hi": ["हम कल बाज़ार में मिलेंगे।", "स्टेशन कहाँ है?"],
    "th": ["พรุ่งนี้เจอกันที่ตลาด", "สถานีอยู่ที่ไหน"],
    "id": ["Kita akan bertemu besok di pasar.", "Saya tidak bisa datang karena mobil saya rusak."],
    "ms": ["Kerana saya perlu ke pejabat esok, saya tidak boleh datang.", "Syarikat itu ialah milik kerajaan."],
    "tl": ["Magkita tayo bukas sa palengke.", "Hindi ko alam kung saan siya."],
    "lo": ["ພົບກັນມື້ອື່ນຢູ່ຕະຫຼາດ"],
    "my": ["မနက်ဖြန် ဈေးမှာ တွေ့မယ်"],
    "km": ["ជួបគ្នាថ្ងៃស្អែកនៅផ្សារ"],
    "ca": ["Demà ens veiem al mercat amb els amics.", "Què és això que hi ha aquí?"],
    "gl": ["Vémonos mañá no mercado coa xente.", "Onde está o mercado? Xa non hai."],
    "eo": ["Ni vidos nin morgaŭ sur la bazaro.", "Kie estas la stacidomo?"],
    "hr": ["Vidimo se sutra, vlak je uvijek na vrijeme, lijepo."],
    "sr": ["Vidimo se sutra, voz je uvek na vreme, lepo."],
    "bs": ["Vidimo se ove sedmice, voz je uvijek na vrijeme."],
    "eu": ["Bihar azokan ikusiko dugu, eta hori oso ona da.", "Non dago geltokia?"],
    "is": ["Við sjáumst á morgun á markaðinum.", "Hvar er lestarstöðin?"],
    "mk": ["Ќе се видиме утре на пазар.", "Каде е станицата? Не знам што е тоа."],
}


def test_there_are_texts_of_every_language() -> None:
    assert set(TEXTS) == set(LANGUAGES)


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in TEXTS.items() for text in texts])
def test_a_sentence_is_taken_for_its_language(code: str, text: str) -> None:
    guesses = detect_language(text)

    assert guesses[0].language == code
    assert guesses[0].confidence >= 0.4
    assert sum(guess.confidence for guess in guesses) <= 1.001


@pytest.mark.parametrize("text", ["", "  ", "123 456", "😀😀😀", "...", "\x00", "ᚠᚢᚦ"])
def test_nothing_is_guessed_where_nothing_tells(text: str) -> None:
    assert detect_language(text) == ()


@pytest.mark.parametrize("text", ["Xyzzy plugh frobnicate", "Microsoft Windows", "Nguyen Kowalski"])
def test_words_of_no_list_are_not_taken_for_english(text: str) -> None:
    assert not any(guess.confidence > 0.3 for guess in detect_language(text))


def test_what_two_languages_share_is_left_open() -> None:
    guesses = detect_language("Dia sudah ada di jalan itu dengan dua orang.")

    assert {guess.language for guess in guesses[:2]} == {"id", "ms"}
    assert guesses[0].confidence < 0.7


def test_a_long_text_costs_no_more_than_its_beginning() -> None:
    began = time.thread_time()

    guesses = detect_language("the market is open and " * 100_000)

    assert guesses[0].language == Language("en")
    assert time.thread_time() - began < 1.0
