"""Uploads a file of records and follows the import to its end: a client of the API."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import httpx

from deploy.local.asking import StepFailed, expect, patiently, problem_of

ENDED = ("applied", "cancelled", "refused", "failed")
WAITS_FOR_A_PERSON = "checked"
PATIENCE_SECONDS = 300
"""How long a step of the import may show no progress at all."""
_LATER = (403, 404, 409, 429, 503)


def upload_file(
    client: httpx.Client, path: Path, *, confirm: str, show: Callable[[int], None]
) -> tuple[dict[str, Any], bool]:
    """Uploads a file; returns the import, and whether it is a new one.

    The site's approval reaches the imports service as an event, so the first tries may be refused.

    Args:
        client: Signed in as somebody who may import.
        confirm: `person` or `automatic`.
        show: Told how many bytes have been sent.

    Raises:
        StepFailed: It was not taken.
    """
    until = time.monotonic() + 60
    while True:
        answer = client.post(
            "/api/imports/v1/imports",
            params={"file_name": path.name, "mode": "add_and_update", "confirm": confirm},
            content=_pieces(path, show),
            headers={"Content-Type": "text/csv", "Content-Length": str(path.stat().st_size)},
        )
        if answer.status_code in (200, 201):
            return dict(answer.json()), answer.status_code == 201
        if answer.status_code not in _LATER or time.monotonic() > until:
            raise StepFailed(f"uploading {path.name}: {problem_of(answer)}")
        time.sleep(1)


def _pieces(path: Path, show: Callable[[int], None]) -> Iterator[bytes]:
    done = 0
    with path.open("rb") as file:
        while piece := file.read(65536):
            yield piece
            done += len(piece)
            show(done)


def follow_import(
    client: httpx.Client,
    import_id: str,
    *,
    until: Collection[str] = ENDED,
    show: Callable[[dict[str, Any]], None],
    patience_seconds: float = PATIENCE_SECONDS,
) -> dict[str, Any]:
    """Follows an import until its state is one of these, or it has ended otherwise.

    Args:
        show: Told the import, each time it was looked at.
        patience_seconds: How long it may make no progress: longer where others take turns with it.

    Raises:
        StepFailed: It has made no progress for so long.
    """
    path = f"/api/imports/v1/imports/{import_id}"
    seen: Any = None
    changed_at = time.monotonic()
    while True:
        answer = expect(patiently(lambda: client.get(path)), f"reading {path}", 200)
        now = [answer.get(key) for key in ("state", "stage", "rows_checked", "rows_applied")]
        if now != seen:
            seen, changed_at = now, time.monotonic()
        show(answer)
        if answer["state"] in until or answer["state"] in ENDED:
            return answer
        if time.monotonic() - changed_at > patience_seconds:
            raise StepFailed(f"an import made no progress for {patience_seconds:g} s: {now}")
        time.sleep(0.2)


def refuse_unapplied(answer: dict[str, Any]) -> None:
    """Raises StepFailed with the reasons unless the import was applied."""
    if answer["state"] != "applied":
        reasons = "; ".join(str(item.get("message")) for item in answer.get("file_findings", []))
        raise StepFailed(f"the import ended as {answer['state']}. {reasons}")
