"""HTTP with an API key: bodies in and out as JSON, problems as errors, lost answers asked for again. To client.py."""

import re
import time
import uuid
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import httpx2

from dragoman.client.errors import ApiProblem, NoAnswer

TRIES = 3
WAIT_S = 0.5
LONGEST_WAIT_S = 5.0
_OF_EVERY_PROBLEM = ("type", "title", "status", "code", "detail", "retry_after_s")
_KEY = re.compile(r"dgm_[A-Za-z0-9_-]{43}")


class Connection:
    """One server's API. What may be done once alone carries an idempotency key: sent twice, it is done once."""

    def __init__(
        self,
        url: str,
        *,
        key: str,
        timeout_s: float,
        transport: httpx2.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not _KEY.fullmatch(key):
            raise ValueError("this is no API key; they begin with dgm_, and are made on the page of your account")
        if not url.startswith(("https://", "http://")):
            raise ValueError("the address of the server begins with https:// or, on this machine, http://")
        self._client = httpx2.Client(
            base_url=f"{url.rstrip('/')}/api/v1/",
            headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
            timeout=timeout_s,
            transport=transport,
            follow_redirects=False,
        )
        self._sleep = sleep

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        return self._ask("GET", path, query=query)

    def post(self, path: str, body: Mapping[str, Any] | None, *, key: str | None = None) -> Any:
        """``key``: an idempotency key of the caller's; one is made otherwise."""
        return self._ask("POST", path, body=body, headers={"Idempotency-Key": key or str(uuid.uuid4())})

    def post_again(self, path: str) -> Any:
        """Post without a key: for what may be done twice, and is answered with a secret, which no key brings back."""
        return self._ask("POST", path)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._ask("PATCH", path, body=body)

    def delete(self, path: str) -> None:
        self._ask("DELETE", path)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Ask, and once more where no answer came, or the first request is still under way."""
        lost = False
        for left in reversed(range(TRIES)):
            try:
                answer = self._client.request(method, path, params=query, json=body, headers=headers)
                return _read(answer)
            except httpx2.TransportError as error:
                lost |= not isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout)  # which sent nothing
                if left == 0:
                    raise NoAnswer(f"{self._client.base_url.host} does not answer: {type(error).__name__}") from error
                self._sleep(WAIT_S)
            except ApiProblem as error:
                if method == "DELETE" and lost and error.status == 404:  # done by the request whose answer was lost
                    return None
                wait_s = error.retry_after_s
                waits = error.code in ("request_under_way", "store_unavailable") and wait_s is not None
                if left == 0 or not waits or wait_s is None or wait_s > LONGEST_WAIT_S:
                    raise
                self._sleep(wait_s)
        raise AssertionError("unreachable")


def _read(answer: httpx2.Response) -> Any:
    """Give the JSON of a good answer, None for an empty one. Raises ``ApiProblem``, ``NoAnswer``."""
    if answer.status_code == 204:
        return None
    try:
        written = answer.json()
    except ValueError as error:
        raise NoAnswer(f"no Dragoman answers at this address: {answer.status_code} without JSON") from error
    if answer.is_success:
        return written
    try:
        code, detail = str(written["code"]), str(written["detail"])
    except (KeyError, TypeError) as error:
        raise NoAnswer(f"no Dragoman answers at this address: {answer.status_code}") from error
    retry_after = answer.headers.get("Retry-After", "")
    raise ApiProblem(
        detail,
        status=answer.status_code,
        code=code,
        retry_after_s=float(retry_after) if retry_after.isdecimal() else None,
        facts=MappingProxyType({name: value for name, value in written.items() if name not in _OF_EVERY_PROBLEM}),
    )
