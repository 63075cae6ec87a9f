"""llama.cpp in a process of its own: a damaged model file can end the process that loads it.

Started by ``llama_cpp.py`` as ``python -m``; reads frames from stdin and answers each on stdout, until stdin ends.

    header {"do": "load", "model": path, "threads": n}, without payload
           {"do": "complete", "max_tokens": n, "within_s": seconds}, payload the prompt in UTF-8
    answer {"question": n, "text": "...", "end": "stop" | "length" | "late", "read": n, "kept": n}, or "error" with a
           reason, or "unreadable": the file is no model. Of the prompt's tokens so many were read anew, and so many
           were known from prompts before; both are 0 where the answer came too late.
"""

import os
import secrets
import time
from typing import Final

import xllamacpp

from dragoman.engines.worker_answers import answer_frames
from dragoman.wire.frames import Header

CONTEXT_TOKENS: Final = 2048
PROMPTS_MIB: Final = 256
"""For what was read of earlier prompts, of some ten meetings: those that take turns need not begin anew each time.
llama.cpp itself would take up to 8 GiB."""


def parameters(path: str, threads: int) -> xllamacpp.CommonParams:
    """Say how the model in ``path`` is to be run."""
    made = xllamacpp.CommonParams()
    made.model.path = path
    made.n_ctx = CONTEXT_TOKENS
    made.n_parallel = 1
    made.cache_ram_mib = PROMPTS_MIB
    made.cpuparams.n_threads = threads
    made.cpuparams_batch.n_threads = threads
    made.n_gpu_layers = 0
    made.verbosity = -1
    # It also listens on a port of loopback, which nobody is to use: without the key it answers nothing.
    made.api_keys = [secrets.token_hex(32)]
    made.ui = made.endpoint_slots = made.endpoint_props = False
    return made


class Model:
    """The loaded model; none before the first ``load``."""

    def __init__(self) -> None:
        self._server: xllamacpp.Server | None = None

    def load(self, path: str, threads: int) -> None:
        """Raises ``RuntimeError`` for a file that is no model."""
        if self._server is None:
            self._server = xllamacpp.Server(parameters(path, threads))

    def complete(self, prompt: str, *, max_tokens: int, within_s: float) -> Header:
        """Continue ``prompt`` greedily. What two prompts begin with is read once."""
        if self._server is None:
            return {"error": "no model is loaded"}
        until_s = time.monotonic() + within_s
        pieces: list[str] = []
        end = "late"
        failure = ""
        read = kept = 0

        def take(chunk: dict[str, object]) -> bool:
            nonlocal end, failure, read, kept
            match chunk:
                case {"timings": {"prompt_n": int(new), "cache_n": int(known)}}:
                    read, kept = new, known
            match chunk:
                case {"error": reason}:
                    failure = str(reason)
                case {"choices": [{"delta": {"content": str(piece)}}, *_]}:
                    pieces.append(piece)
                case {"choices": [{"finish_reason": str(reason)}, *_]}:
                    end = reason
            return time.monotonic() > until_s

        question = {
            "messages": [{"role": "user", "content": prompt}],
            "max_tokens": max_tokens,
            "temperature": 0,
            "cache_prompt": True,
            "stream": True,
        }
        refusal = self._server.handle_chat_completions(question, take)
        failure = failure or (str(refusal["error"]) if isinstance(refusal, dict) and "error" in refusal else "")
        return {"error": failure} if failure else {"text": "".join(pieces), "end": end, "read": read, "kept": kept}


def answer(model: Model, header: Header, payload: bytes) -> Header:
    """Do what a frame asks for."""
    match header:
        case {"do": "load", "model": str(path), "threads": int(threads)}:
            try:
                model.load(path, threads)
            except RuntimeError as error:
                return {"unreadable": str(error)}
            return {"text": "", "end": "stop"}
        case {"do": "complete", "max_tokens": int(max_tokens), "within_s": int() | float() as within_s}:
            try:
                return model.complete(payload.decode(), max_tokens=max_tokens, within_s=within_s)
            except (RuntimeError, ValueError) as error:
                return {"error": str(error)}
    return {"error": "such a question has no answer"}


def main() -> None:
    model = Model()
    answer_frames(lambda header, payload: answer(model, header, payload))
    os._exit(0)  # not through the threads of llama.cpp, which may be at work


if __name__ == "__main__":
    main()
