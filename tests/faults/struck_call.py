"""What a call in which a process is struck has shown and sounded to whom, for test_killed_processes.py."""

from collections import Counter

import numpy as np
from tests.acceptance.hearing import plain, word_errors
from tests.livekit_server import HEARD_RATE
from tests.site import Caller
from tests.talking import is_about, translations


def newest_seq(caller: Caller) -> int:
    return max((int(it.attributes["dragoman.seq"]) for it in caller.guest.finals), default=0)


def unrepeated(caller: Caller, finals: list[dict[str, object]]) -> None:
    """Check what one reader saw, with what was fetched: every number once, every segment once, nothing certain lost."""
    live = [(int(it.attributes["dragoman.seq"]), it.attributes["lk.segment_id"]) for it in caller.guest.finals]
    # What had to be shown untranslated may come once more, translated afterwards.
    first = [it for it in caller.guest.finals if it.attributes["dragoman.replaces"] == "false"]
    assert max(Counter(it.attributes["lk.segment_id"] for it in first).values(), default=1) == 1
    assert len({seq for seq, _ in live}) == len(live)
    seqs = [final["seq"] for final in finals]
    assert seqs == list(range(1, len(seqs) + 1))
    written = Counter((final["segment"], final["language"]) for final in finals if not final["replaces"])
    assert max(written.values(), default=1) == 1
    texts = {f"{final['segment']}.{final['language']}": str(final["text"]) for final in finals}
    for partial in caller.guest.captions:
        certain = partial.text[: int(partial.attributes["dragoman.committed_chars"])]
        if certain and not partial.final:
            assert texts[partial.attributes["lk.segment_id"]].startswith(certain)


def was_read(texts: list[str], name: str) -> bool:
    """Say whether somewhere in ``texts``, one after the other, the translation of a fixture stands."""
    sentences = len(translations(name))
    return any(is_about(texts[first : first + sentences], name) for first in range(len(texts)))


def translated(reader: Caller) -> list[str]:
    """Give the finals that were really translated."""
    return [
        it.text
        for it in reader.guest.finals
        if it.attributes["dragoman.untranslated"] == "false" and it.attributes["dragoman.gap"] == "false"
    ]


def lost(finals: list[dict[str, object]]) -> Counter[str]:
    """Count the gaps in each language."""
    return Counter(str(final["language"]) for final in finals if final["gap"])


def interpreters_in(finals: list[dict[str, object]]) -> int:
    """Count those by whom something was written: the names of an interpreter's segments begin with its epoch."""
    return len({str(final["segment"]).partition(".")[0] for final in finals})


def in_english(finals: list[dict[str, object]]) -> list[str]:
    """Give what is known in English in the end: of each segment its last final."""
    return list({final["segment"]: str(final["text"]) for final in finals if final["language"] == "en"}.values())


def certain_now(speaker: Caller) -> str:
    """Give the words of the speaker's newest caption that are certain; empty where its sentence has ended."""
    ended = {it.attributes["lk.segment_id"] for it in speaker.guest.finals}
    for newest in speaker.guest.captions[-1:]:
        if newest.attributes["lk.segment_id"] not in ended:
            return newest.text[: int(newest.attributes["dragoman.committed_chars"])]
    return ""


def times_written(words: str, finals: list[dict[str, object]], language: str) -> int:
    """Count how often words stand one after the other in the finals of a language, in whatever segment."""
    texts = [plain(str(final["text"])) for final in finals if final["language"] == language and not final["replaces"]]
    return sum(f" {text} ".count(f" {plain(words)} ") for text in texts)


def times_answered(finals: list[dict[str, object]], read: list[dict[str, object]]) -> list[int]:
    """Count, for each Vietnamese segment of ``finals`` that was not lost, its first finals in English in ``read``."""
    answers = Counter(final["segment"] for final in read if final["language"] == "en" and not final["replaces"])
    own = {final["segment"] for final in finals if final["language"] == "vi" and not final["gap"]}
    return [answers[segment] for segment in own]


def times_translated(sentence: str, texts: list[str]) -> int:
    """Count the texts that are this sentence; as ``is_about``, one word in four may differ."""
    return sum(word_errors(said=sentence, heard=text).rate <= 0.25 for text in texts)


def epoch_seen(reader: Caller) -> int:
    """Give the epoch of the interpreter that somebody sees in the call; 0 while there is none."""
    seen = reader.guest.rtc.remote_participants.get("interpreter")
    return 0 if seen is None else int(seen.attributes.get("dragoman.epoch", "0"))


def dubbed_s(listener: Caller, speaker: Caller, language: str) -> float:
    """Add up how long a dub has sounded, without the silence in it."""
    sound = listener.guest.sound_of(f"dub:{speaker.identity}:{language}")
    return float(np.count_nonzero(np.abs(sound) > 0.01)) / HEARD_RATE
