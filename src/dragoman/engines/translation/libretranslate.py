"""Translate at a LibreTranslate, or at anything that speaks its protocol, such as another Dragoman. Only if it is set.

Unless its address is of this machine, the texts leave it: the log and ``info.attribution`` say so. Which languages
there are is asked when it is opened. Protocol: LibreTranslate's ``GET /languages``, and ``POST /translate`` with lists.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import httpx2
import structlog

from dragoman.engines.translation.directions import require_pair
from dragoman.engines.translation.sentence_end import tidy, with_full_stop, without_full_stop
from dragoman.ground.engines import EngineInfo, EngineKind, Glossary, LanguagePair, Translation
from dragoman.ground.errors import (
    EngineCrashed,
    EngineError,
    EngineOutputInvalid,
    EngineTimeout,
    EngineUnavailable,
    ModelNotFound,
    UnknownLanguage,
)
from dragoman.ground.languages import Language, parse_language
from dragoman.wire.fields import sendable

log = structlog.get_logger()

CONNECT_WITHIN_S: Final = 3.0
OPEN_WITHIN_S: Final = 10.0
"""For the list of languages, asked once."""
LONGEST_CALL_S: Final = 60.0
"""A call without a deadline ends after this."""
MAX_BATCH: Final = 20
"""Sentences of one request; public servers take 25 or more."""
MAX_BATCH_CHARACTERS: Final = 4000
MAX_ANSWER_BYTES: Final = 4 << 20


class LibreTranslateTranslator:
    """Translates over HTTP; several threads may call. ``glossary`` and ``committed_prefix`` are not honoured."""

    def __init__(self, url: str, *, api_key: str = "") -> None:
        """Ask which languages there are. Raises ``EngineError``, such as ``EngineUnavailable`` without an answer."""
        self._url = url.rstrip("/")
        self._api_key = api_key
        host = httpx2.URL(self._url).host
        stays = _is_loopback(host)
        # A proxy of the environment leads out of this machine; what stays on it needs none.
        # A Dragoman wants its token for the list of languages too, which has no body for the key.
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx2.Client(base_url=self._url, headers=headers, trust_env=not stays, follow_redirects=False)
        self._closed = False
        try:
            self._codes, pairs = _read_languages(self._get("/languages"), self._url)
        except EngineError:
            self._client.close()
            raise
        self.info = EngineInfo(
            name="libretranslate",
            kind=EngineKind.TRANSLATION,
            pairs=pairs,
            licence="LicenseRef-service",
            commercial=True,
            attribution=f"LibreTranslate at {host}" + ("" if stays else "; texts are sent there"),
            remote=not stays,
        )
        if not stays:
            log.warning("texts_leave_this_machine", engine=self.info.name, host=host)

    def warm_up(self) -> None:
        """Do nothing: whoever runs the service warms it up."""
        self._require_open()

    def translate(
        self,
        sentences: Sequence[str],
        *,
        source: Language,
        target: Language,
        glossary: Glossary | None = None,
        committed_prefix: str = "",
        deadline_s: float | None = None,
    ) -> list[Translation]:
        """Translate in as few requests as the service takes. Contract: ``Translator.translate``.

        Text without a word comes back as it is, and is not sent.
        """
        self._require_open()
        require_pair(self.info, source, target)
        until_s = time.monotonic() + (LONGEST_CALL_S if deadline_s is None else deadline_s)
        texts = [tidy(sentence) for sentence in sentences]
        asked = [number for number, text in enumerate(texts) if any(char.isalnum() for char in text)]
        for batch in _batches(asked, texts):
            answers = self._ask([with_full_stop(texts[number]) for number in batch], (source, target), until_s)
            for number, answer in zip(batch, answers, strict=True):
                texts[number] = without_full_stop(tidy(answer), like=texts[number]) or texts[number]
        return [Translation(text=text, model_used=self.info.label) for text in texts]

    def cpu_s(self) -> float:
        """Give 0: the service's work is done elsewhere."""
        return 0.0

    def close(self) -> None:
        """Close the connections; a call that waits fails."""
        self._closed = True
        self._client.close()

    def _ask(self, texts: list[str], pair: LanguagePair, until_s: float) -> list[str]:
        question: dict[str, object] = {
            "q": [sendable(text) for text in texts],
            "source": self._codes[pair[0]],
            "target": self._codes[pair[1]],
            "format": "text",
        }
        if self._api_key:
            question["api_key"] = self._api_key
        answer = self._exchange("POST", "/translate", until_s - time.monotonic(), question)
        match answer:
            case {"translatedText": list(answers)} if len(answers) == len(texts):
                if all(isinstance(text, str) and text.strip() for text in answers):
                    return answers
        raise EngineOutputInvalid(f"{self._url} did not answer with {len(texts)} translations; ask another engine")

    def _get(self, path: str) -> object:
        return self._exchange("GET", path, OPEN_WITHIN_S, None)

    def _exchange(self, method: str, path: str, left_s: float, question: Mapping[str, object] | None) -> object:
        """Ask for JSON within ``left_s`` seconds. Raises ``EngineError`` for everything else that may come."""
        if left_s <= 0:
            raise EngineTimeout(f"no time was left to ask {self._url}; give it more time")
        until_s = time.monotonic() + left_s
        timeout = httpx2.Timeout(left_s, connect=min(left_s, CONNECT_WITHIN_S))
        with (
            self._errors_of_ours(left_s),
            self._client.stream(method, path, json=question, timeout=timeout) as answer,
        ):
            body = self._read(answer, until_s, left_s)
        if answer.status_code != httpx2.codes.OK:
            raise self._refusal(answer.status_code)
        try:
            value: object = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise EngineOutputInvalid(f"{self._url}{path} answered with no JSON; is it a LibreTranslate?") from error
        return value

    @contextmanager
    def _errors_of_ours(self, left_s: float) -> Iterator[None]:
        try:
            yield
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.UnsupportedProtocol) as error:
            raise EngineUnavailable(f"{self._url} cannot be reached; check its address, and that it runs") from error
        except httpx2.TimeoutException as error:
            raise EngineTimeout(f"{self._url} did not answer within {left_s:.1f} s") from error
        except (httpx2.HTTPError, httpx2.InvalidURL, RuntimeError) as error:
            self._require_open(error)  # the client refuses with a RuntimeError once it is closed
            raise EngineCrashed(f"{self._url} broke off: {type(error).__name__}; ask another engine") from error

    def _read(self, answer: httpx2.Response, until_s: float, left_s: float) -> bytes:
        """Read a body that keeps within size and time; the client's own timeouts only watch the gaps."""
        body = bytearray()
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > MAX_ANSWER_BYTES:
                raise EngineOutputInvalid(f"{self._url} answered with more than {MAX_ANSWER_BYTES >> 20} MiB")
            if time.monotonic() > until_s:
                raise EngineTimeout(f"{self._url} had not answered fully within {left_s:.1f} s")
        return bytes(body)

    def _refusal(self, status: int) -> EngineError:
        """Say what a status means; the service's own words may repeat what was said, and stay out."""
        if status in {401, 403}:
            return EngineUnavailable(f"{self._url} refuses us ({status}); set DRAGOMAN_LIBRETRANSLATE_API_KEY")
        if status == 429:
            return EngineUnavailable(f"{self._url} takes no more requests now ({status}); ask another engine")
        if status in {301, 302, 307, 308}:
            return EngineUnavailable(f"{self._url} sends us elsewhere ({status}); set the address that it leads to")
        return EngineCrashed(f"{self._url} failed with status {status}; ask another engine")

    def _require_open(self, cause: Exception | None = None) -> None:
        if self._closed:
            raise EngineUnavailable("libretranslate is closed; open it again") from cause


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _read_languages(listing: object, url: str) -> tuple[dict[Language, str], frozenset[LanguagePair]]:
    """Read ``GET /languages``: the service's code of each language that we know, and the pairs."""
    codes: dict[Language, str] = {}
    pairs: set[LanguagePair] = set()
    for entry in listing if isinstance(listing, list) else ():
        match entry:
            case {"code": str(code), "targets": list(targets)}:
                pairs |= {
                    (source, target)
                    for source in _known(code, codes)
                    for text in targets
                    for target in _known(str(text), codes)
                    if source != target
                }
    if not pairs:
        raise EngineUnavailable(f"{url} lists no pair of languages that we know; is it a LibreTranslate?")
    return codes, frozenset(pairs)


def _known(code: str, codes: dict[Language, str]) -> list[Language]:
    """Give the language of a code, if we know it and no other code stands for it already."""
    try:
        language = parse_language(code)
    except UnknownLanguage:
        return []
    return [language] if codes.setdefault(language, code) == code else []


def _batches(numbers: Sequence[int], texts: Sequence[str]) -> Iterator[list[int]]:
    batch: list[int] = []
    length = 0
    for number in numbers:
        if batch and (len(batch) == MAX_BATCH or length + len(texts[number]) > MAX_BATCH_CHARACTERS):
            yield batch
            batch, length = [], 0
        batch.append(number)
        length += len(texts[number])
    if batch:
        yield batch


def open_engine(model: Path | None, *, threads: int, url: str = "", api_key: str = "") -> LibreTranslateTranslator:
    """Open the service at ``url``. Raises ``EngineUnavailable`` if none is set."""
    if model is not None:
        raise ModelNotFound("libretranslate takes no model; its address is a setting")
    if not url:
        raise EngineUnavailable("libretranslate has no address; set DRAGOMAN_LIBRETRANSLATE_URL")
    return LibreTranslateTranslator(url, api_key=api_key)
