"""Speak new talks of the tests' grammar: sentences and seeds that nobody tuned anything to. To benchmarks.

``python benchmarks/fresh_talks.py FOLDER --seed 71`` writes WAVs (16 kHz) with the times of their words beside them.
Sentences come from the grammar's test split, on which no model of the fixtures was trained.
"""

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path

GRAMMAR = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "grammar"
VOICES = {"en": ("en-us+m3", "en+f3", "en-us", "en-us+f2"), "vi": ("vi+f2", "vi-vn-x-south", "vi", "vi+m3")}
WORDS_PER_MINUTE = (140, 170)
WORDS_PER_S = {"en": 2.2, "vi": 2.7}
"""With the pauses between sentences: how many make a talk of a length."""


def make_talks(folder: Path, *, seed: int, each: int, seconds: float) -> list[Path]:
    """Write ``each`` talks of about ``seconds`` in English and in Vietnamese. Blocks; gives the WAVs."""
    sys.path.insert(0, str(GRAMMAR))
    import grammar

    import fixtures

    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    made = []
    for shift, language in enumerate(VOICES):
        pairs = grammar.sample("test", 40 * each, seed + shift)
        for number in range(each):
            sentences: list[str] = []
            while sum(len(text.split()) for text in sentences) < seconds * WORDS_PER_S[language]:
                sentences.append(pairs.pop().text(language))
            made.append(folder / f"{language}-fresh-{number + 1}.wav")
            voice = VOICES[language][number % len(VOICES[language])]
            fixtures.write(made[-1], language, sentences, voice, rng.randint(*WORDS_PER_MINUTE), rng)
    return made


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=71)
    parser.add_argument("--each", type=int, default=2, help="talks of each language")
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args(arguments)
    for wav in make_talks(options.folder, seed=options.seed, each=options.each, seconds=options.seconds):
        print(wav)


if __name__ == "__main__":
    main()
