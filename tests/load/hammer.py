"""Sends HTTP requests over many connections from one thread, fast enough not to be the limit.

Two ways: as fast as answers come (`saturate`), and at a steady rate whatever the answers do
(`steady`), where a request's time counts from when it was to be sent.
"""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

_PIECE = 262_144


@dataclass
class Answers:
    """What came back: seconds of each answer, and how many were not 200."""

    seconds: list[float] = field(default_factory=list)
    failures: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    elapsed: float = 0.0

    @property
    def rate(self) -> float:
        """Good answers in a second."""
        return len(self.seconds) / self.elapsed


def post_request(host: str, path: str, body: object, *, cookie: str = "") -> bytes:
    """A POST request with a JSON body as it goes over the wire, the connection kept open."""
    content = json.dumps(body).encode()
    lines = (
        f"POST {path} HTTP/1.1",
        f"Host: {host}",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
        *([f"Cookie: {cookie}"] if cookie else []),
    )
    return "\r\n".join((*lines, "", "")).encode() + content


def get_request(host: str, path: str, token: str) -> bytes:
    """A GET request as it goes over the wire, the connection kept open."""
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        f"Authorization: Bearer {token}",
        "Accept: application/json",
    )
    return "\r\n".join((*lines, "", "")).encode()


class _Connection:
    """One connection: what has come of an answer so far."""

    __slots__ = ("_place", "_source", "begun", "buffer", "is_over", "needed", "socket")

    def __init__(self, host: str, port: int, source: str | None) -> None:
        self._place, self._source = (host, port), (source, 0) if source else None
        self.open()
        self.buffer = b""
        self.needed = -1
        self.begun = 0.0
        self.is_over = False

    def open(self) -> None:
        """Makes a fresh connection."""
        self.socket = socket.create_connection(self._place, 10, self._source)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)

    def send(self, request: bytes, begun: float) -> None:
        """Sends a whole request: it is far smaller than a socket's buffer."""
        self.begun, self.buffer, self.needed = begun, b"", -1
        self.socket.sendall(request)

    def read(self) -> int | None:
        """Reads what is there; None while more is to come, then the status."""
        piece = self.socket.recv(_PIECE)
        if not piece:
            raise ConnectionError("the gateway closed a connection")
        self.buffer += piece
        if self.needed < 0:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return None
            head = self.buffer[:end]
            self.needed = end + 4 + _content_length(head)
            self.is_over = b"\r\nconnection: close" in head.lower()
        return None if len(self.buffer) < self.needed else int(self.buffer[9:12])


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise ValueError("an answer without a length")


def saturate(
    host: str, port: int, requests: Sequence[bytes], *, connections: int, seconds: float
) -> Answers:
    """Keeps every connection busy for a while; the requests come in turns."""
    return _run(host, port, requests, connections, seconds, every=None)


def steady(
    host: str,
    port: int,
    requests: Sequence[bytes],
    *,
    connections: int,
    seconds: float,
    rate: float,
    sources: Sequence[str] = (),
) -> Answers:
    """Sends `rate` requests a second; one that finds no free connection waits, and that counts.

    Args:
        sources: Addresses of this machine from which the connections come, in turns.
    """
    return _run(host, port, requests, connections, seconds, every=1 / rate, sources=sources)


def _run(
    host: str,
    port: int,
    requests: Sequence[bytes],
    connections: int,
    seconds: float,
    every: float | None,
    sources: Sequence[str] = (),
) -> Answers:
    free = [
        _Connection(host, port, sources[number % len(sources)] if sources else None)
        for number in range(connections)
    ]
    selector = selectors.DefaultSelector()
    for connection in free:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    answers, sent = Answers(), 0
    began = time.perf_counter()
    end = began + seconds
    try:
        while (now := time.perf_counter()) < end or len(free) < connections:
            if now > end + 30:
                raise TimeoutError("answers did not come within 30 seconds")
            due = connections if every is None else int((now - began) / every) + 1 - sent
            while now < end and free and due > 0:
                begun = now if every is None else began + sent * every
                free.pop().send(requests[sent % len(requests)], begun)
                sent, due = sent + 1, due - 1
            wait = 0.5 if every is None or due > 0 else max(began + sent * every - now, 0)
            for key, _ in selector.select(min(wait, 0.5)):
                status = key.data.read()
                if status is not None:
                    answers.seconds.append(time.perf_counter() - key.data.begun)
                    answers.statuses[status] += 1
                    answers.failures += status != 200
                    if key.data.is_over:
                        _reopen(selector, key.data)
                    free.append(key.data)
        answers.elapsed = time.perf_counter() - began
    finally:
        for key in list(selector.get_map().values()):
            key.data.socket.close()
        selector.close()
    return answers


def _reopen(selector: selectors.BaseSelector, connection: _Connection) -> None:
    """Puts a fresh connection in the place of one that the gateway has closed with its answer."""
    selector.unregister(connection.socket)
    connection.socket.close()
    connection.open()
    selector.register(connection.socket, selectors.EVENT_READ, connection)
