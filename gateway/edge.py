"""Fills the edge's nginx template where no official image does it: local runs and tests.

In containers the image's own envsubst fills the same file from the same variables.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

TEMPLATE = Path(__file__).parent / "nginx" / "fls.conf.template"
STATIC_PATH = Path(__file__).parent / "static" / "build"
VARIABLES = (
    "GATEWAY_PAGES",
    "REGISTRATION",
    "RECORDS",
    "IMPORTS",
    "FACILITIES",
    "LISTEN",
    "RESOLVER",
    "CACHE_PATH",
    "STATIC_PATH",
)


def edge_configuration(variables: Mapping[str, str]) -> str:
    """Returns the edge's configuration for the http level of nginx.

    Args:
        variables: a value for each of `VARIABLES`; an empty RESOLVER means that all addresses are
            numbers, so that no name is ever looked up.

    Raises:
        KeyError: a variable is missing.
    """
    values = {name: variables[name] for name in VARIABLES}
    values["RESOLVER"] = values["RESOLVER"] or "127.0.0.1"
    text = TEMPLATE.read_text(encoding="utf-8")
    return re.sub(r"\$\{([A-Z_]+)\}", lambda match: values[match.group(1)], text)


def whole_configuration(variables: Mapping[str, str], *, folder: Path, workers: int = 1) -> str:
    """Returns a whole nginx.conf for a private nginx that keeps all its files in `folder`."""
    temporary = "".join(
        f"    {kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"worker_processes {workers};\npid {folder}/nginx.pid;\ndaemon off;\n"
        "error_log /dev/stderr warn;\n"
        "events { worker_connections 1024; }\n"
        "http {\n    default_type application/octet-stream;\n    keepalive_timeout 65;\n"
        f"{temporary}\n{edge_configuration(variables)}}}\n"
    )
