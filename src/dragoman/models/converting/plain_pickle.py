"""Read a pickle as data: its opcodes are followed, and nothing that it names is imported or called.

Python's own unpickler calls whatever a pickle names. This one knows the few opcodes of which dictionaries of tensors
are made, leaves every name a name, and hands every call to its owner, who makes a value of it or refuses. For
torch_tensors.py. Source of the opcodes: Python's ``pickletools``.
"""

import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, Final, TypeVar

_Kind = TypeVar("_Kind")

_MARK: Final = object()
_NUMBERS_AND_TEXTS: Final = frozenset(
    {
        *("BININT", "BININT1", "BININT2", "INT", "LONG", "LONG1", "BINFLOAT"),
        *("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "UNICODE"),
    }
)
_CONSTANTS: Final[dict[str, object]] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_PUT: Final = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
_GET: Final = frozenset({"GET", "BINGET", "LONG_BINGET"})
_TUPLES: Final = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_NOTHING_TO_DO: Final = frozenset({"PROTO", "FRAME"})
_MOST_TOLD: Final = 80
"""Characters of what a pickle says, in a refusal."""


class PickleRefused(ValueError):
    """A pickle is damaged, or holds more than plain data; the message says what."""


@dataclass(frozen=True, slots=True)
class Name:
    """Something of a module that a pickle names: never looked up."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"[:_MOST_TOLD]


class PlainPickle:
    """``take_name`` says whether a name may come at all, ``call`` what a call of one with arguments stands for.

    ``persistent`` gives what a persistent id stands for. All three raise ``PickleRefused`` for what they do not know.
    """

    def __init__(
        self,
        *,
        take_name: Callable[[Name], None],
        call: Callable[[Name, tuple[Any, ...]], object],
        persistent: Callable[[object], object],
    ) -> None:
        self._take_name = take_name
        self._call = call
        self._persistent = persistent
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def load(self, content: bytes | IO[bytes]) -> object:
        """Give the value that ``content`` describes; a file is behind the pickle then. Raises ``PickleRefused``."""
        try:
            for opcode, argument, _ in pickletools.genops(content):
                if opcode.name == "STOP":
                    return self._stack.pop()
                self._follow(opcode.name, argument)
        except (IndexError, KeyError, TypeError) as error:
            raise PickleRefused(f"it is damaged ({type(error).__name__})") from error
        except PickleRefused:
            raise
        except (ValueError, OverflowError) as error:
            raise PickleRefused(f"it is damaged ({str(error)[:_MOST_TOLD]})") from error
        raise PickleRefused("it is cut short")

    def _follow(self, opcode: str, argument: Any) -> None:
        if opcode in _NUMBERS_AND_TEXTS:
            self._stack.append(argument)
        elif opcode in _CONSTANTS:
            self._stack.append(_CONSTANTS[opcode])
        elif opcode == "MARK":
            self._stack.append(_MARK)
        elif opcode in _PUT:
            self._memo[int(argument)] = self._stack[-1]
        elif opcode == "MEMOIZE":
            self._memo[len(self._memo)] = self._stack[-1]
        elif opcode in _GET:
            self._stack.append(self._memo[int(argument)])
        elif not self._follow_collection(opcode):
            self._follow_name(opcode, argument)

    def _follow_collection(self, opcode: str) -> bool:
        """Say whether it was one that makes or fills a tuple, a list or a dictionary."""
        stack = self._stack
        if opcode in _TUPLES:
            stack.append(tuple(self._pop(_TUPLES[opcode])))
        elif opcode == "TUPLE":
            stack.append(tuple(self._pop_to_mark()))
        elif opcode == "EMPTY_LIST":
            stack.append([])
        elif opcode in {"APPEND", "APPENDS"}:
            items = self._pop(1) if opcode == "APPEND" else self._pop_to_mark()
            _is_a(list, stack[-1]).extend(items)
        elif opcode == "EMPTY_DICT":
            stack.append({})
        elif opcode in {"SETITEM", "SETITEMS"}:
            self._set_items(self._pop(2) if opcode == "SETITEM" else self._pop_to_mark())
        else:
            return False
        return True

    def _follow_name(self, opcode: str, argument: Any) -> None:
        stack = self._stack
        if opcode == "GLOBAL":
            module, _, name = argument.partition(" ")
            stack.append(self._named(module, name))
        elif opcode == "STACK_GLOBAL":
            module, name = self._pop(2)
            stack.append(self._named(_is_a(str, module), _is_a(str, name)))
        elif opcode == "REDUCE":
            called, arguments = self._pop(2)
            stack.append(self._call(_is_a(Name, called), _is_a(tuple, arguments)))
        elif opcode == "BINPERSID":
            stack.append(self._persistent(stack.pop()))
        elif opcode == "BUILD":
            # What belongs to a value beside its items, such as the versions of a model's layers: nothing that we use.
            self._pop(1)
            _is_a(dict, stack[-1])
        elif opcode not in _NOTHING_TO_DO:
            raise PickleRefused(f"it holds {opcode}, which plain weights do not need")

    def _named(self, module: str, name: str) -> Name:
        named = Name(module, name)
        self._take_name(named)
        return named

    def _set_items(self, items: list[Any]) -> None:
        target = _is_a(dict, self._stack[-1])
        keys = items[::2]
        if len(items) % 2:
            raise PickleRefused("it is damaged: a key without a value")
        # Of a tuple in a tuple, and so on, Python's hash runs out of stack.
        if not all(isinstance(key, str | int) for key in keys):
            raise PickleRefused("it is damaged: a key is neither a text nor a number")
        target.update(zip(keys, items[1::2], strict=True))

    def _pop(self, count: int) -> list[Any]:
        if count > len(self._stack):
            raise PickleRefused("it is damaged: it takes more than it has")
        taken = self._stack[len(self._stack) - count :]
        del self._stack[len(self._stack) - count :]
        if any(item is _MARK for item in taken):
            raise PickleRefused("it is damaged: a mark is no value")
        return taken

    def _pop_to_mark(self) -> list[Any]:
        taken = []
        while (item := self._stack.pop()) is not _MARK:
            taken.append(item)
        return taken[::-1]


def _is_a(kind: type[_Kind], value: object) -> _Kind:
    if not isinstance(value, kind):
        raise PickleRefused(f"it is damaged: {kind.__name__} is needed, not {type(value).__name__}")
    return value
