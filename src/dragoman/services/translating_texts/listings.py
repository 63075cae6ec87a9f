"""``GET /languages`` and ``GET /models``: what can be asked for. For ``translation.py``."""

from collections.abc import Sequence

from dragoman.ground.engines import EngineInfo
from dragoman.ground.languages import LANGUAGES, Language
from dragoman.wire.frames import Header, JsonValue


def list_pairs(infos: Sequence[EngineInfo]) -> list[JsonValue]:
    """List the languages that are translated from, in the order of our table; a list, as LibreTranslate has it."""
    sources = {source for info in infos for source, _ in info.pairs}
    return [_language(code, infos) for code in LANGUAGES if code in sources]


def list_translators(infos: Sequence[EngineInfo]) -> Header:
    """List the models in the order in which they are asked."""
    return {"data": [_model(info) for info in infos]}


def _model(info: EngineInfo) -> JsonValue:
    capabilities: list[JsonValue] = [*sorted(info.capabilities)]
    return {
        "id": info.label,
        "engine": info.name,
        "pairs": [f"{source}:{target}" for source, target in sorted(info.pairs)],
        "licence": info.licence,
        "commercial": info.commercial,
        "attribution": info.attribution,
        "capabilities": capabilities,
        "remote": info.remote,
    }


def _language(code: Language, infos: Sequence[EngineInfo]) -> JsonValue:
    targets = {target for info in infos for source, target in info.pairs if source == code}
    entry = LANGUAGES[code]
    return {
        "code": code,
        "name": entry.name,
        "own_name": entry.own_name,
        "targets": [target for target in LANGUAGES if target in targets],
    }
