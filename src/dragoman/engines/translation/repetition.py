"""Notice when a model answers in circles: the commonest way in which translation models fail. For local engines."""

from collections.abc import Sequence

_LONGEST_CIRCLE = 12
_ROUNDS = 4
_ROUNDS_OF_ONE = 8
"""People do say "no, no, no, no", and millions are written with many zeros."""


def runs_in_circles(tokens: Sequence[str]) -> bool:
    """Say whether some sequence of up to twelve tokens comes four times or more, one right behind the other.

    A single token must come eight times.
    """
    return any(
        _longest_run(tokens, length) >= length * ((_ROUNDS_OF_ONE if length == 1 else _ROUNDS) - 1)
        for length in range(1, _LONGEST_CIRCLE + 1)
    )


def _longest_run(tokens: Sequence[str], distance: int) -> int:
    """Count the most tokens in a row that equal the one ``distance`` before them."""
    longest = run = 0
    for index in range(distance, len(tokens)):
        run = run + 1 if tokens[index] == tokens[index - distance] else 0
        longest = max(longest, run)
    return longest
