"""Which directions work, and what would add more."""

from pathlib import Path

from dragoman.ground.languages import Language
from dragoman.models.offer import (
    Abilities,
    Direction,
    ModelOnOffer,
    cheapest_models,
    offers,
    on_offer,
    with_models,
    works_now,
)
from dragoman.models.store import ModelStore
from dragoman.models.table import load_table

EN, VI, ES, FR = Language("en"), Language("vi"), Language("es"), Language("fr")

BUILT_IN = Abilities(
    recognised=frozenset({EN}),
    pairs=frozenset({(EN, ES), (ES, EN)}),
    voices=frozenset({EN, ES, VI}),
)
HEARS_ALL = ModelOnOffer(id="hears-all", languages=(EN, VI, ES), download_bytes=500_000_000, installed=False)
EN_VI = ModelOnOffer(id="en-vi", pairs=((EN, VI),), download_bytes=150_000_000, installed=False)
VI_EN = ModelOnOffer(id="vi-en", pairs=((VI, EN),), download_bytes=140_000_000, installed=False)


def installed(model: ModelOnOffer) -> ModelOnOffer:
    return ModelOnOffer(
        id=model.id,
        languages=model.languages,
        pairs=model.pairs,
        voices=model.voices,
        download_bytes=model.download_bytes,
        installed=True,
        recommended=False,
    )


def test_a_direction_works_if_its_source_is_recognised_and_its_pair_translated() -> None:
    abilities = with_models(BUILT_IN, [EN_VI, VI_EN])

    directions = works_now(abilities)

    assert directions == (Direction(source=EN, target=ES, voice=True),)


def test_installed_models_add_directions() -> None:
    abilities = with_models(BUILT_IN, [installed(HEARS_ALL), installed(EN_VI), VI_EN])

    directions = works_now(abilities)

    assert [(direction.source, direction.target) for direction in directions] == [(EN, VI), (EN, ES), (ES, EN)]


def test_an_installed_voice_dubs_what_had_captions_only() -> None:
    without = Abilities(recognised=frozenset({EN}), pairs=frozenset({(EN, FR)}), voices=frozenset({EN}))
    french = ModelOnOffer(id="speaks-french", voices=(FR,), download_bytes=1, installed=False)

    assert works_now(with_models(without, [french])) == (Direction(source=EN, target=FR, voice=False),)
    assert works_now(with_models(without, [installed(french)])) == (Direction(source=EN, target=FR, voice=True),)


def test_what_recognises_gives_no_voice_and_a_voice_does_not_recognise(tmp_path: Path) -> None:
    offered = {model.id: model for model in on_offer(ModelStore(tmp_path, load_table()).list())}

    assert VI in offered["zipformer-8"].languages
    assert offered["zipformer-8"].voices == ()
    assert VI in offered["supertonic-3"].voices
    assert offered["supertonic-3"].languages == ()


def test_a_target_without_a_voice_has_captions_only() -> None:
    abilities = Abilities(recognised=frozenset({EN}), pairs=frozenset({(EN, FR)}), voices=frozenset({EN}))

    assert works_now(abilities) == (Direction(source=EN, target=FR, voice=False),)


def test_the_offer_names_every_model_that_is_missing_and_the_command() -> None:
    offer = cheapest_models(VI, EN, abilities=BUILT_IN, models=[HEARS_ALL, EN_VI, VI_EN])

    assert offer is not None
    assert offer.command == "dragoman models pull hears-all en-vi vi-en"
    assert offer.download_mb == 790


def test_the_cheapest_models_are_offered() -> None:
    hears_vietnamese = ModelOnOffer(id="hears-vi", languages=(VI,), download_bytes=60_000_000, installed=False)
    both_ways = ModelOnOffer(id="both", pairs=((EN, VI), (VI, EN)), download_bytes=280_000_000, installed=False)

    offer = cheapest_models(VI, EN, abilities=BUILT_IN, models=[HEARS_ALL, EN_VI, VI_EN, both_ways, hears_vietnamese])

    assert offer is not None
    assert set(offer.models) == {"hears-vi", "both"}


def test_what_is_installed_is_not_offered_again() -> None:
    models = [installed(HEARS_ALL), installed(EN_VI), VI_EN]

    offer = cheapest_models(VI, EN, abilities=with_models(BUILT_IN, models), models=models)

    assert offer is not None
    assert offer.models == ("vi-en",)


def test_models_that_are_not_recommended_are_not_offered() -> None:
    modest = ModelOnOffer(id="modest", languages=(VI,), download_bytes=1, installed=False, recommended=False)

    offer = cheapest_models(VI, EN, abilities=BUILT_IN, models=[modest, EN_VI, VI_EN])

    assert offer is None


def test_nothing_is_offered_for_a_pair_that_works_or_cannot() -> None:
    models = [installed(HEARS_ALL), EN_VI, VI_EN]
    abilities = with_models(BUILT_IN, models)

    assert cheapest_models(EN, ES, abilities=abilities, models=models) is None
    assert cheapest_models(EN, FR, abilities=abilities, models=models) is None


def test_pairs_that_need_the_same_models_stand_in_one_offer() -> None:
    abilities = Abilities(
        recognised=BUILT_IN.recognised, pairs=BUILT_IN.pairs | {(ES, VI), (VI, ES)}, voices=BUILT_IN.voices
    )

    found = offers(abilities=abilities, models=[HEARS_ALL, EN_VI, VI_EN])

    assert [(offer.models, offer.conversations) for offer in found] == [
        (("hears-all",), ((EN, ES), (VI, ES))),
        (("hears-all", "en-vi", "vi-en"), ((EN, VI),)),
    ]


def test_a_new_machine_is_told_how_vietnamese_and_english_come_to_it(tmp_path: Path) -> None:
    store = ModelStore(tmp_path, load_table())
    models = on_offer(store.list())

    offer = cheapest_models(VI, EN, abilities=with_models(BUILT_IN, models), models=models)

    assert offer is not None
    assert offer.command == "dragoman models pull whisper-small firefox-en-vi firefox-vi-en"
    assert offer.download_mb == 545
