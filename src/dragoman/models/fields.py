"""Read typed fields out of parsed TOML or JSON, with errors that say where. For table.py, record.py and hub.py."""

from collections.abc import Iterator

from dragoman.ground.errors import ModelError


class Fields:
    """One table of fields; ``where`` begins every message, ``error`` is what is raised.

    A field without a default must be there; a field of the wrong type is never converted.
    """

    def __init__(self, values: object, *, where: str, error: type[ModelError] = ModelError) -> None:
        if not isinstance(values, dict):
            raise error(f"{where}: a table of fields is needed, not {_describe(values)}")
        self._values: dict[object, object] = values
        self._where = where
        self._error = error

    def has_value(self, key: str) -> bool:
        """Say whether the field is there and not null."""
        return self._values.get(key) is not None

    def text(self, key: str, default: str | None = None) -> str:
        value = self._values.get(key, default)
        if not isinstance(value, str):
            raise self._wrong(key, "a text", value)
        return value

    def whole(self, key: str, default: int | None = None) -> int:
        """Give a whole number of 0 or more."""
        value = self._values.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self._wrong(key, "a whole number of 0 or more", value)
        return value

    def flag(self, key: str, default: bool | None = None) -> bool:
        value = self._values.get(key, default)
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false", value)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Give a list of texts; an absent one is empty."""
        return self._texts(key, self._values.get(key, []))

    def wholes(self, key: str, count: int | None = None) -> tuple[int, ...]:
        """Give a list of ``count`` whole numbers of 0 or more; an absent or null one is empty."""
        return self._wholes(key, self._values.get(key) or [], count)

    def whole_lists(self, key: str) -> tuple[tuple[int, ...], ...]:
        """Give a list of lists of whole numbers; an absent or null one is empty."""
        rows = self._values.get(key) or []
        if not isinstance(rows, list):
            raise self._wrong(key, "a list of lists", rows)
        return tuple(self._wholes(key, row, None) for row in rows)

    def names(self) -> tuple[str, ...]:
        """Name all fields."""
        return tuple(map(str, self._values))

    def text_pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """Give a list of lists of two texts; an absent one is empty."""
        rows = [self._texts(key, row) for row in self._list(key)]
        if any(len(row) != 2 for row in rows):
            raise self._wrong(key, "a list of pairs", rows)
        return tuple((row[0], row[1]) for row in rows)

    def rows(self, key: str) -> tuple["Fields", ...]:
        """Give a list of tables; an absent one is empty."""
        return tuple(
            Fields(row, where=f"{self._where}: {key}[{index}]", error=self._error)
            for index, row in enumerate(self._list(key))
        )

    def table(self, key: str) -> "Fields":
        """Give a table inside this one; an absent one is empty."""
        return Fields(self._values.get(key, {}), where=f"{self._where}: {key}", error=self._error)

    def tables(self) -> Iterator[tuple[str, "Fields"]]:
        """Walk over the tables inside this one by their names."""
        for key, value in self._values.items():
            yield str(key), Fields(value, where=f"{self._where}: {key}", error=self._error)

    def require_only(self, *known: str) -> None:
        """Refuse misspelt fields."""
        unknown = [str(key) for key in self._values if key not in known]
        if unknown:
            raise self.wrong(f"unknown field {', '.join(unknown)}; there are: {', '.join(known)}")

    def wrong(self, problem: str) -> ModelError:
        """Make the error that says ``problem`` of this table."""
        return self._error(f"{self._where}: {problem}")

    def _list(self, key: str) -> list[object]:
        value = self._values.get(key, [])
        if not isinstance(value, list):
            raise self._wrong(key, "a list", value)
        return value

    def _wholes(self, key: str, value: object, count: int | None) -> tuple[int, ...]:
        wanted = "a list of whole numbers" if count is None else f"a list of {count} whole numbers"
        if not isinstance(value, list) or (count is not None and len(value) != count):
            raise self._wrong(key, wanted, value)
        numbers = [item for item in value if isinstance(item, int) and not isinstance(item, bool) and item >= 0]
        if len(numbers) != len(value):
            raise self._wrong(key, wanted, value)
        return tuple(numbers)

    def _texts(self, key: str, value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise self._wrong(key, "a list of texts", value)
        texts = [item for item in value if isinstance(item, str)]
        if len(texts) != len(value):
            raise self._wrong(key, "a list of texts", value)
        return tuple(texts)

    def _wrong(self, key: str, wanted: str, value: object) -> ModelError:
        return self.wrong(f"{key} must be {wanted}, not {_describe(value)}")


def _describe(value: object) -> str:
    return "absent" if value is None else repr(value)[:80]
