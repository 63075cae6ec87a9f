"""The routes of the authorization matrix that are for our own processes and for the media server, as data.

A route that is in none of these, nor in authorization_rows.py, nor in socket_rows.py, fails test_authorization.py. To
add one of our processes: a request that is granted to who carries the inner token.
"""

from tests.hostile.authorization_world import Ask

from dragoman.ground.glossary import NO_TERMS
from dragoman.wire.terms import write_term_base

EPOCH = {"epoch": "1000"}
"""Later than that of any interpreter of these calls."""
RENEWAL = {"epoch": 1000, "worker": "w"}

INNER: dict[str, Ask] = {
    "PUT /internal/leases/{room}": Ask(json=RENEWAL),
    "POST /internal/leases/{room}/release": Ask(json=RENEWAL),
    "POST /internal/rooms/{room}/finals": Ask(query=EPOCH, json=[]),
    "GET /internal/rooms/{room}/finals": Ask(query={**EPOCH, "before": "1"}),
    "POST /internal/rooms/{room}/unfinished": Ask(query=EPOCH, json=[]),
    "GET /internal/rooms/{room}/unfinished": Ask(query=EPOCH),
    "GET /internal/rooms/{room}/glossary": Ask(query=EPOCH),
    "PUT /internal/rooms/{room}/glossary": Ask(query=EPOCH, json=write_term_base(NO_TERMS)),
    "GET /internal/rooms/{room}/glossary/version": Ask(query={**EPOCH, "known": "another"}),
    "PUT /internal/workers/{worker}": Ask(),
    "DELETE /internal/workers/{worker}": Ask(),
    "GET /internal/metrics": Ask(),
}
"""What is asked for with the inner token, by which alone it is granted. ``room`` and ``worker`` are filled in."""

_SIGNALLING = "tests/integration/test_api_signalling.py::test_an_expired_token_is_refused_as_livekit_refuses_it"
_SIGNED = "tests/integration/test_api_webhook.py::test_nobody_else_is"

ELSEWHERE: dict[str, tuple[str, str]] = {
    "WS /rtc": ("the media server takes its own tokens, and it refuses all others itself", _SIGNALLING),
    "WS /rtc/v1": ("the media server takes its own tokens, and it refuses all others itself", _SIGNALLING),
    "GET /rtc/validate": ("the media server says what is wrong with a token of its own", _SIGNALLING),
    "GET /rtc/v1/validate": ("the media server says what is wrong with a token of its own", _SIGNALLING),
    "POST /livekit/webhook": ("it takes what the media server signed, from nobody with an account or without", _SIGNED),
}
"""What no caller of the matrix has to do with, why, and the test that covers it."""
