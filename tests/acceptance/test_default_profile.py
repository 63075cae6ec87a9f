"""The ``default`` profile from its pull to captions: whisper-small by name, and Firefox's models for both directions.

The bytes are those of the fixtures' recogniser and of computed models that translate word for word; they are published
by a hub and a registry on this machine, and were pulled with a table that had no hashes yet.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from tests.acceptance.commands import FIXTURES, SPEECH, Command, Home
from tests.acceptance.results import Results, said

from dragoman.models.pull import Puller
from dragoman.models.sources import Sources
from dragoman.models.table import ModelFile, ModelTable, load_table
from dragoman.testing.firefox_model import write_firefox_model, write_shortlist
from dragoman.testing.model_hub import ModelHub

WHISPER = FIXTURES / "whisper-pico"
VIETNAMESE_ENGLISH = {
    **{"David": "David", "và": "and", "Lan": "Lan", "sẽ": "will", "đi": "visit", "Huế": "Hue"},
    **{"Hạn": "The", "chót": "deadline", "cho": "for", "máy": "the", "quay": "camera", "là": "is"},
    **{"vào": "in", "tháng": "month", "Ba": "three"},
}
ENGLISH_VIETNAMESE = {
    **{"I": "Tôi", "think": "nghĩ", "the": "cái", "proposal": "này", "is": "thì", "too": "quá", "perfect": "tốt"},
    **{"The": "Trang", "website": "web", "cheap": "rẻ"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stocked(Home):
    """The home of somebody who has pulled the profile and named it, and no engine."""

    def environment(self) -> dict[str, str]:
        plain = Home(folder=self.folder).environment()
        return {**plain, "DRAGOMAN_MODELS_DIR": str(self.folder / "models"), "DRAGOMAN_PROFILE": "default"}


def table_without_hashes() -> ModelTable:
    """Give the profile's part of the table as it was before its hashes were published."""
    entries = [
        replace(entry, revision="", files=tuple(ModelFile(path=file.path) for file in entry.files), about_bytes=1)
        for entry in load_table().expand(["default"])
    ]
    vocabulary = tuple(ModelFile(path=path.name) for path in sorted(WHISPER.iterdir()) if path.suffix != ".md")
    return ModelTable(hub="", entries=(replace(entries[0], files=vocabulary), *entries[1:]))


def stock(folder: Path) -> Stocked:
    """Publish the three models on this machine and pull them."""
    home, table = Stocked(folder=folder / "home"), table_without_hashes()
    with ModelHub() as hub:
        hub.add_repo(table.entry("whisper-small").repo, WHISPER)
        for pair, words in {"vi-en": VIETNAMESE_ENGLISH, "en-vi": ENGLISH_VIETNAMESE}.items():
            made = write_firefox_model(folder / pair, pair.replace("-", ""), words)
            write_shortlist(made, pair.replace("-", ""), words)
            hub.add_firefox(pair, made)
        with Sources(table, hub=hub.endpoint, firefox_registry=hub.firefox_registry) as sources:
            for entry in table:
                (source,) = sources.of(entry)
                Puller(home.folder / "models", table, source).pull(entry.id)
    return home


def test_a_talk_in_vietnamese_and_english_is_captioned_both_ways_by_the_default_profile(tmp_path: Path) -> None:
    home = stock(tmp_path)

    results: Results = Command(
        files=[SPEECH / "vi-1.wav", SPEECH / "en-3.wav"],
        source="vi",
        targets=["en", "vi"],
        options=("--from", "en", "--fast"),
        starts_s=(0.0, 8.0),
    ).run(home, tmp_path / "out")

    assert said(results.target("en")) == "David and Lan will visit Hue. The deadline for the camera is in month three."
    assert said(results.target("vi")) == "Tôi nghĩ cái này thì quá tốt. Trang web thì rẻ."
    assert results.failures() == {}
    engines = str(results.report()["engines"])
    assert "firefox:" in engines
    assert "whisper-small" in engines
    assert {line.untranslated for line in results.target("en") + results.target("vi")} == {False}
