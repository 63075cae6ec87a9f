"""Delay as OmniSTEval counts it: LongYAAL, by the audio heard (CU) and by the clock (CA). to ``recognition_peers.py``.

OmniSTEval itself does it, in the peers' Python: this file writes its input and reads its answer. A talk's transcript is
the reference, so that captions are measured and no translation.
"""

import json
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.arms import INSTALLED, PeerFailed
from benchmarks.peers.heard_words import HeardTalk


@dataclass(frozen=True, slots=True, kw_only=True)
class LongYaal:
    """Seconds."""

    by_audio_s: float
    by_clock_s: float


def long_yaal(talks: list[tuple[Path, HeardTalk]]) -> LongYaal:
    """Judge what one recogniser wrote of some talks (their WAVs, with the sentences' times in the JSON beside).

    Raises ``PeerFailed`` if OmniSTEval is missing or refuses.
    """
    segments, references, hypotheses = [], [], []
    for wav, heard in talks:
        for sentence in json.loads(wav.with_suffix(".json").read_text(encoding="utf-8"))["sentences"]:
            start, end = sentence["start"], sentence["end"]
            segments.append({"wav": wav.name, "offset": start, "duration": round(end - start, 3)})
            references.append(sentence["text"])
        hypotheses.append(
            {
                "source": [wav.name],
                "prediction": " ".join(word.text for word in heard.words),
                "delays": [word.heard_s * 1000 for word in heard.words],
                "elapsed": [word.at_s * 1000 for word in heard.words],
                "source_length": heard.audio_s * 1000,
            }
        )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "segments.json").write_text(json.dumps(segments), encoding="utf-8")
        (folder / "references.txt").write_text("\n".join(references) + "\n", encoding="utf-8")
        lines = [json.dumps(line, ensure_ascii=False) for line in hypotheses]
        (folder / "hypotheses.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return _ask_omnisteval(folder)


def _ask_omnisteval(folder: Path) -> LongYaal:
    program = INSTALLED / "venv" / "bin" / "omnisteval"
    if not program.exists():
        raise PeerFailed("OmniSTEval is not here: benchmarks/peers/set_up.sh installs it")
    files = ("--speech_segmentation", "segments.json", "--ref_sentences_file", "references.txt")
    done = subprocess.run(
        [program, "longform", *files, "--hypothesis_file", "hypotheses.jsonl", "--word_level", "--no_quality"],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    found = {
        which: re.search(rf"LongYAAL \({which}\)\D*(-?[\d.]+)", done.stdout, re.IGNORECASE) for which in ("CU", "CA")
    }
    cu, ca = found["CU"], found["CA"]
    if done.returncode != 0 or cu is None or ca is None:
        raise PeerFailed(f"OmniSTEval: {(done.stderr or done.stdout)[-2000:]}")
    return LongYaal(by_audio_s=float(cu[1]) / 1000, by_clock_s=float(ca[1]) / 1000)
