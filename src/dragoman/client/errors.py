"""What can go wrong with a call of the API."""

from collections.abc import Mapping
from types import MappingProxyType

NO_FACTS: Mapping[str, object] = MappingProxyType({})


class NoAnswer(Exception):
    """The server was not reached, or its answer was none of this API."""


class ApiProblem(Exception):
    """The server refused. ``code`` is the stable word, the message says what would work."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str,
        retry_after_s: float | None = None,
        facts: Mapping[str, object] = NO_FACTS,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.retry_after_s = retry_after_s
        """When another try may work, where the server said so."""
        self.facts = facts
        """What the message says, for programs: ``limit``, ``allowed``, ``plan`` and others of the OpenAPI's Problem."""

    def __str__(self) -> str:
        return f"{self.args[0]} ({self.status} {self.code})"
