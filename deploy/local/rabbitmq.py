"""A private RabbitMQ node of the system's package: its configuration, epmd and program.

Everything is its own: node name, cookie, epmd, ports (all on 127.0.0.1) and data, so that it runs
beside any other RabbitMQ on the machine.
"""

from __future__ import annotations

import secrets
import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pika
import pika.exceptions

from deploy.local.accounts import Account, give_to, owner_of, reachable_folder, server_account
from deploy.local.packages import install_package
from deploy.local.programs import Program

LEAST_VERSION = (3, 10)

# Where none answers, Erlang starts an epmd of its own, which would outlive the node.
WHEN_EPMD_ANSWERS = """\
for _ in $(seq 50); do "$0" -names >/dev/null 2>&1 && break; sleep 0.1; done
exec "$@"
"""

CONFIGURATION = """\
listeners.tcp.1 = 127.0.0.1:{port}
default_user = {user}
default_pass = {password}
default_user_tags.administrator = true
# The checks of free memory and disk are for this machine, not for a server of its own.
vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 100MB
# Quorum queues keep their write-ahead log in memory until it is cut: by default at 512 MB.
raft.wal_max_size_bytes = 33554432
log.console = true
log.console.level = info
log.file = false
prometheus.tcp.ip = 127.0.0.1
prometheus.tcp.port = {metrics_port}
"""


def server_script() -> Path | None:
    """Returns the real start script of the newest RabbitMQ on this machine, None if there is none.

    `/usr/sbin/rabbitmq-server` is Debian's wrapper, which changes to the `rabbitmq` account and
    reads the machine-wide configuration; the script it calls does neither.
    """
    pattern = "rabbitmq_server-*/sbin/rabbitmq-server"
    roots = [Path("/usr/lib/rabbitmq/lib"), Path("/opt")]
    found = [path for root in roots for path in root.glob(pattern)]
    return max(found, key=_version_of) if found else None


def ensure_rabbitmq(*, say: Callable[[str], None]) -> Path:
    """Returns the start script, installing the distribution's package first where it is missing.

    Raises:
        PackageMissing: It is missing and we may not install it.
        RuntimeError: It is older than 3.10.
    """
    script = server_script()
    if script is None:
        install_package("rabbitmq-server", say=say)
        script = server_script()
    if script is None:
        raise RuntimeError("rabbitmq-server is installed, but its start script was not found")
    version = _version_of(script)
    if version and version < LEAST_VERSION:
        found = ".".join(map(str, version))
        raise RuntimeError(f"RabbitMQ {found} is too old: 3.10 or later is needed")
    return script


def prepare_rabbitmq(
    folder: Path,
    script: Path,
    *,
    port: int,
    epmd_port: int,
    dist_port: int,
    metrics_port: int,
    user: str,
    password: str,
    name: str = "rabbitmq",
) -> tuple[Program, Program]:
    """Writes the node's configuration; returns epmd and the node, to be started in this order.

    Args:
        folder: Data, configuration and cookie; below `/var/lib` if its account cannot reach it.
        script: From `ensure_rabbitmq`.
        port: AMQP. The four ports are on 127.0.0.1.
        epmd_port: Of the node's own Erlang port mapper.
        dist_port: Of Erlang's distribution.
        metrics_port: Prometheus scrapes it.
        user: Made at the first start instead of `guest`.
        password: Of that user.
        name: The node's program name; epmd is `<name>-epmd`.
    """
    account = server_account()
    place = reachable_folder(folder, account)
    account = owner_of(place) or account
    text = CONFIGURATION.format(port=port, metrics_port=metrics_port, user=user, password=password)
    _write(place / "rabbitmq.conf", text, account)
    _write(place / "enabled_plugins", "[rabbitmq_prometheus].\n", account)
    _write(place / "rabbitmq-env.conf", "", account)
    if not (place / ".erlang.cookie").exists():
        _write(place / ".erlang.cookie", secrets.token_hex(20), account, mode=0o400)
    env = _environment(place, port=port, epmd_port=epmd_port, dist_port=dist_port)
    uid, gid = (account.uid, account.gid) if account else (None, None)
    epmd = Program(
        name=f"{name}-epmd",
        argv=(_epmd(), "-port", str(epmd_port), "-address", "127.0.0.1"),
        env=env,
        folder=str(place),
        kind="server",
        uid=uid,
        gid=gid,
    )
    node = Program(
        name=name,
        argv=("sh", "-c", WHEN_EPMD_ANSWERS, _epmd(), str(script)),
        env=env,
        folder=str(place),
        grace_seconds=30,
        kind="server",
        uid=uid,
        gid=gid,
    )
    return epmd, node


def url_of(port: int, user: str, password: str) -> str:
    """Returns the AMQP address of a private node."""
    return f"amqp://{user}:{password}@127.0.0.1:{port}/%2F"


def wait_for_rabbitmq(url: str, *, seconds: float = 90) -> None:
    """Returns once the node lets its user in.

    Raises:
        TimeoutError: It does not within `seconds`.
    """
    until = time.monotonic() + seconds
    parameters = pika.URLParameters(url)
    parameters.socket_timeout = 3
    parameters.blocked_connection_timeout = 5
    while True:
        try:
            # A closed port is the usual case while it starts; pika would log each try as an error.
            socket.create_connection((parameters.host, parameters.port), timeout=2).close()
            pika.BlockingConnection(parameters).close()
            return
        except (OSError, pika.exceptions.AMQPError) as error:
            if time.monotonic() > until:
                raise TimeoutError(f"RabbitMQ does not answer: {error!r}") from error
            time.sleep(0.3)


def _environment(place: Path, *, port: int, epmd_port: int, dist_port: int) -> dict[str, str]:
    return {
        "HOME": str(place),
        # `localhost` always resolves; a container's own name may not. With an epmd of its own the
        # name need not be unique, and as it names the data folder it must not change with a port.
        "RABBITMQ_NODENAME": "flsdb@localhost",
        "RABBITMQ_USE_LONGNAME": "false",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(dist_port),
        "ERL_EPMD_PORT": str(epmd_port),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_CONF_ENV_FILE": str(place / "rabbitmq-env.conf"),
        "RABBITMQ_CONFIG_FILE": str(place / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(place / "none"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(place / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(place / "data"),
        "RABBITMQ_LOG_BASE": str(place / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_GENERATED_CONFIG_DIR": str(place / "generated"),
        "RABBITMQ_FEATURE_FLAGS_FILE": str(place / "feature_flags"),
        "RABBITMQ_PID_FILE": str(place / "pid"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
            "+S 2:2 +SDcpu 1:1 +SDio 4 +A 1 -kernel inet_dist_use_interface {127,0,0,1}"
        ),
        # Ports are Erlang's word for open files and sockets; its table is allocated up front.
        "ERL_MAX_PORTS": "8192",
        # Makes the script become the node instead of staying as its parent.
        "RUNNING_UNDER_SYSTEMD": "true",
    }


def _epmd() -> str:
    found = shutil.which("epmd")
    if found:
        return found
    candidates = sorted(Path("/usr/lib/erlang").glob("erts-*/bin/epmd"))
    if not candidates:
        raise RuntimeError("epmd, which comes with Erlang, was not found")
    return str(candidates[-1])


def _version_of(script: Path) -> tuple[int, ...]:
    name = next((part for part in script.parts if part.startswith("rabbitmq_server-")), "")
    digits = name.removeprefix("rabbitmq_server-").split(".")
    return tuple(int(part) for part in digits if part.isdigit())


def _write(path: Path, text: str, account: Account | None, *, mode: int = 0o600) -> None:
    path.write_text(text)
    give_to(path, account, mode=mode)
