"""Requests made up from the OpenAPI, as everybody who may come: nothing breaks, nothing is answered undocumented.

Every operation is granted once to somebody, with what fits it (openapi_examples.py); then it gets
``DRAGOMAN_TEST_CASES`` requests of each kind, two without it, and each is sent as everybody. The long run, which also
goes on with what was answered, is benchmarks/openapi.py.
"""

import os
from collections.abc import Iterator

import pytest
from schemathesis import GenerationMode
from tests.hostile.api_house import HostileHouse, hostile_house
from tests.hostile.openapi_attack import Sent, attack, grant, id_of, operations
from tests.hostile.openapi_examples import NEVER_GRANTED

CASES = int(os.environ.get("DRAGOMAN_TEST_CASES", "2"))
TOO_MANY = 429


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostileHouse]:
    with hostile_house(tmp_path_factory.mktemp("hostile")) as made:
        yield made


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "unfitting"])
def test_every_answer_is_documented_and_no_request_breaks_anything(house: HostileHouse, mode: GenerationMode) -> None:
    sent, asked = Sent(), operations(house)
    wrong = [error for it in asked if (error := attack(house, it, mode, cases=CASES, sent=sent))]

    assert not wrong, "\n\n".join(wrong)
    assert sent.statuses[TOO_MANY] == 0, "who is held up learns nothing about the rest"


def test_every_operation_is_granted_to_somebody_as_it_is_documented(house: HostileHouse) -> None:
    sent, asked = Sent(), operations(house)
    wrong = [error for it in asked if id_of(it) not in NEVER_GRANTED and (error := grant(house, it, sent))]

    assert not wrong, "\n\n".join(wrong)
    assert {id_of(it) for it in asked} - set(+sent.granted) == set(NEVER_GRANTED)
