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
