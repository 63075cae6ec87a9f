"""``POST /v1/audio/transcriptions`` as OpenAI's clients ask it. For ``speech_to_text.py``.

The work is that of ``recordings_http.py``; only the fields and the answers have OpenAI's names. Source: OpenAI's API
reference, "Create transcription".
"""

from collections.abc import Mapping

from starlette.responses import JSONResponse, PlainTextResponse, Response

from dragoman.services.transcribing.formats import write_brief_json, write_srt, write_verbose_json, write_vtt
from dragoman.services.transcribing.problems import FieldInvalid
from dragoman.services.transcribing.recordings_http import Write, choose_writer
from dragoman.services.transcribing.uploads import Upload


def prepare_openai_answer(upload: Upload) -> Write:
    """Answer in the ``response_format`` that is asked for, ``json`` by default.

    Raises ``FieldInvalid`` for a format or a granularity that there is not, for a temperature that is none, and for
    ``stream``, which the live WebSocket does instead. Other fields of OpenAI's are read by nobody here.
    """
    if upload.text("stream").lower() in ("true", "1"):
        raise FieldInvalid("a recording is answered as a whole; leave out 'stream', or use the WebSocket /recognize")
    _check_temperature(upload.text("temperature"))
    return choose_writer(_writers(read_granularities(upload)), upload.text("response_format") or "json")


def _writers(granularities: tuple[str, ...]) -> Mapping[str, Write]:
    return {
        "json": lambda transcription: JSONResponse(write_brief_json(transcription)),
        "text": lambda transcription: PlainTextResponse(f"{transcription.text}\n"),
        "srt": lambda transcription: Response(write_srt(transcription), media_type="application/x-subrip"),
        "vtt": lambda transcription: Response(write_vtt(transcription), media_type="text/vtt"),
        "verbose_json": lambda transcription: JSONResponse(write_verbose_json(transcription, granularities)),
    }


def _check_temperature(text: str) -> None:
    """Refuse what is no temperature; a true one changes nothing: it rises by itself where words are doubtful."""
    try:
        fits = 0.0 <= float(text or "0") <= 1.0
    except ValueError:
        fits = False
    if not fits:
        raise FieldInvalid(f"temperature is a number from 0 to 1, not {text[:40]!r}")


def read_granularities(upload: Upload) -> tuple[str, ...]:
    """Give what ``verbose_json`` is to hold. Raises ``FieldInvalid``."""
    wanted = upload.lists.get("timestamp_granularities[]", ()) or ("segment",)
    for each in wanted:
        if each not in ("segment", "word"):
            raise FieldInvalid(f"no timestamp granularity {each[:40]!r}; there are: segment, word")
    return wanted
