"""Writes the settings of every container as a file: `python -m deploy.containers.settings FOLDER`.

One folder below FOLDER, each a volume, for everything that shares its secrets: a container mounts
its own and no other. The secrets themselves are made at the first start and kept in `secrets/`,
which only this job mounts; at later starts the same files are written again. `with-settings` reads
them.
"""

from __future__ import annotations

import os
import secrets
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.environment import environment_for
from deploy.local.private_files import read_json, write_private
from deploy.postgres.bootstrap import SERVICES
from deploy.secrets import make_secrets, with_newer_secrets

BROKER_USER = "flsdb"

FILES = {
    "jobs/databases.env": "bootstrap",
    **{f"jobs/migrate-{service}.env": f"{service}-migrations" for service in SERVICES},
    **{
        f"{service}/{part}.env": f"{service}-{part}"
        for service in SERVICES
        for part in ("web", "relay", "consumer")
    },
    "imports/worker.env": "imports-worker-1",
    "pages/web.env": "gateway-web",
    "jobs/topology.env": None,
    "postgres/password": None,
    "rabbitmq/rabbitmq.env": None,
}
"""File -> the process whose settings `environment_for` knows; None: written by this module."""


def write_settings(folder: Path, public_url: str) -> int:
    """Writes all files; makes the secrets if there are none. Returns the number of files.

    Args:
        folder: holds a folder for each volume.
        public_url: the address under which people reach the system, without a final /.
    """
    kept = _secrets(folder / "secrets" / "secrets.json")
    addresses = _addresses(kept, public_url)
    texts = {
        name: _lines(_environment(process, kept, addresses))
        for name, process in FILES.items()
        if process is not None
    }
    texts["jobs/topology.env"] = _lines({"FLS_BROKER_URL": addresses["broker"]})
    texts["postgres/password"] = kept["postgres_password"]
    texts["rabbitmq/rabbitmq.env"] = _lines(
        {
            "RABBITMQ_DEFAULT_USER": BROKER_USER,
            "RABBITMQ_DEFAULT_PASS": kept["broker_password"],
        }
    )
    for name, text in texts.items():
        _write(folder / name, text)
    return len(texts)


def _secrets(path: Path) -> dict[str, Any]:
    kept = read_json(path)
    if not kept:
        kept = {
            # Without signs that an address would have to escape.
            "postgres_password": secrets.token_hex(20),
            "broker_password": secrets.token_hex(20),
            "services": make_secrets(),
        }
        write_private(path, kept)
    whole = with_newer_secrets(kept["services"])
    if whole != kept["services"]:
        kept["services"] = whole
        write_private(path, kept)
    return kept


def _addresses(kept: Mapping[str, Any], public_url: str) -> dict[str, str]:
    """Returns where everything is, by the names that containers have for each other."""
    return {
        "postgres": f"postgresql://postgres:{kept['postgres_password']}@postgres:5432/postgres",
        "broker": f"amqp://{BROKER_USER}:{kept['broker_password']}@rabbitmq:5672/%2F",
        "smtp": os.environ.get("FLS_SMTP_URL") or "smtp://mail:2525",
        "public": public_url,
        **{service: f"http://{service}:8000" for service in SERVICES},
    }


def _environment(
    process: str, kept: Mapping[str, Any], addresses: Mapping[str, str]
) -> dict[str, str]:
    env = dict(environment_for(process, kept["services"], addresses))
    if process == "bootstrap":
        env["FLS_POSTGRES_ADMIN_URL"] = addresses["postgres"]
    return env


def _lines(settings: Mapping[str, str]) -> str:
    """Returns settings as a shell reads them; JSON is full of signs that mean something to it."""
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in sorted(settings.items()))


def _write(path: Path, text: str) -> None:
    """Replaces a file whole. Readable by every account of the containers that mount its volume."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}")
    partial.write_text(text)
    partial.chmod(0o444)
    partial.replace(path)


def main() -> None:
    """Writes the files into the folder that the command line names."""
    port = os.environ.get("FLSDB_PORT") or "8080"
    public_url = os.environ.get("FLS_PUBLIC_URL") or f"http://localhost:{port}"
    count = write_settings(Path(sys.argv[1]), public_url.rstrip("/"))
    print(f"{count} settings files written")


if __name__ == "__main__":
    main()
