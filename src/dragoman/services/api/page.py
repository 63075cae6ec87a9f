"""The built page: files as they are, and ``index.html`` for every address of its own (``/r/<room>``)."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, PlainTextResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

NOT_BUILT = "The page is not built. On the server: make run\n"
FOR_EVER = "public, max-age=31536000, immutable"
"""Files below ``assets/`` carry a hash of what is in them in their names."""
_NOT_PAGES = ("api/", "internal/", "rtc", "assets/", "health", "metrics")


def serve_page(app: FastAPI, folder: Path | None) -> None:
    """Serve ``folder`` at ``/``, after all other routes."""
    if folder is not None and (folder / "index.html").is_file():
        app.mount("/", _Page(directory=folder))
    else:
        app.add_api_route("/", lambda: PlainTextResponse(NOT_BUILT, status_code=503), include_in_schema=False)


class _Page(StaticFiles):
    """``StaticFiles`` refuses whatever leads out of the folder."""

    def __init__(self, *, directory: Path) -> None:
        super().__init__(directory=directory, html=True)
        self._index = directory / "index.html"

    async def get_response(self, path: str, scope: Scope) -> Response:
        try:
            answer = await super().get_response(path, scope)
        except HTTPException as error:
            is_page = scope["method"] in ("GET", "HEAD") and not path.startswith(_NOT_PAGES) and "." not in path
            if error.status_code != 404 or not is_page:
                raise
            answer = FileResponse(self._index)
        answer.headers["Cache-Control"] = FOR_EVER if path.startswith("assets/") else "no-cache"
        return answer
