"""How to call one translation model: what its sentences are cut into, and where the languages are named."""

from collections.abc import Sequence
from dataclasses import dataclass

import sentencepiece

from dragoman.ground.engines import LanguagePair
from dragoman.ground.languages import Language

_END = "</s>"
_NOT_TEXT = frozenset({"<s>", _END, "<pad>", "<unk>"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """How to call the model of one folder."""

    id: str
    pairs: frozenset[LanguagePair]
    licence: str
    commercial: bool
    source_tokenizer: sentencepiece.SentencePieceProcessor
    target_tokenizer: sentencepiece.SentencePieceProcessor
    source_vocabulary: frozenset[str]
    codes: dict[Language, tuple[str, ...]]
    """Tokens that name each language; empty for models of one pair."""
    names_source: bool
    """The source begins with its own code, and the target with its own; otherwise the source with the target's."""
    adds_end: bool
    """The end of the source must be written by us, because the model's own configuration does not add it."""

    def pieces(self, sentence: str) -> list[str]:
        """Cut a sentence into the source's pieces; those that the model does not know are among them."""
        return [str(piece) for piece in self.source_tokenizer.encode(sentence, out_type=str)]

    def knows_any(self, pieces: Sequence[str]) -> bool:
        """Say whether the model has seen at least one of ``pieces``, a lone space aside."""
        return any(piece in self.source_vocabulary for piece in pieces if piece != "▁")

    def source_tokens(self, pieces: Sequence[str], *, source: Language, target: Language) -> list[str]:
        """Write the model's input: the code, the pieces, the end."""
        code = self.codes.get(source if self.names_source else target, ())
        return [*code, *pieces, *([_END] if self.adds_end else [])]

    def target_prefix(self, *, target: Language, committed: str) -> list[str]:
        """Write what the model's output must begin with; empty for nothing."""
        code = self.codes[target] if self.names_source else ()
        return [*code, *(self.target_tokenizer.encode(committed, out_type=str) if committed else [])]

    def text(self, tokens: Sequence[str], *, target: Language) -> str:
        """Read the model's output."""
        code = self.codes[target] if self.names_source else ()
        rest = tokens[len(code) :] if tuple(tokens[: len(code)]) == code else tokens
        return str(self.target_tokenizer.decode([token for token in rest if token not in _NOT_TEXT]))
