"""What the translation service promises to whoever sends a glossary with a text."""

import pytest
from tests.contract.test_translating_service import OWN, refused, service

from dragoman.ground.glossary import MAX_TERMS


def test_words_come_out_as_the_glossary_of_the_request_says() -> None:
    asked = {**OWN, "text": "the report from Hanoi is here", "glossary": {"report": "informe", "Hanoi": ""}}
    with service() as client:
        termed = client.post("/translate", json=asked)
        plain = client.post("/translate", json={**OWN, "text": asked["text"]})
        batch = client.post(
            "/batch_translate",
            json={
                "texts": ["the report is here"],
                "source_lang": "auto",
                "target_lang": "es",
                "glossary": asked["glossary"],
            },
        )

    assert termed.json()["translated_text"] == "es:the informe es:from Hanoi es:is es:here"
    assert plain.json()["translated_text"] == "es:the es:report es:from es:Hanoi es:is es:here"
    assert "informe" in batch.json()["translations"][0]["translated_text"]


@pytest.mark.parametrize(
    ("glossary", "code"),
    [
        (["report"], "field_invalid"),
        ({"report": 1}, "field_invalid"),
        ({"": "informe"}, "glossary_invalid"),
        ({"x" * 201: "informe"}, "glossary_invalid"),
        ({f"word {number}": "x" for number in range(MAX_TERMS + 1)}, "glossary_invalid"),
    ],
)
def test_a_glossary_that_cannot_be_used_is_refused(glossary: object, code: str) -> None:
    with service() as client:
        answer = client.post("/translate", json={**OWN, "glossary": glossary})

    assert 400 <= answer.status_code < 500
    refused(answer, answer.status_code, code)
