"""The page of errors. For make_reference.py."""

from collections.abc import Iterator

from scripts.reference.markdown import table

from dragoman.accounts import errors as account_errors
from dragoman.ground import errors
from dragoman.ground.errors import DragomanError
from dragoman.meetings import errors as meeting_errors
from dragoman.services.api.problems import status_of

ERROR_MODULES = {module.__name__: module for module in (errors, account_errors, meeting_errors)}

API_CODES = {
    "bad_request": (400, "The body is no JSON."),
    "not_found": (404, "There is no such address, or it is one of accounts and this server has none."),
    "method_not_allowed": (405, "The address takes other methods; `Allow` lists them."),
    "origin_not_allowed": (403, "Sent to another name than this server's, or by another site's page."),
    "too_slow": (408, "The request took too long to arrive."),
    "too_large": (413, "The body is longer than the address takes."),
    "internal_error": (500, "A defect; the server's log has its trace."),
}
"""What no error of ours stands for."""


def errors_page() -> str:
    rows = [
        (
            f"{'&nbsp;' * 4 * depth}`{error.code}`",
            f"`{error.__name__}`",
            str(status_of(error)),
            (error.__doc__ or "").split("\n\n")[0],
        )
        for error, depth in _tree(DragomanError, 0)
    ]
    own = [(f"`{code}`", str(status), text) for code, (status, text) in API_CODES.items()]
    return (
        "# Errors\n\n"
        f"{', '.join(f'`{module}`' for module in ERROR_MODULES)}.\n\n"
        "A command that meets one says its sentence on standard error and exits with 1; a wrong option exits with 2,\n"
        "an interruption with 130. Logs and `report.json` carry the code, which stays the same. The\n"
        "[API](../howto/api.md) answers with the status and the code, as `application/problem+json`.\n\n"
        + table(("code", "class", "status", "what happened"), rows)
        + "\n## Of the API alone\n\n"
        + table(("code", "status", "what happened"), own)
    )


def _tree(error: type[DragomanError], depth: int) -> Iterator[tuple[type[DragomanError], int]]:
    yield error, depth
    ours = [below for below in error.__subclasses__() if below.__module__ in ERROR_MODULES]
    # Python lists them in the order in which their modules were imported, which is nothing to read by.
    for below in sorted(ours, key=lambda each: list(ERROR_MODULES).index(each.__module__)):
        yield from _tree(below, depth + 1)
