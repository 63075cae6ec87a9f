"""Batches: what shares a call, what goes first, what has no turn."""

from hypothesis import given
from hypothesis import strategies as st

from dragoman.engines.batches import MOST_SENTENCES, MOST_WAITING, WINDOW_S, Batch, Batches, Lost, Wanted
from dragoman.engines.broker import Urgency

FINAL, PARTIAL, RECORDING = Urgency.FINAL, Urgency.PARTIAL, Urgency.RECORDING


def wanted(
    urgency: Urgency = FINAL,
    *,
    group: str = "en-vi",
    sentences: int = 1,
    lane: str = "model",
    is_repair: bool = False,
) -> Wanted:
    return Wanted(urgency=urgency, lane=lane, group=group, sentences=sentences, is_repair=is_repair)


def _all_due(batches: Batches, *, at_s: float) -> list[tuple[Wanted, ...]]:
    """End each call before the next one."""
    called = []
    while due := batches.due(at_s=at_s):
        for batch in due:
            called.append(batch.wanted)
            batches.end(batch, took_s=0.0, at_s=at_s)
    return called


def test_requests_of_one_pair_that_come_within_the_window_are_one_call() -> None:
    batches, first, second = Batches(), wanted(), wanted()

    batches.push(first, at_s=0.0)
    batches.push(second, at_s=0.015)

    assert batches.due(at_s=0.015) == []
    assert batches.wake_at_s(at_s=0.015) == WINDOW_S
    assert [batch.wanted for batch in batches.due(at_s=WINDOW_S)] == [(first, second)]


def test_a_full_call_waits_for_nobody() -> None:
    batches = Batches()

    for _ in range(MOST_SENTENCES):
        batches.push(wanted(), at_s=0.0)

    (batch,) = batches.due(at_s=0.0)
    assert batch.sentences == MOST_SENTENCES


def test_a_quick_engine_is_not_kept_waiting_longer_than_its_calls_take() -> None:
    batches = Batches()
    batches.push(wanted(), at_s=0.0)
    (batch,) = batches.due(at_s=1.0)
    batches.end(batch, took_s=0.001, at_s=1.001)

    batches.push(wanted(), at_s=2.0)

    assert batches.wake_at_s(at_s=2.0) == 2.001


def test_those_who_ask_while_a_call_runs_gather_for_the_next() -> None:
    batches = Batches()
    batches.push(wanted(), at_s=0.0)
    (running,) = batches.due(at_s=0.1)
    later = [wanted(), wanted(), wanted()]

    for each in later:
        batches.push(each, at_s=0.2)
    during = batches.due(at_s=0.5)
    batches.end(running, took_s=0.5, at_s=0.6)

    assert during == []
    assert [batch.wanted for batch in batches.due(at_s=0.6)] == [tuple(later)]


def test_what_gains_nothing_from_sharing_runs_at_once_and_side_by_side() -> None:
    batches = Batches()
    asked = [Wanted(urgency=FINAL, lane="firefox", group="en-vi", side_by_side=2) for _ in range(3)]
    for each in asked:
        batches.push(each, at_s=0.0)

    first, second = batches.due(at_s=0.0)
    assert (first.wanted, second.wanted) == ((asked[0],), (asked[1],))
    assert (batches.due(at_s=1.0), batches.wake_at_s(at_s=1.0)) == ([], None)
    batches.end(first, took_s=1.0, at_s=1.0)
    assert [batch.wanted for batch in batches.due(at_s=1.0)] == [(asked[2],)]


def test_finals_go_before_previews_and_previews_before_texts_and_none_rides_with_another() -> None:
    batches = Batches()
    text, partial, final = wanted(RECORDING), wanted(PARTIAL), wanted(FINAL)

    for each in (text, partial, final):
        batches.push(each, at_s=0.0)

    assert _all_due(batches, at_s=1.0) == [(final,), (partial,), (text,)]


def test_a_text_that_waited_long_goes_before_previews() -> None:
    batches = Batches()
    text, partial, final = wanted(RECORDING), wanted(PARTIAL), wanted(FINAL)

    batches.push(text, at_s=0.0)
    batches.push(partial, at_s=9.0)
    batches.push(final, at_s=9.0)

    assert _all_due(batches, at_s=10.0) == [(final,), (text,), (partial,)]


def test_another_pair_is_another_call_of_the_same_model_and_another_model_runs_beside_it() -> None:
    batches = Batches()
    one, other, elsewhere = wanted(), wanted(group="vi-en"), wanted(lane="another")

    for each in (one, other, elsewhere):
        batches.push(each, at_s=0.0)

    assert [batch.wanted for batch in batches.due(at_s=1.0)] == [(one,), (elsewhere,)]


def test_beyond_the_limit_a_final_takes_the_place_of_the_oldest_preview_and_the_rest_is_refused() -> None:
    batches = Batches()
    oldest = wanted(PARTIAL)
    batches.push(oldest, at_s=0.0)
    for _ in range(MOST_WAITING - 1):
        batches.push(wanted(RECORDING), at_s=0.0)
    final, another, preview = wanted(), wanted(), wanted(PARTIAL)

    assert batches.push(final, at_s=0.0) == {oldest: Lost.DISPLACED}
    assert batches.push(another, at_s=0.0) == {another: Lost.REFUSED}
    assert batches.push(preview, at_s=0.0) == {preview: Lost.REFUSED}
    assert batches.waiting == MOST_WAITING


def test_nothing_is_previewed_while_live_speech_takes_most_of_the_time_and_it_comes_back() -> None:
    batches = Batches()
    batches.push(wanted(), at_s=0.0)
    (batch,) = batches.due(at_s=1.0)
    batches.end(batch, took_s=3.0, at_s=4.0)
    refused, welcome = wanted(PARTIAL), wanted(PARTIAL)

    assert batches.load == 0.75
    assert batches.push(refused, at_s=4.0) == {refused: Lost.BUSY}
    assert batches.push(welcome, at_s=9.0) == {}


def test_the_repair_of_a_final_lets_finals_go_first_and_is_not_refused_like_a_preview() -> None:
    batches = Batches()
    repair, final = wanted(group="repairs", is_repair=True), wanted()
    _worked(batches, 3.0)

    assert batches.push(wanted(PARTIAL), at_s=1.0) != {}
    assert batches.push(repair, at_s=1.0) == {}
    assert batches.push(final, at_s=1.0) == {}
    assert batches.answered_in_s(wanted(group="vi-en"), at_s=1.0) == 6.0
    assert _all_due(batches, at_s=2.0) == [(final,), (repair,)]


def test_the_repair_of_a_final_goes_before_previews() -> None:
    batches = Batches()
    preview, repair = wanted(PARTIAL), wanted(group="repairs", is_repair=True)

    batches.push(preview, at_s=0.0)
    batches.push(repair, at_s=0.0)

    assert _all_due(batches, at_s=1.0) == [(repair,), (preview,)]


def test_who_is_not_waited_for_any_more_is_in_no_call() -> None:
    batches, gone, there = Batches(), wanted(), wanted()
    batches.push(gone, at_s=0.0)
    batches.push(there, at_s=0.0)

    batches.drop(gone)

    assert [batch.wanted for batch in batches.due(at_s=1.0)] == [(there,)]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(Urgency)), st.sampled_from(["en-vi", "vi-en"]), st.integers(min_value=1, max_value=12)
        ),
        max_size=60,
    )
)
def test_everything_is_called_once_in_calls_of_one_kind_and_bounded_size(
    asked: list[tuple[Urgency, str, int]],
) -> None:
    batches = Batches()
    everything = [wanted(urgency, group=group, sentences=count) for urgency, group, count in asked]
    for each in everything:
        batches.push(each, at_s=0.0)

    called = _all_due(batches, at_s=1.0)

    assert sorted(map(id, (each for call in called for each in call))) == sorted(map(id, everything))
    for call in called:
        assert len({(each.group, each.urgency) for each in call}) == 1
        assert len(call) == 1 or Batch(wanted=call).sentences <= MOST_SENTENCES
    kinds = [call[0].urgency for call in called]
    assert kinds == sorted(kinds)


def _worked(batches: Batches, took_s: float, **of: object) -> None:
    """Have one call made that tells how long they take."""
    batches.push(wanted(**of), at_s=0.0)  # type: ignore[arg-type]
    (batch,) = batches.due(at_s=1.0)
    batches.end(batch, took_s=took_s, at_s=1.0)


def test_an_idle_engine_answers_at_once_however_long_its_last_call_took() -> None:
    batches = Batches()
    _worked(batches, 9.0)

    assert batches.answered_in_s(wanted(), at_s=2.0) == 0.0
    assert Batches().answered_in_s(wanted(), at_s=2.0) == 0.0


def test_what_runs_and_waits_is_reckoned_in_calls_as_long_as_the_last_one() -> None:
    batches = Batches()
    _worked(batches, 2.0)
    batches.push(wanted(sentences=MOST_SENTENCES), at_s=10.0)
    batches.due(at_s=10.0)

    alone = batches.answered_in_s(wanted(), at_s=10.5)
    batches.push(wanted(sentences=5), at_s=10.5)
    shared = batches.answered_in_s(wanted(sentences=3), at_s=10.5)
    crowded = batches.answered_in_s(wanted(sentences=4), at_s=10.5)
    of_another_pair = batches.answered_in_s(wanted(group="en-es"), at_s=10.5)

    assert (alone, shared, crowded, of_another_pair) == (3.5, 3.5, 5.5, 5.5)


def test_a_call_that_takes_long_is_expected_to_take_as_long_again() -> None:
    batches = Batches()
    batches.push(wanted(), at_s=0.0)
    batches.due(at_s=1.0)

    assert batches.answered_in_s(wanted(), at_s=5.0) == 4.0


def test_texts_and_other_models_are_nothing_that_live_speech_waits_for() -> None:
    batches = Batches()
    _worked(batches, 2.0)
    batches.push(wanted(FINAL, lane="other"), at_s=10.0)
    batches.push(wanted(RECORDING, sentences=MOST_SENTENCES), at_s=10.0)

    assert batches.answered_in_s(wanted(), at_s=10.0) == 0.0
    assert batches.answered_in_s(wanted(RECORDING), at_s=10.0) == 4.0


def test_calls_side_by_side_are_waited_for_only_when_every_place_is_taken() -> None:
    def beside() -> Wanted:
        return Wanted(urgency=FINAL, lane="pipeline", group="en-es", side_by_side=2)

    batches = Batches()
    batches.push(beside(), at_s=0.0)
    (batch,) = batches.due(at_s=0.0)
    batches.end(batch, took_s=1.0, at_s=1.0)
    expected = []
    for _ in range(3):
        batches.push(beside(), at_s=2.0)
        batches.due(at_s=2.0)
        expected.append(batches.answered_in_s(beside(), at_s=2.0))

    assert expected == [1.0, 2.0, 2.0]


def test_eight_sentences_share_a_call_and_nobody_waits_longer_than_twenty_milliseconds_for_them() -> None:
    batches = Batches()
    for _ in range(9):
        batches.push(wanted(), at_s=0.0)

    assert [len(together) for together in _all_due(batches, at_s=0.0)] == [8, 1]

    batches = Batches()
    batches.push(wanted(), at_s=0.0)
    assert batches.wake_at_s(at_s=0.0) == 0.02
