"""A translated call between two real browsers, through ``dragoman up``: what is read, and what is heard.

An speaks Vietnamese and Ben English. What their pages sound is recorded inside them (tests/browsers); under her words
An hums a tone that nobody speaks, so that the level of her own voice at Ben's ear is known at every moment.
"""

import html
import json
import os
import re
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
import webvtt
from playwright.sync_api import Browser, Download, expect
from tests.acceptance.commands import SPEECH
from tests.acceptance.hearing import hear, load, word_errors
from tests.browsers.chromium import FAKE_DEVICES, chromium, new_visitor
from tests.browsers.listening import FRAME_S, Tape, lasting, seconds_until
from tests.browsers.person import OWN_NAMES, Person, sit_down
from tests.site import Site, pico_site

from dragoman.ground.audio import Audio
from dragoman.ground.engines import SpeechToText

FELL_DB = 12.0
FALLS_WITHIN_S = 0.2
BACK_DB = 2.0
BACK_WITHIN_S = 1.0
VOICE_LINE = re.compile(r"\[\d\d:\d\d:\d\d\] (?P<name>\w+): (?P<said>.+?)(?: \(.+\))?")
"""Of a saved text; what was really said stands in brackets, where it is known."""
WITHOUT_BRACKETS = str.maketrans("", "", "[]")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with pico_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(*FAKE_DEVICES) as browser:
        yield browser


@dataclass(frozen=True, slots=True, kw_only=True)
class Couple:
    """Two people in a call, with the history open."""

    an: Person
    ben: Person


@pytest.fixture(scope="module")
def couple(site: Site, browser: Browser) -> Couple:
    """An starts a call on the home page, Ben comes by its link."""
    an, ben = (sit_down(new_visitor(browser), host=site.address) for _ in range(2))
    an.open(f"http://{site.address}/")
    link = an.start_a_call()
    an.turn_camera_off()
    an.fill_in("An", speaks="vi", reads="vi")
    an.agree()
    an.join()
    ben.open(link)
    ben.turn_camera_off()
    ben.fill_in("Ben", speaks="en", reads="en")
    ben.agree()
    ben.join()
    for person, other in ((an, "Ben"), (ben, "An")):
        person.sees_person(other)
        person.do("call.history")
    an.hum(on=True)
    ben.waits_for_the_interpreter()
    ben.listen()
    ben.listens_on(2)
    return Couple(an=an, ben=ben)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """An has said a recording of two sentences, and this came of it."""

    tape: Tape
    """What Ben's page sounded."""
    shown_to_ben: list[str]
    """Words above the controls as they grew; those in brackets were still provisional."""
    shown_to_an: list[str]
    read_by_ben: list[str]
    """Finals in his history."""
    read_by_an: list[str]


@pytest.fixture(scope="module")
def spoken(couple: Couple) -> Spoken:
    an, ben = couple.an, couple.ben
    for person in (an, ben):
        person.watch_captions()
    ben.listen()
    an.say(load(SPEECH / "vi-1.wav"))
    finals = ben.waits_for_finals(2, "en")
    ben.waits_for_the_end_of_the_dub()
    return Spoken(
        tape=ben.heard(),
        shown_to_ben=ben.shown_captions(),
        shown_to_an=an.shown_captions(),
        read_by_ben=finals,
        read_by_an=an.waits_for_finals(2, "vi"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Ben has answered with a sentence: the same the other way round."""

    shown_to_ben: list[str]
    shown_to_an: list[str]
    read_by_ben: list[str]
    """All finals in his history, the newest last."""
    read_by_an: list[str]


@pytest.fixture(scope="module")
def answered(couple: Couple, spoken: Spoken) -> Answered:
    an, ben = couple.an, couple.ben
    before = len(an.finals("vi")), len(ben.finals("en"))
    for person in (an, ben):
        person.watch_captions()
    ben.say(sentence("en-2"))
    return Answered(
        read_by_an=an.waits_for_finals(before[0] + 1, "vi"),
        read_by_ben=ben.waits_for_finals(before[1] + 1, "en"),
        shown_to_an=an.shown_captions(),
        shown_to_ben=ben.shown_captions(),
    )


def certain_words(shown: list[str]) -> list[str]:
    """Give what of the newest caption could not change any more, at each step at which there was any."""
    certain = [step.rpartition(" | ")[2].partition("[")[0].strip() for step in shown]
    return [words for words in certain if words]


def stayed(shown: list[str], finals: list[str]) -> bool:
    """Say whether words that were certain while their caption was open were kept by each later step, to its final."""
    certain = certain_words(shown)
    told = [[words for words in certain if final.startswith(words)] for final in finals]
    return all(any(final.startswith(words) for final in finals) for words in certain) and all(
        later.startswith(words) for steps in told for words, later in pairwise(steps)
    )


def grew(shown: list[str], finals: list[str]) -> bool:
    """Say whether certain words of one caption became more while it was open, rather than all at its end."""
    certain = certain_words(shown)
    return any(len({words for words in certain if final.startswith(words) and words != final}) > 1 for final in finals)


def no_translation_took_words_back(shown: list[str]) -> bool:
    """Say whether open captions only became longer, though all words of a translation may change until its final."""
    steps = [step.rpartition(" | ") for step in shown]
    return all(
        later.translate(WITHOUT_BRACKETS).startswith(words.translate(WITHOUT_BRACKETS))
        for (above, _, words), (above_later, _, later) in pairwise(steps)
        if above == above_later and "[" in words and "[" in later
    )


def said_in(name: str, kind: str) -> str:
    """Give the ``text`` of a fixture or its ``translation``."""
    return str(json.loads((SPEECH / f"{name}.json").read_text())[kind])


def is_about(heard: str, said: str) -> bool:
    """Say whether a text is another one; after Opus the tiny recogniser takes a word in four for another at worst."""
    return word_errors(said=said, heard=heard).rate <= 0.25


def sentence(name: str, number: int = 0) -> Audio:
    """Cut a sentence out of a fixture, with the silence around it."""
    said = json.loads((SPEECH / f"{name}.json").read_text())["sentences"][number]
    speech = load(SPEECH / f"{name}.wav")
    first, last = (round(at_s * speech.sample_rate) for at_s in (said["start"] - 0.25, said["end"] + 0.2))
    return Audio(samples=speech.samples[first:last], sample_rate=speech.sample_rate)


def test_each_reads_in_their_own_language_what_was_said(spoken: Spoken) -> None:
    assert is_about(" ".join(spoken.read_by_ben), said_in("vi-1", "translation"))
    assert is_about(" ".join(spoken.read_by_an), said_in("vi-1", "text"))


def test_words_are_seen_while_they_may_still_change(spoken: Spoken) -> None:
    provisional = [shown for shown in spoken.shown_to_an if "[" in shown]

    assert provisional, spoken.shown_to_an
    assert any(shown.endswith(spoken.read_by_an[-1]) for shown in spoken.shown_to_an)
    assert any(shown.endswith(spoken.read_by_ben[-1]) for shown in spoken.shown_to_ben)


def test_certain_words_become_more_and_stay_while_their_speaker_goes_on(spoken: Spoken) -> None:
    assert stayed(spoken.shown_to_an, spoken.read_by_an), spoken.shown_to_an
    assert grew(spoken.shown_to_an, spoken.read_by_an), spoken.shown_to_an
    assert no_translation_took_words_back(spoken.shown_to_ben), spoken.shown_to_ben


def test_they_do_so_the_other_way_round(answered: Answered) -> None:
    assert is_about(answered.read_by_ben[-1], said_in("en-2", "text").partition(".")[0])
    assert certain_words(answered.shown_to_ben)
    assert stayed(answered.shown_to_ben, answered.read_by_ben), answered.shown_to_ben
    assert no_translation_took_words_back(answered.shown_to_an), answered.shown_to_an
    assert any(step.endswith(answered.read_by_an[-1]) for step in answered.shown_to_an)


def test_the_translated_voice_is_heard_and_says_what_was_said(spoken: Spoken, whisper: SpeechToText) -> None:
    heard = hear(whisper, spoken.tape.dub_speech(), "en")

    assert is_about(heard, said_in("vi-1", "translation")), heard


def test_the_original_falls_as_soon_as_the_translated_voice_begins(spoken: Spoken) -> None:
    level = spoken.tape.original_db()
    spans = spoken.tape.dub_spans(pause_s=BACK_WITHIN_S)
    usual_db = float(np.median(level[50:150]))

    falls = [seconds_until(level, after_s=span.start_s, below_db=usual_db - FELL_DB) for span in spans]

    assert spans
    assert max(falls) <= FALLS_WITHIN_S, falls


def test_the_original_is_back_within_a_second_of_the_last_translated_word(spoken: Spoken) -> None:
    level = spoken.tape.original_db()
    spans = spoken.tape.dub_spans(pause_s=BACK_WITHIN_S)
    usual_db = float(np.median(level[50:150]))

    backs = [seconds_until(level, after_s=span.end_s, above_db=usual_db - BACK_DB) for span in spans]

    assert max(backs) <= BACK_WITHIN_S, backs


def test_the_interpreter_is_no_tile_of_its_own(couple: Couple, spoken: Spoken) -> None:
    for person in (couple.an, couple.ben):
        stage = person.page.get_by_role("list", name=person.text("call.stage"), exact=True)
        expect(stage.get_by_role("listitem")).to_have_count(2)


def test_what_was_said_is_saved_as_vtt_and_as_text(spoken: Spoken, couple: Couple) -> None:
    ben = couple.ben
    said = [("An" if text in spoken.read_by_ben else "Ben", text) for text in ben.finals("en")]

    vtt, txt = saved(ben, "captions.saveVtt"), saved(ben, "captions.saveTxt")
    with ben.options_of_captions() as panel, ben.page.expect_download() as saving:
        panel.get_by_role("button", name=ben.text("captions.saveVtt")).click()
    again = saving.value

    cues = webvtt.from_string(vtt.path().read_text("utf-8")).captions
    lines = [VOICE_LINE.fullmatch(line) for line in txt.path().read_text("utf-8").splitlines()]
    assert (vtt.suggested_filename[-4:], txt.suggested_filename[-4:]) == (".vtt", ".txt")
    assert len(said) >= 2
    assert [(cue.voice, html.unescape(cue.text)) for cue in cues] == said
    assert all(cue.start_in_seconds < cue.end_in_seconds for cue in cues)
    assert [it and (it["name"], it["said"]) for it in lines] == said
    assert again.path().read_text("utf-8") == vtt.path().read_text("utf-8")


def saved(person: Person, kind: str) -> Download:
    """Save what the open history holds."""
    person.button("captions.save").click()
    with person.page.expect_download() as saving:
        person.page.get_by_role("menuitem", name=person.text(kind), exact=True).click()
    return saving.value


def test_captions_are_as_large_as_their_reader_wants_them(spoken: Spoken, couple: Couple) -> None:
    an, ben = couple.an, couple.ben
    before = len(ben.finals("en"))

    an.say(load(SPEECH / "vi-1.wav"))
    expect(ben.caption_words("en").last).to_be_visible()
    with ben.options_of_captions() as panel:
        for size, pixels in (("captions.sizeL", "30px"), ("captions.sizeS", "18px"), ("captions.sizeM", "22px")):
            panel.get_by_text(ben.text(size), exact=True).click()
            expect(ben.caption_words("en").last).to_have_css("font-size", pixels)

    ben.waits_for_finals(before + 2, "en")


def test_nothing_sounds_beside_what_is_mixed(spoken: Spoken, couple: Couple) -> None:
    assert couple.ben.page.evaluate("ears.loudElements()") == 0


@pytest.mark.parametrize(
    ("mode", "dubbed", "lowest_db", "highest_db"),
    [("call.dub", True, -120.0, -40.0), ("call.both", True, -8.0, -4.0), ("call.originalOnly", False, -2.0, 2.0)],
)
def test_a_listener_chooses_what_is_heard_of_a_speaker(
    couple: Couple, mode: str, dubbed: bool, lowest_db: float, highest_db: float
) -> None:
    an, ben = couple.an, couple.ben
    ben.hears_only_the_original()
    # The tape begins with the original as it usually is: with the dub alone it is silent from the choice on.
    ben.listen()
    ben.listens_on(1)
    with ben.options_of("An") as menu:
        menu.get_by_text(ben.text("call.both"), exact=True).click()
        menu.get_by_role("slider").fill("50")
        menu.get_by_text(ben.text(mode), exact=True).click()
    ben.listens_on(1)
    chosen_s = ben.seconds_heard()
    before = len(ben.finals("en"))
    an.say(sentence("vi-2"))
    ben.waits_for_finals(before + 1, "en")
    if dubbed:
        ben.waits_for_the_end_of_the_dub()
    else:
        ben.listens_on(4)
    tape = ben.heard()
    with ben.options_of("An") as menu:
        menu.get_by_text(ben.text("call.both"), exact=True).click()
        menu.get_by_role("slider").fill("18")

    level = tape.original_db()
    usual_db = np.median(level[20:60])
    from_then_on = lasting(level[round(chosen_s / FRAME_S) :])
    fell_db = float(np.percentile(from_then_on, 5) - usual_db)
    assert lowest_db <= fell_db <= highest_db
    assert bool(tape.dub_spans()) == dubbed
    # Before and between dubs: as loud as ever, and with the dub alone as silent as under it.
    loudest_db = float(np.max(from_then_on) - usual_db)
    assert loudest_db <= highest_db if mode == "call.dub" else abs(loudest_db) <= BACK_DB


def test_a_language_chosen_in_the_call_counts_at_once(couple: Couple) -> None:
    an, ben = couple.an, couple.ben
    ben.change_language("lobby.iRead", OWN_NAMES["vi"])

    ben.listen()
    an.say(sentence("vi-3"))
    expect(ben.caption_words("vi").first).to_be_visible()
    shown = ben.waits_for_finals(1, "vi")[-1]
    tape = ben.heard()
    ben.change_language("lobby.iRead", OWN_NAMES["en"])

    assert word_errors(said=said_in("vi-3", "text"), heard=shown).insertions <= 1
    assert tape.dub_spans() == []


def test_a_reload_keeps_what_was_chosen_and_shows_what_was_said(couple: Couple, spoken: Spoken) -> None:
    ben = couple.ben
    with ben.options_of("An") as menu:
        menu.get_by_text(ben.text("call.dub"), exact=True).click()

    ben.page.reload()
    name = ben.page.get_by_label(ben.text("lobby.name"))
    expect(name).to_have_value("Ben")
    ben.join()
    ben.do("call.history")
    shown = ben.waits_for_finals(2, "en")

    assert shown[:2] == spoken.read_by_ben
    with ben.options_of("An") as menu:
        expect(menu.get_by_role("radio", name=ben.text("call.dub"), exact=True)).to_be_checked()
        menu.get_by_text(ben.text("call.both"), exact=True).click()


def test_a_translated_voice_that_stalls_gives_the_original_back(couple: Couple, spoken: Spoken, site: Site) -> None:
    an, ben = couple.an, couple.ben
    whole = spoken.tape.dub_spans(pause_s=BACK_WITHIN_S)[-1]
    interpreter = site.process_id("interpreter")
    ben.hears_only_the_original()

    ben.listen()
    an.say(sentence("vi-1", 1))
    ben.hears_a_dub_begin()
    os.kill(interpreter, signal.SIGSTOP)
    try:
        # Until the tape ends nothing goes on: the rest of the sentence would lower the original again.
        ben.waits_for_the_end_of_the_dub(after_s=0)
        tape = ben.heard()
        ben.waits_for_dub(on=False)
    finally:
        with suppress(ProcessLookupError):  # who is stopped for so long has been replaced
            os.kill(interpreter, signal.SIGCONT)

    level = tape.original_db()
    usual_db = float(np.median(level[20:60]))
    cut = tape.dub_spans()[0]
    assert cut.end_s - cut.start_s < whole.end_s - whole.start_s - 0.2, (cut, whole)
    assert seconds_until(level, after_s=cut.start_s, below_db=usual_db - FELL_DB) <= FALLS_WITHIN_S
    assert seconds_until(level, after_s=cut.end_s, above_db=usual_db - BACK_DB) <= BACK_WITHIN_S


def test_the_pages_ask_nobody_else_and_find_no_fault(couple: Couple, spoken: Spoken) -> None:
    assert couple.an.complaints.all() == []
    assert couple.ben.complaints.all() == []
