"""The tokens of a model in the order of their numbers, from the files beside it. For those that read each family."""

from collections.abc import Mapping
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE

from dragoman.ground.errors import ModelCorrupt, ModelIncomplete
from dragoman.models.durable import read_json
from dragoman.models.fields import Fields

TOKENIZER = "tokenizer.json"
_VOCABULARY, _MERGES, _ADDED, _SPECIAL = "vocab.json", "merges.txt", "added_tokens.json", "special_tokens_map.json"


def read_tokens(folder: Path, *, size: int, fill: str) -> list[str]:
    """List all tokens by number; up to ``size`` missing ones are made of ``fill`` with a number in it.

    Raises ``ModelIncomplete`` without a list of tokens, ``ModelCorrupt`` if there are more than ``size`` or two have
    one number.
    """
    tokens = _in_order(_numbers(folder), folder)
    if size and len(tokens) > size:
        raise ModelCorrupt(f"{folder}: there are {len(tokens)} tokens, and the model has embeddings of {size}")
    return tokens + [fill.format(number) for number in range(size - len(tokens))]


def read_listed_tokens(path: Path, *, size: int) -> list[str]:
    """List the ``size`` tokens that one JSON file gives numbers to.

    Raises ``ModelIncomplete`` without the file, ``ModelCorrupt`` for another count and for gaps.
    """
    if not path.is_file():
        raise ModelIncomplete(f"{path.parent} lacks {path.name}, which names its tokens")
    tokens = _in_order(_whole_values(path), path)
    if len(tokens) != size:
        raise ModelCorrupt(f"{path}: there are {len(tokens)} tokens, and the model has embeddings of {size}")
    return tokens


def write_tokenizer(folder: Path, target: Path) -> None:
    """Write ``tokenizer.json`` of a byte-level model that comes without: of its vocabulary and its merges."""
    if (folder / TOKENIZER).is_file():
        target.write_bytes((folder / TOKENIZER).read_bytes())
        return
    if not all((folder / name).is_file() for name in (_VOCABULARY, _MERGES)):
        raise ModelIncomplete(f"{folder} lacks {TOKENIZER}, or {_VOCABULARY} and {_MERGES} to make it of")
    try:
        tokenizer = Tokenizer(BPE.from_file(str(folder / _VOCABULARY), str(folder / _MERGES)))
    except Exception as error:  # the library raises nothing narrower
        raise ModelCorrupt(f"{folder}: its vocabulary and merges do not fit ({error})") from error
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    added = sorted(_added(folder).items(), key=lambda item: item[1])
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token, _ in added])
    tokenizer.save(str(target))


def _in_order(numbers: Mapping[str, int], place: Path) -> list[str]:
    tokens = [token for token, _ in sorted(numbers.items(), key=lambda item: item[1])]
    if sorted(numbers.values()) != list(range(len(tokens))):
        raise ModelCorrupt(f"{place}: the numbers of its tokens have gaps or come twice")
    return tokens


def _numbers(folder: Path) -> dict[str, int]:
    if (folder / TOKENIZER).is_file():
        try:
            vocabulary: dict[str, int] = Tokenizer.from_file(str(folder / TOKENIZER)).get_vocab(with_added_tokens=True)
        except Exception as error:  # the library raises nothing narrower
            raise ModelCorrupt(f"{folder / TOKENIZER} cannot be read ({error})") from error
        return vocabulary
    if not (folder / _VOCABULARY).is_file():
        raise ModelIncomplete(f"{folder} lacks {TOKENIZER} or {_VOCABULARY}, which name its tokens")
    numbers = _whole_values(folder / _VOCABULARY) | _added(folder)
    if (folder / _SPECIAL).is_file():
        special = Fields(read_json(folder / _SPECIAL), where=_SPECIAL, error=ModelCorrupt)
        for token in special.texts("additional_special_tokens"):
            numbers.setdefault(token, len(numbers))
    return numbers


def _added(folder: Path) -> dict[str, int]:
    return _whole_values(folder / _ADDED) if (folder / _ADDED).is_file() else {}


def _whole_values(path: Path) -> dict[str, int]:
    fields = Fields(read_json(path), where=path.name, error=ModelCorrupt)
    return {name: fields.whole(name) for name in fields.names()}
