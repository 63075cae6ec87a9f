"""What can go wrong with a call of the API."""


class NoAnswer(Exception):
    """The server was not reached, or its answer was none of this API."""


class ApiProblem(Exception):
    """The server refused. ``code`` is the stable word, the message says what would work."""

    def __init__(self, message: str, *, status: int, code: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.retry_after_s = retry_after_s
        """When another try may work, where the server said so."""

    def __str__(self) -> str:
        return f"{self.args[0]} ({self.status} {self.code})"
