"""Firefox's translation engine in a process of its own: it holds Python's lock during a whole sentence, and its
translators may only be used by the thread that made them.

Started by ``firefox.py`` as ``python -m``; reads frames from stdin and answers each on stdout. It ends when stdin does,
so it never outlives its parent.

    header {"do": "load" | "translate", "files": [model, source vocabulary, target vocabulary, shortlist or null]},
           payload one sentence in UTF-8
    answer {"question": n, "text": "..."} or "error" with a reason, or "unreadable" with one: the files are no model
"""

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import fxtranslate

from dragoman.engines.worker_answers import answer_frames
from dragoman.wire.frames import Header

MAX_LOADED = 8
"""Models kept at once, of 70 to 190 MB each; the longest unused one makes room."""

Files = tuple[str, ...]


class Translators:
    """The loaded models."""

    def __init__(self) -> None:
        self._loaded: OrderedDict[Files, fxtranslate.Translator] = OrderedDict()

    def get(self, files: Files) -> fxtranslate.Translator:
        """Load what is not loaded yet. Raises ``OSError`` and ``ValueError`` for files that are no model."""
        if files not in self._loaded:
            while len(self._loaded) >= MAX_LOADED:
                self._loaded.popitem(last=False)
            model, source, target, *shortlist = (Path(path).read_bytes() for path in files)
            self._loaded[files] = fxtranslate.Translator(model, source, target, *shortlist)
        self._loaded.move_to_end(files)
        return self._loaded[files]


def answer(translators: Translators, header: Header, sentence: bytes) -> Header:
    """Do what a frame asks for; a failure of the engine is the answer then."""
    files = header.get("files")
    if not isinstance(files, Sequence) or len(files) != 4:
        return {"error": "four files are needed"}
    try:
        translator = translators.get(tuple(str(path) for path in files if path is not None))
    except BaseException as error:  # noqa: BLE001  # a panic of Rust is no Exception
        return {"unreadable": _reason(error)}
    try:
        return {"text": "" if header.get("do") == "load" else translator.translate(sentence.decode())}
    except BaseException as error:  # noqa: BLE001
        return {"error": _reason(error)}


def _reason(error: BaseException) -> str:
    if isinstance(error, SystemExit | KeyboardInterrupt):
        raise error
    return f"{type(error).__name__}: {error}"


def main() -> None:
    translators = Translators()
    answer_frames(lambda header, payload: answer(translators, header, payload))


if __name__ == "__main__":
    main()
