"""Uploads through a real gunicorn, broken off in the middle of the body."""

from __future__ import annotations

import base64
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.local.ports import free_port
from services.shared.identity import HEADER, Actor, Signer
from tests.factories.imports import make_file
from tests.integration.imports.conftest import RIGHTS, Look, World, make_environment

ROOT = Path(__file__).resolve().parents[3]
PATH = "/api/imports/v1/imports?file_name=a.csv"


class Web:
    """The web process as it is run, and an account's token."""

    def __init__(self, port: int, signer: Signer, look: Look) -> None:
        self.port, self.signer, self.look = port, signer, look
        self.url = f"http://127.0.0.1:{port}"

    def token(self, world: World) -> str:
        site_id = world.site("BNT")
        return self.signer.sign(Actor(uuid4(), site_id, RIGHTS, "s", "c"))

    def send_half(self, token: str, head: str, body: bytes) -> None:
        """Sends the beginning of a request and goes away."""
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            lines = f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{HEADER}: {token}\r\n{head}\r\n\r\n"
            connection.sendall(lines.encode() + body)

    def stored(self) -> int:
        return sum(self.look.count(table) for table in ("import", "upload_part", "outbox_event"))


@pytest.fixture
def web(world: World, databases: Any) -> Iterator[Web]:
    private = os.urandom(32)
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        **make_environment(databases.url("imports"), private),
        "FLS_HTTP_BIND": f"127.0.0.1:{port}",
        "FLS_THREADS": "4",
    }
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"]
    process = subprocess.Popen(
        [*gunicorn, "services.imports.wsgi:app"],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        signer = Signer(base64.b64encode(private).decode(), "k1")
        web = Web(port, signer, world.look)
        _wait_until(lambda: _answers(web.url), 30)
        yield web
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready").status_code == 200
    except httpx.TransportError:
        return False


def _wait_until(true: Any, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it does not come true"
        time.sleep(0.1)


def test_a_sender_who_goes_away_leaves_nothing(world: World, web: Web) -> None:
    data = make_file(20_000)
    token = web.token(world)
    half = data[: len(data) // 2]
    web.send_half(token, f"Content-Length: {len(data)}", half)
    web.send_half(token, "Transfer-Encoding: chunked", f"{len(data):x}\r\n".encode() + half)
    whole_chunk = f"{len(half):x}\r\n".encode() + half + b"\r\n"
    web.send_half(token, "Transfer-Encoding: chunked", whole_chunk)
    with httpx.Client() as client:
        # A whole upload afterwards shows that the server is well; then only that one is stored.
        answer = client.post(web.url + PATH, content=data, headers={HEADER: token})
        assert answer.status_code == 201
        streamed = iter([data[:1000], data[1000:], b"H9,,,,,\r\n"])
        answer = client.post(web.url + PATH, content=streamed, headers={HEADER: token})
        assert answer.status_code == 201
    idle = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in trans%%'"
    _wait_until(lambda: web.look.value(idle) == 0, 10)
    assert web.look.count("import") == 2
    assert web.look.count("upload_part") == web.look.value(
        "SELECT sum((size_bytes + 1048575) / 1048576) FROM import"
    )


def test_a_refusal_reaches_the_sender_of_a_large_body(world: World, web: Web) -> None:
    token = web.token(world)
    data = b"x" * (5 * 1024 * 1024)
    with httpx.Client() as client:
        announced = client.post(web.url + PATH, content=data, headers={HEADER: token})
        streamed = client.post(web.url + PATH, content=iter([data]), headers={HEADER: token})
        foreign = client.post(web.url + PATH, content=data)
    assert announced.status_code == streamed.status_code == 413
    assert foreign.status_code == 401
    assert web.stored() == 0
