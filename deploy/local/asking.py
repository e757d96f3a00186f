"""Asks the API: patiently while it is still coming up, and in words when it refuses."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx


class StepFailed(Exception):
    """A step through the API did not work; the text says which and why."""


def patiently(send: Callable[[], httpx.Response]) -> httpx.Response:
    """Sends again while the system is still coming up (503) or asks us to slow down (429)."""
    until = time.monotonic() + 60
    while True:
        answer = send()
        if answer.status_code not in (429, 502, 503, 504) or time.monotonic() > until:
            return answer
        time.sleep(1)


def expect(answer: httpx.Response, step: str, *expected: int) -> dict[str, Any]:
    """Returns an answer's object. Raises StepFailed unless its status is one of these."""
    if answer.status_code not in expected:
        raise StepFailed(f"{step}: {problem_of(answer)}")
    return dict(answer.json()) if answer.content else {}


def problem_of(answer: httpx.Response) -> str:
    """Returns a problem document's words, without the address (which may hold a secret)."""
    try:
        body = answer.json()
        words = " ".join(str(body.get(key, "")) for key in ("title", "detail"))
        errors = body.get("errors")
        return f"{answer.status_code} {words} {errors or ''}".strip()
    except ValueError:
        return f"{answer.status_code} {answer.reason_phrase}"
