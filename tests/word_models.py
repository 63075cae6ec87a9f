"""Small computed models that really translate a few sentences, for the tests of several engines."""

from pathlib import Path

from dragoman.testing.firefox_model import write_firefox_model

ENGLISH_SPANISH = {
    "The": "La",
    "house": "casa",
    "is": "es",
    "big": "grande",
    "I": "Yo",
    "have": "tengo",
    "three": "tres",
    "dogs": "perros",
    "water": "agua",
    "cold": "fría",
    "We": "Nosotros",
    "work": "trabajamos",
    "on": "el",
    "Monday": "lunes",
}
VIETNAMESE_ENGLISH = {"Ngôi": "The", "nhà": "house", "lớn": "big", "là": "is", "nước": "water", "lạnh": "cold"}


def write_firefox_pairs(folder: Path) -> Path:
    """Write two models: English to Spanish, and Vietnamese to English. Give the folder that holds both."""
    write_firefox_model(folder / "en-es", "enes", ENGLISH_SPANISH)
    write_firefox_model(folder / "vi-en", "vien", VIETNAMESE_ENGLISH)
    return folder
