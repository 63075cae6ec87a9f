"""Words that fill time and tell nothing, by language: the first that a late dub leaves out. A plain table; to pacer.py.

Only sounds and the words that listeners put in ("I see"): a yes or a no may be an answer.
"""

import unicodedata

from dragoman.ground.languages import Language

_EVERYWHERE = "mm mmm mhm hm hmm um uhm uh er eh ah oh aha"
_FILLERS = {
    "en": "uh-huh|uh huh|mm-hmm|mm hmm|mhm|erm|right|i see|you know|okay|ok|well|oh okay|got it",
    "vi": "ừ|ừm|ừ hử|à|ờ|ờm|ơ|vâng ạ|dạ|thế à|vậy à|ra vậy|tôi hiểu|ừ nhỉ",
    "zh": "嗯|嗯嗯|呃|啊|哦|喔|那个|这个|就是|我明白了|是吗|这样啊",
    "ja": "ええと|えっと|えー|あの|あのう|その|まあ|うん|うんうん|へえ|なるほど|そうですか",
    "ko": "음|어|그|저|그게|아|네네|그렇군요|그래요|뭐",
    "fr": "euh|heu|ben|bah|hein|d'accord|je vois|ah bon|ah oui|voilà|bon",
    "de": "äh|ähm|öh|tja|na ja|aha|genau|ach so|verstehe|okay|also",
    "es": "eh|este|pues|bueno|ajá|vale|ya veo|claro|o sea|ya",
    "it": "ehm|beh|cioè|allora|ecco|capisco|va bene|ah sì|già",
    "pt": "é|hã|ahn|né|pois|pois é|bem|então|entendi|está bem|tá bom",
    "ru": "э|эм|ну|это|угу|ага|понятно|ясно|вот|так",
    "ar": "آه|إيه|يعني|طيب|حسنا|همم|فهمت",
    "hi": "हम्म|अच्छा|मतलब|ठीक है|हाँ हाँ|ओह|समझ गया|समझ गई",
    "th": "เอ่อ|อืม|อือ|แบบ|คือ|อ๋อ|เข้าใจแล้ว|ครับๆ|ค่ะๆ",
    "id": "eh|anu|gitu|oh begitu|begitu ya|oke|baik|saya mengerti|ya ya",
}
_PART_OF_WORDS = "'-"


def is_filler(text: str, language: Language) -> bool:
    """Say whether ``text`` is a filler or back-channel as a whole, or several in a row: "Uh-huh. I see."."""
    known = _KNOWN.get(language, _SOUNDS)
    words = "".join(" " if _is_mark(letter) else letter for letter in text.casefold().replace("\u2019", "'")).split()
    if not words:
        return False
    done = 0
    while done < len(words):
        longest = next((end for end in range(len(words), done, -1) if " ".join(words[done:end]) in known), None)
        if longest is None:
            return False
        done = longest
    return True


def _is_mark(letter: str) -> bool:
    return letter not in _PART_OF_WORDS and unicodedata.category(letter)[0] in "PSZ"


_SOUNDS = frozenset(_EVERYWHERE.split())
_KNOWN = {Language(code): _SOUNDS | frozenset(words.split("|")) for code, words in _FILLERS.items()}
