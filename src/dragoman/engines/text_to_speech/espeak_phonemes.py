"""Text to phonemes with espeak-ng, one program kept open per voice: 4 ms a clause instead of 20.

For ``sherpa.py``. Phonemes are written as the voices of Piper were trained on them: IPA, decomposed, each clause with
its mark, without the notes where espeak-ng changes language. espeak-ng is GPL and stays a program beside ours.
"""

import os
import re
import select
import subprocess
import threading
import time
import unicodedata
from typing import Final

from dragoman.engines.programs import ProgramOwner, find_program
from dragoman.engines.text_to_speech.arabic_vowels import with_short_vowels
from dragoman.engines.text_to_speech.spoken_clauses import neutralise
from dragoman.ground.errors import EngineCrashed, EngineError, EngineTimeout, EngineUnavailable, TextNotReadable

DEADLINE_S: Final = 5.0
"""For one clause, which takes milliseconds."""
_MAX_CLAUSE_CHARS: Final = 200
"""espeak-ng reads its input in lines of at most 1000 bytes."""
_MAX_OUTPUT_BYTES: Final = 1 << 16
_END: Final = "[[Q^Q^]]"
"""Phonemes of no language (a voiced velar fricative, twice, as unchanged ASCII). They are sent behind every clause, so
that their line tells where its phonemes end: a clause may give several lines, or an empty one."""

_MARKS: Final = dict(zip("、，،。．।！？؟；؛：…", ",,,...!??;;:.", strict=True))
"""Marks of other scripts, and the ones that voices know."""
_CLAUSE: Final = re.compile(r".+?(?:[,.;:!?]+[\"'”’»)\]]*(?=\s|$)|$)")
_WIDE_MARK: Final = re.compile("[" + "".join(_MARKS) + "]")
_LANGUAGE_NOTE: Final = re.compile(r"\([a-z0-9-]{2,12}\)")
_SPACES: Final = re.compile(r"\s+")


class EspeakPhonemizer:
    """Any number of threads may ask; their clauses follow one another."""

    def __init__(self, voice: str, *, program: str = "espeak-ng", deadline_s: float = DEADLINE_S) -> None:
        """Find the program; ``voice`` is espeak-ng's name of the language, ``en-us``. Raises ``EngineUnavailable``."""
        self._program = find_program(program, package="espeak-ng")
        self._voice = voice
        self._deadline_s = deadline_s
        self._owner = ProgramOwner()
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._end = b""

    def phonemes(self, sentence: str) -> str:
        """Give the phonemes of ``sentence`` with the marks ``, . ; : ? !`` where it has them.

        Raises ``TextNotReadable`` if nothing in it is spoken, ``EngineTimeout``, ``EngineCrashed`` or
        ``EngineUnavailable``.
        """
        spoken = []
        for clause, mark in split_clauses(with_short_vowels(neutralise(sentence))):
            phonemes = _as_trained(self._ask(clause))
            if phonemes:
                spoken.append(phonemes + mark)
        if not spoken:
            raise TextNotReadable(f"espeak-ng found nothing to speak in {len(sentence)} characters of text")
        return " ".join(spoken)

    def cpu_s(self) -> float:
        return self._owner.cpu_s()

    def close(self) -> None:
        """End the program; what is asked later raises ``EngineUnavailable``."""
        self._owner.close()
        with self._turn:
            self._end_program()

    def _ask(self, clause: str) -> str:
        with self._turn:
            try:
                return self._converse(clause)
            except EngineError:
                self._end_program()
                raise

    def _converse(self, clause: str) -> str:
        deadline = time.monotonic() + self._deadline_s
        if self._process is None:
            self._process = self._owner.start([self._program, "-q", "--ipa", "-b", "1", "-v", self._voice])
            self._end = self._exchange(self._process, f"{_END}\n", b"\n", deadline).strip()
            if not self._end:
                raise EngineUnavailable(f"{self._program} has no phonemes for {self._voice}; install it again")
        said = self._exchange(self._process, f"{clause}\n{_END}\n", b"\n" + self._end + b"\n", deadline)
        return said.decode("utf-8", "replace")

    def _exchange(self, process: subprocess.Popen[bytes], text: str, end: bytes, deadline: float) -> bytes:
        """Write ``text`` and read up to ``end``, which is not given back; the first line may be the end itself."""
        assert process.stdin is not None  # noqa: S101  both are pipes
        assert process.stdout is not None  # noqa: S101
        read = b"\n"
        try:
            os.write(process.stdin.fileno(), text.encode())
            while not read.endswith(end) or read == end == b"\n":
                if not select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))[0]:
                    raise EngineTimeout(f"espeak-ng gave no phonemes within {self._deadline_s:g} s")
                piece = os.read(process.stdout.fileno(), _MAX_OUTPUT_BYTES)
                if not piece or len(read) > _MAX_OUTPUT_BYTES:
                    raise EngineCrashed(f"espeak-ng ended, or wrote without end; does it have the voice {self._voice}?")
                read += piece
        except OSError as error:
            raise EngineCrashed(f"espeak-ng ended; does it have the voice {self._voice}?") from error
        return read[: -len(end)]

    def _end_program(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            self._owner.end([process])


def split_clauses(sentence: str) -> list[tuple[str, str]]:
    """Cut a sentence of one line into clauses, each with its mark: ``, . ; : ? !`` or none. No clause is too long."""
    narrow = _WIDE_MARK.sub(lambda mark: f"{_MARKS[mark[0]]} ", sentence).strip()
    clauses = []
    for match in _CLAUSE.finditer(narrow):
        clause = match[0].strip()
        bare = clause.rstrip(",.;:!?\"'”’»)]")
        mark = next((char for char in clause[len(bare) :] if char in ",.;:!?"), "")
        *parts, last = _cut_long(clause if not mark else clause[: len(bare)] or clause)
        clauses += [(part, "") for part in parts] + [(last, mark)]
    return [(clause, mark) for clause, mark in clauses if any(char.isalnum() for char in clause)]


def _cut_long(clause: str) -> list[str]:
    pieces = []
    while len(clause) > _MAX_CLAUSE_CHARS:
        cut = clause.rfind(" ", 1, _MAX_CLAUSE_CHARS)
        cut = cut if cut > 0 else _MAX_CLAUSE_CHARS
        pieces.append(clause[:cut])
        clause = clause[cut:].strip()
    return [*pieces, clause]


def _as_trained(said: str) -> str:
    plain = _LANGUAGE_NOTE.sub("", said)
    return unicodedata.normalize("NFD", _SPACES.sub(" ", plain).strip())
