"""Find a thousand phrases in one pass over a text. To matcher.py.

The pass goes from the end of the text to its start: of phrases that overlap the first counts, and of those that begin
at one place the longest, which is known when that place is reached.
Our own few lines, because phrases are looked for in folded text whose places have to be led back, and whose borders
decide at every step: a compiled library gives neither, and a sentence takes microseconds here as well.
Source: Aho and Corasick, Efficient string matching, Communications of the ACM, 1975.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Final

_ROOT: Final = 0


class Automaton:
    """Of phrases, which it names by their index; of equal ones that are both accepted, the first."""

    def __init__(self, phrases: Sequence[str]) -> None:
        self._next: list[dict[str, int]] = [{}]
        self._phrases: list[tuple[int, ...]] = [()]
        self._lengths = [len(phrase) for phrase in phrases]
        for number, phrase in enumerate(phrases):
            node = _ROOT
            for character in reversed(phrase):
                if character not in self._next[node]:
                    self._next.append({})
                    self._phrases.append(())
                    self._next[node][character] = len(self._next) - 1
                node = self._next[node][character]
            if phrase:
                self._phrases[node] += (number,)
        self._shorter = [_ROOT] * len(self._next)
        """Of each node, which is the end of phrases: that of its longest beginning which is the end of a phrase too."""
        self._whole = [_ROOT] * len(self._next)
        """Of each node: the nearest one by ``_shorter``, itself included, that is a whole phrase."""
        self._link()

    def find(
        self, text: str, *, may_begin: Callable[[int], bool], accepts: Callable[[int, int, int], bool]
    ) -> Iterator[tuple[int, int, int]]:
        """Give the longest accepted phrase that begins at each place, the last place first: start, end, and index.

        ``may_begin`` is asked once of a place, ``accepts`` of start, end and phrase. Takes time linear in ``text``.
        """
        node = _ROOT
        for place in range(len(text) - 1, -1, -1):
            character = text[place]
            while node and character not in self._next[node]:
                node = self._shorter[node]
            node = self._next[node].get(character, _ROOT)
            whole = self._whole[node]
            if not whole or not may_begin(place):
                continue
            while whole:
                numbers = self._phrases[whole]
                end = place + self._lengths[numbers[0]]
                accepted = next((number for number in numbers if accepts(place, end, number)), None)
                if accepted is not None:
                    yield place, end, accepted
                    break
                whole = self._whole[self._shorter[whole]]

    def _link(self) -> None:
        """Breadth first: what is shorter is linked already."""
        waiting = deque([_ROOT])
        while waiting:
            node = waiting.popleft()
            self._whole[node] = node if self._phrases[node] else self._whole[self._shorter[node]]
            for character, following in self._next[node].items():
                shorter = self._shorter[node]
                while shorter and character not in self._next[shorter]:
                    shorter = self._shorter[shorter]
                found = self._next[shorter].get(character, _ROOT)
                self._shorter[following] = found if node != _ROOT else _ROOT
                waiting.append(following)
