"""Which ports the local system uses: chosen free once, then kept, so that addresses stay."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path


def is_free(port: int) -> bool:
    """True if nobody listens on 127.0.0.1 or on all addresses at this port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(taken: Iterable[int] = ()) -> int:
    """Returns a free port on 127.0.0.1 that is not among `taken`.

    Below 32768, where Linux begins to lend ports to outgoing connections: a port that is ours while
    we are stopped is then not lent to somebody else.
    """
    used = set(taken)
    candidates = range(20000, 32768)
    # From a random place on, so that two systems on one machine seldom choose the same.
    begin = random.randrange(len(candidates))  # noqa: S311  (no secret)
    for index in range(len(candidates)):
        port = candidates[(begin + index) % len(candidates)]
        if port not in used and is_free(port):
            return port
    raise RuntimeError("no free port between 20000 and 32767 on 127.0.0.1")


def keep_ports(
    path: Path,
    names: Iterable[str],
    preferred: Mapping[str, int],
    *,
    in_use: bool,
    say: Callable[[str], None] | None = None,
) -> dict[str, int]:
    """Returns a port for each name: the kept one, else the preferred one if free, else any.

    Args:
        path: A JSON object, name to port; written again if anything changed.
        names: Every name that needs a port now. Kept ports of other names stay kept.
        preferred: Ports to try first, for some names.
        in_use: True while our own programs run on the kept ports. False: a kept port that
            somebody else has taken meanwhile is replaced.
        say: Told of each kept or preferred port that is taken, and what is used instead.
    """
    kept: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
    before = dict(kept)
    for name in names:
        if name in kept and (in_use or is_free(kept[name])):
            continue
        wish = preferred.get(name)
        missed = kept.pop(name, wish)
        if wish is not None and wish not in kept.values() and is_free(wish):
            kept[name] = wish
        else:
            kept[name] = free_port(kept.values())
        if say is not None and missed is not None and missed != kept[name]:
            whose = "" if name in preferred else f" ({name})"
            say(f"port {missed}{whose} is taken; using {kept[name]}")
    if kept != before:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(kept, indent=1) + "\n")
    return kept
