"""Capitals for an English recogniser that knows none: words that are never written small. For ``pocketsphinx.py``.

Readers expect "I", and a translator takes "i" and "spanish" for words it does not know. Words that are capitalised in
one meaning only ("may", "polish", "march") stay as they are.
"""

_ALWAYS_CAPITAL = (
    "I Monday Tuesday Wednesday Thursday Friday Saturday Sunday "
    "January February April June July September October November December "
    "English Spanish French German Italian Portuguese Dutch Russian Arabic Hindi Thai Chinese Japanese Korean "
    "Vietnamese Indonesian Catalan Galician Croatian Bosnian Serbian Basque Icelandic Macedonian "
    "American British European Vietnam America Europe England Spain France Germany Italy Portugal Russia China Japan "
    "Korea Thailand Indonesia "
    "London Paris Madrid Barcelona Berlin Rome Tokyo Hanoi Saigon Christmas Easter"
)
_SPELLING = {word.casefold(): word for word in _ALWAYS_CAPITAL.split()}


def spell_english(word: str) -> str:
    """Write ``word`` with its capital if it always has one, its ending kept: ``i'll`` becomes ``I'll``."""
    stem, apostrophe, ending = word.partition("'")
    return _SPELLING.get(stem, stem) + apostrophe + ending
