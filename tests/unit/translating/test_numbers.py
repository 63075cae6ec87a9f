"""missing_numbers: a number that is gone or wrong is noticed, and one that is only written differently is not."""

import pytest

from dragoman.ground.languages import BASE_LANGUAGES, LANGUAGES, Language
from dragoman.translating.numbers import missing_numbers


def missing(pair: str, source: str, target: str) -> int:
    one, other = pair.split(">")
    return missing_numbers(source, target, source_language=Language(one), target_language=Language(other))


@pytest.mark.parametrize(
    ("pair", "source", "target"),
    [
        ("en>vi", "We need 500 chairs.", "Chúng ta cần 20 cái ghế."),
        ("en>vi", "We need 500 chairs.", "Chúng ta cần 1.500 cái ghế."),
        ("en>vi", "We need 20 chairs.", "Chúng ta cần ghế."),
        ("en>vi", "We need 2000 chairs.", "Chúng ta cần 200 cái ghế."),
        ("en>vi", "We need 100 chairs.", "Chúng ta cần 1000 cái ghế."),
        ("en>vi", "It weighs 1.5 tons.", "Nó nặng 15 tấn."),
        ("en>vi", "It weighs 15 tons.", "Nó nặng 150 tấn."),
        ("en>vi", "We need 1,500 chairs.", "Chúng ta cần 1,5 cái ghế."),
        ("vi>en", "Giá là 1.500 đồng.", "It costs 1.5 dong."),
        ("en>vi", "It costs 5 million.", "Giá là 5 nghìn."),
        ("en>vi", "It costs 5 million.", "Giá là 5."),
        ("vi>en", "Giá là 5 triệu.", "It costs 5 billion."),
        ("ja>en", "価格は1万円です。", "It costs 1,000 yen."),
        ("en>ru", "We need 500 chairs.", "Нам нужно 1 500 стульев."),
        ("en>de", "It costs 5 billion.", "Es kostet 5 Millionen."),
        ("en>ar", "We need 500 chairs.", "نحتاج إلى ٥٠ كرسيا."),
        ("en>fr", "12 men and 12 women.", "12 hommes et des femmes."),
    ],
)
def test_a_number_that_is_gone_or_wrong_is_missed(pair: str, source: str, target: str) -> None:
    assert missing(pair, source, target) == 1


@pytest.mark.parametrize(
    ("pair", "source", "target"),
    [
        ("en>vi", "We need 1,500 chairs.", "Chúng ta cần 1.500 cái ghế."),
        ("vi>en", "Chúng ta cần 1.500 cái ghế.", "We need 1,500 chairs."),
        ("en>fr", "We need 1,500 chairs.", "Il nous faut 1\u202f500 chaises."),
        ("en>ru", "We need 12,500 chairs.", "Нам нужно 12 500 стульев."),
        ("ru>en", "Нам нужно 1\u00a0500 стульев.", "We need 1500 chairs."),
        ("en>de", "It is 1,500.25 euros.", "Es sind 1.500,25 Euro."),
        ("en>vi", "It weighs 1.5 tons.", "Nó nặng 1,5 tấn."),
        ("en>vi", "It weighs 1.250 tons.", "Nó nặng 1,25 tấn."),
        ("en>ar", "It is 1,500.5 meters.", "إنها ١٬٥٠٠٫٥ متر."),
        ("en>ar", "Room 20 at 12:30.", "الغرفة ٢٠ الساعة ١٢:٣٠."),
        ("en>hi", "We need 150 chairs.", "हमें १५० कुर्सियाँ चाहिए।"),
        ("en>hi", "It costs 1,234,567 rupees.", "इसकी कीमत 12,34,567 रुपये है।"),
        ("en>hi", "It costs 500,000 rupees.", "इसकी कीमत 5 लाख रुपये है।"),
        ("en>vi", "It costs 5,000,000 dong.", "Giá là 5 triệu đồng."),
        ("en>vi", "It costs 5 million dong.", "Giá là 5 triệu đồng."),
        ("en>vi", "It costs 2,500,000 dong.", "Giá là 2 triệu 500 nghìn đồng."),
        ("vi>en", "Giá là 2 triệu 500 nghìn đồng.", "It costs 2.5 million dong."),
        ("vi>en", "Giá là 5tr.", "It costs 5 million."),
        ("vi>en", "Ngân sách là 1.500 tỷ đồng.", "The budget is 1.5 trillion dong."),
        ("en>vi", "It costs 2k.", "Giá là 2000."),
        ("en>vi", "The screen is 4K, 20m away.", "Màn hình 4K, cách 20m."),
        ("en>vi", "We need 500 chairs.", "Chúng ta cần năm trăm cái ghế."),
        ("en>vi", "We need 20 chairs.", "Chúng ta cần hai mươi cái ghế."),
        ("vi>en", "Chúng ta cần 20 cái ghế.", "We need twenty chairs."),
        ("vi>en", "Chúng ta cần 100 cái ghế.", "We need a hundred chairs."),
        ("en>zh", "It costs 10,000 yuan.", "价格是一万元。"),
        ("en>zh", "It costs 15,000 yuan.", "价格是1万5千元。"),
        ("en>zh", "It costs 30,000 yuan.", "价格是3万多元。"),
        ("zh>en", "距离是20千米。", "The distance is 20 kilometers."),
        ("en>ja", "It costs 120 million yen.", "価格は1億2000万円です。"),
        ("ja>vi", "価格は1億2000万円です。", "Giá là 120 triệu yên."),
        ("en>ko", "It costs 53,000 won.", "가격은 5만 3천 원입니다."),
        ("en>th", "It costs 5 million baht.", "ราคา 5 ล้านบาท"),
        ("en>th", "We need 20,000 chairs.", "เราต้องการเก้าอี้ ๒๐,๐๐๐ ตัว"),
        ("en>es", "It costs 5 billion euros.", "Cuesta 5 mil millones de euros."),
        ("en>es", "It costs 5 billion euros.", "Cuesta 5.000 millones de euros."),
        ("en>de", "It costs 5 billion euros.", "Es kostet 5 Milliarden Euro."),
        ("en>de", "It costs 5 million euros.", "Es kostet 5 Mio. Euro."),
        ("en>it", "We need 5,000 chairs.", "Ci servono 5mila sedie."),
        ("en>pt", "It costs 2.5 million.", "Custa 2,5 milhões."),
        ("en>ru", "It costs 5,000,000.", "Стоит 5 миллионов."),
        ("en>id", "It costs 50,000 rupiah.", "Harganya 50 ribu rupiah."),
        ("en>fr", "In the 20th century.", "Au XXe siècle."),
        ("en>fr", "It costs 50 cents.", "Ça coûte 50 cents."),
        ("en>vi", "We meet at 14:35.", "Chúng ta gặp nhau lúc 2:35 chiều."),
        ("vi>en", "Gặp nhau lúc 7.30.", "We meet at 07:30."),
        ("en>vi", "On 12.05.2024.", "Ngày 12/5/2024."),
        ("en>fr", "I have 3 cats.", "J'ai trois chats."),
        ("en>vi", "Call 01234567890123456789.", "Gọi 01234567890123456789."),
    ],
)
def test_a_number_that_is_only_written_differently_is_not_missed(pair: str, source: str, target: str) -> None:
    assert missing(pair, source, target) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_digits_that_are_kept_are_found_in_every_language(language: Language) -> None:
    said = "10 20 100: 500, 2000; 15, 1990 / 24."

    assert missing(f"en>{language}", said, said) == 0
    assert missing(f"{language}>en", said, said) == 0


@pytest.mark.parametrize("language", [each for each in BASE_LANGUAGES if each != "en"])
def test_a_million_is_known_by_its_word_in_every_language_of_the_base(language: Language) -> None:
    millions = {
        "vi": "5 triệu", "zh": "500万", "ja": "500万", "ko": "500만", "fr": "5 millions", "de": "5 Millionen",
        "es": "5 millones", "it": "5 milioni", "pt": "5 milhões", "ru": "5 млн", "ar": "5 ملايين", "hi": "50 लाख",
        "th": "5 ล้าน", "id": "5 juta",
    }  # fmt: skip

    for english in ("5 million", "5,000,000"):
        assert missing(f"en>{language}", f"It is {english}.", millions[language]) == 0
        assert missing(f"{language}>en", millions[language], f"It is {english}.") == 0
    assert missing(f"en>{language}", "It is 50 million.", millions[language]) == 1
