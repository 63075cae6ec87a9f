"""What is left out under load: step by step, back again more slowly, and never for a short peak."""

from dragoman.engines.overload import BETTER_AFTER_S, WINDOW_S, Degree, Overload


def work(overload: Overload, share: float, *, from_s: float, until_s: float) -> list[Degree]:
    """Compute ``share`` of every half second, by turns with two models; give the degrees that were passed through."""
    degrees, at_s = [overload.degree], from_s
    while at_s < until_s:
        for engine in ("base", "small"):
            overload.worked(0.25 * share, engine=engine, at_s=at_s)
        if overload.degree != degrees[-1]:
            degrees.append(overload.degree)
        at_s += 0.5
    return degrees


def test_the_steps_come_in_their_order_while_too_much_is_computed() -> None:
    degrees = work(Overload(places=1), 1.0, from_s=0.0, until_s=30.0)

    assert degrees == list(Degree)


def test_a_load_that_fits_leaves_nothing_out() -> None:
    assert work(Overload(places=2), 1.6, from_s=0.0, until_s=30.0) == [Degree.NOTHING]


def test_a_single_model_that_is_always_busy_is_too_much_whatever_else_is_idle() -> None:
    overload = Overload(places=4)

    for step in range(20):
        overload.worked(0.5, engine="small", at_s=0.5 * step)

    assert overload.degree > Degree.NOTHING


def test_one_speaker_whose_last_words_are_heard_beside_looks_keeps_the_previews() -> None:
    overload = Overload(places=2)

    for step in range(40):
        overload.worked(0.3, engine="small", at_s=0.5 * step)
        overload.worked(0.3, engine="small", at_s=0.5 * step, beside=True)

    assert overload.degree is Degree.NOTHING
    assert overload.share == 0.6


def test_both_places_of_a_model_that_are_always_busy_are_too_much() -> None:
    overload = Overload(places=4)

    for step in range(20):
        overload.worked(0.5, engine="small", at_s=0.5 * step)
        overload.worked(0.5, engine="small", at_s=0.5 * step, beside=True)

    assert overload.degree > Degree.NOTHING


def test_who_is_refused_is_told_when_there_is_room_at_the_earliest() -> None:
    overload = Overload(places=1)
    work(overload, 1.0, from_s=0.0, until_s=30.0)

    busy_s = overload.better_in_s(Degree.LARGER_MODEL, at_s=30.0)
    overload.look(at_s=34.0)

    assert busy_s == BETTER_AFTER_S
    assert overload.better_in_s(Degree.LARGER_MODEL, at_s=34.0) == BETTER_AFTER_S - 4
    assert overload.better_in_s(Degree.HALF_THE_LOOKS, at_s=34.0) == 3 * BETTER_AFTER_S - 4


def test_a_peak_shorter_than_the_window_leaves_nothing_out() -> None:
    overload = Overload(places=1)

    work(overload, 1.0, from_s=0.0, until_s=WINDOW_S / 2)

    assert work(overload, 0.3, from_s=WINDOW_S / 2, until_s=20.0) == [Degree.NOTHING]


def test_when_it_is_quiet_everything_comes_back_one_by_one() -> None:
    overload = Overload(places=1)
    work(overload, 1.0, from_s=0.0, until_s=30.0)

    back = work(overload, 0.2, from_s=30.0, until_s=30.0 + 6 * BETTER_AFTER_S)

    assert back == list(reversed(Degree))


def test_silence_counts_too() -> None:
    overload = Overload(places=1)
    work(overload, 1.0, from_s=0.0, until_s=30.0)

    overload.look(at_s=90.0)

    assert overload.degree is Degree.NOTHING
    assert overload.share == 0.0
