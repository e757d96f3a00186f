"""One service over HTTP: sends who is asking along, and turns problem documents into our errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from services.shared import errors, logs

TIMEOUT = httpx.Timeout(15.0, connect=3.0)
"""Seconds. Nothing a page asks for takes long: long work is done by workers and polled."""

PassingOn = Callable[[], Mapping[str, str]]


class Service:
    """A service's API.

    Args:
        name: as in its address, `/api/<name>/v1`.
        base_url: where it listens, such as `http://127.0.0.1:8101`.
        passing_on: the headers of the request being answered that travel on: identity, request
            id and the caller's address.
        transport: stands in for the network in tests.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        passing_on: PassingOn,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._name = name
        self._passing_on = passing_on
        self._client = httpx.Client(
            base_url=f"{base_url}/api/{name}/v1", timeout=TIMEOUT, transport=transport
        )

    def get(self, path: str, **params: object) -> Any:
        """Asks for something; parameters that are None are left out."""
        given = {name: value for name, value in params.items() if value is not None}
        return self._call("GET", path, params=given)

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Does something. Returns None where the answer has no body."""
        return self._call("POST", path, json=dict(body or {}))

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """Replaces something."""
        return self._call("PUT", path, json=dict(body))

    def delete(self, path: str, **params: object) -> Any:
        """Ends something. Returns None where the answer has no body."""
        given = {name: value for name, value in params.items() if value is not None}
        return self._call("DELETE", path, params=given)

    def get_bytes(self, path: str) -> tuple[bytes, str]:
        """Asks for a small file: its bytes, and its content disposition."""
        answer = self._request("GET", path)
        return answer.content, answer.headers.get("Content-Disposition", "attachment")

    def _call(self, method: str, path: str, **more: Any) -> Any:
        answer = self._request(method, path, **more)
        return answer.json() if answer.content else None

    def _request(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            answer = self._client.request(method, path, headers=dict(self._passing_on()), **more)
        except httpx.TransportError as error:
            logs.get_logger().error(
                "service_unreachable", target=self._name, fault=type(error).__name__
            )
            raise errors.Unavailable(
                "A part of the service does not answer. Try again in a minute."
            ) from None
        if answer.is_success:
            return answer
        raise error_from(self._name, answer)


def error_from(service: str, answer: httpx.Response) -> errors.FlsError:
    """Turns a refusal into the error that the service raised; the reverse of its `problems.py`."""
    problem = _problem(answer)
    detail = str(problem.get("detail") or "")
    match answer.status_code:
        case 400 | 422:
            return errors.InvalidInput(
                problem.get("errors") or {}, detail or "Some of this needs correcting."
            )
        case 401:
            return errors.Unauthenticated(detail or "Sign in first.")
        case 403:
            return errors.Forbidden(detail or "Your account does not have the right to do this.")
        case 404:
            return errors.NotFound(detail or "There is nothing here, or it is not yours to see.")
        case 409:
            known = {"type", "title", "status", "detail", "code", "request_id"}
            extra = {name: value for name, value in problem.items() if name not in known}
            return errors.Conflict(detail, problem.get("code"), extra)
        case 413:
            return errors.TooLarge(detail)
        case 429:
            return errors.TooMany(detail or "Too many requests. Wait a minute.")
    logs.get_logger().error("service_failed", target=service, status=answer.status_code)
    return errors.Unavailable("A part of the service does not answer. Try again in a minute.")


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        problem = answer.json()
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}
