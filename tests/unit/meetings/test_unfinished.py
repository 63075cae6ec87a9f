"""What an interpreter is at, and what its finals take away of it."""

from dataclasses import replace

from dragoman.ground.captions import Caption, Unfinished
from dragoman.ground.languages import Language
from dragoman.meetings.caption_message import read_caption, read_unfinished, write_caption, write_unfinished
from dragoman.meetings.journal import Journal
from dragoman.meetings.unfinished import UnfinishedSegments

VI, EN = Language("vi"), Language("en")


def a_segment(
    name: str = "1.an.1", *, text: str = "mot hai", languages: frozenset[Language] = frozenset({VI, EN})
) -> Unfinished:
    return Unfinished(
        segment=name,
        speaker="an",
        source_language=VI,
        text=text,
        start_s=1.0,
        end_s=2.5,
        closed=False,
        languages=languages,
    )


def a_final(language: Language, *, seq: int = 1, segment: str = "1.an.1", gap: bool = False) -> Caption:
    return Caption(
        segment=segment,
        speaker="an",
        language=language,
        source_language=VI,
        text="",
        start_s=1.0,
        end_s=2.5,
        final=True,
        seq=seq,
        gap=gap,
        original="mot hai",
    )


def test_a_segment_owes_what_its_finals_have_not_answered_and_goes_with_the_last() -> None:
    segments = UnfinishedSegments()
    segments.keep(a_segment())

    segments.answer(a_final(VI))
    left = segments.all()
    segments.answer(a_final(EN))

    assert [it.languages for it in left] == [frozenset({EN})]
    assert segments.all() == []


def test_the_newest_word_of_a_segment_counts_and_none_owed_takes_it_away() -> None:
    segments = UnfinishedSegments()
    segments.keep(a_segment(text="mot"))
    segments.keep(a_segment(text="mot hai ba"))
    segments.keep(a_segment("1.an.2"))

    segments.keep(a_segment("1.an.2", languages=frozenset()))

    assert [it.text for it in segments.all()] == ["mot hai ba"]


def test_more_segments_than_any_room_has_push_out_the_oldest() -> None:
    segments = UnfinishedSegments(most=2)

    for number in range(3):
        segments.keep(a_segment(str(number)))

    assert [it.segment for it in segments.all()] == ["1", "2"]


def test_a_segment_that_changes_while_it_is_told_is_told_again() -> None:
    journal = Journal()
    journal.keep(a_segment(text="mot"))
    telling = journal.next_unfinished()

    journal.keep(a_segment(text="mot hai"))
    journal.told(telling)

    assert [it.text for it in journal.next_unfinished()] == ["mot hai"]
    assert not journal.is_told("1.an.1")


def test_an_api_that_forgot_is_told_again_what_is_still_unfinished() -> None:
    journal = Journal()
    for name in ("1.an.1", "1.an.2"):
        journal.keep(a_segment(name))
    journal.told(journal.next_unfinished())
    journal.add(a_final(VI))
    journal.add(a_final(EN, seq=2))

    journal.start_over()

    assert [it.segment for it in journal.next_unfinished()] == ["1.an.2"]
    assert [it.seq for it in journal.next_delivery()] == [1, 2]


def test_what_a_speaker_said_who_withdrew_is_taken_away_from_the_api_too() -> None:
    inherited = a_segment("1.an.1")
    journal = Journal(inherited=[inherited])
    journal.keep(a_segment("2.an.1"))
    others = replace(a_segment("2.ben.1"), speaker="ben")
    journal.keep(others)
    journal.told(journal.next_unfinished())

    journal.forget("an")

    told = {it.segment: it.languages for it in journal.next_unfinished()}
    journal.told(journal.next_unfinished())
    journal.start_over()
    assert told == {"1.an.1": frozenset(), "2.an.1": frozenset()}
    assert journal.next_unfinished() == [others]


def test_segments_and_gaps_pass_the_wire() -> None:
    segment, final = a_segment(), a_final(EN, gap=True)

    assert read_unfinished(write_unfinished(segment)) == segment
    assert read_caption(write_caption(final)) == final
