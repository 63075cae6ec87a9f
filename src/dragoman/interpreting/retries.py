"""When something that failed is tried again: soon at first, then once a second. For microphone.py and booth.py."""

BACK_OFF_S = (0.1, 0.2, 0.5, 1.0)
"""Waits between tries in a row; then always the last."""


def wait_before(retry: int) -> float:
    """Say how long to wait before a retry, counted from 0."""
    return BACK_OFF_S[min(retry, len(BACK_OFF_S) - 1)]
