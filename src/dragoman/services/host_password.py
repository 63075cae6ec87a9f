"""The host password: what making a room takes from people who are not at this machine. From up.py; to the API.

Made at every start unless one is set, of syllables that can be said over a telephone.
"""

import secrets

_CONSONANTS, _VOWELS = "bdfghjklmnprstvz", "aiou"
_WORDS = 4


def make_host_password() -> str:
    """Make one of 64 random bits, such as ``lusab-babad-gutih-tugad``.

    Source: proquints, Wilkerson, arXiv:0901.4016: consonants carry four bits, vowels two.
    """
    return "-".join(_word() for _ in range(_WORDS))


def _word() -> str:
    return "".join(secrets.choice(letters) for letters in (_CONSONANTS, _VOWELS, _CONSONANTS, _VOWELS, _CONSONANTS))
