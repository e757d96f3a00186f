"""How gunicorn serves every Flask application: `gunicorn -c deploy/gunicorn.conf.py MODULE:app`.

One process with a few threads, the application loaded before it is forked. The master serves the
metrics of all its workers on the process's private port.

    FLS_HTTP_BIND      host:port to listen on
    FLS_THREADS        threads; 4 unless set (imports has 16, records 6: a slow transfer holds one)
    FLS_METRICS_HOST   address of the private port
    FLS_METRICS_PORT   the private port; 0 serves no metrics
"""

import gc
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

bind = os.environ.get("FLS_HTTP_BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = 1
threads = int(os.environ.get("FLS_THREADS", "4"))
preload_app = True

timeout = 60
graceful_timeout = 20
keepalive = 5

# The heartbeat's file: on a disk that is busy, touching it would block the worker.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
# Its commands are of no use to us, and its socket would lie in the home folder.
control_socket_disable = True

# Our own log has one line a request, with ids and without query strings.
accesslog = None
errorlog = "-"
loglevel = "warning"

# Who is calling is proved by a signed token, never by an address, so it does no harm to believe
# what is said about the scheme; in containers the edge has another address at each start.
forwarded_allow_ips = "*"

_metrics_port = int(os.environ.get("FLS_METRICS_PORT", "0"))

if _metrics_port:
    # Here, because prometheus_client looks for the variable when it is imported. The port makes the
    # name: no two masters of a machine share it, and what a killed one left is found and emptied.
    _folder = Path(tempfile.gettempdir()) / f"flsdb-metrics-{os.getuid()}-{_metrics_port}"
    shutil.rmtree(_folder, ignore_errors=True)
    _folder.mkdir(mode=0o700)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_folder)


def pre_fork(server: Any, worker: Any) -> None:
    """Keeps what is loaded shared with the worker: the collector would touch each page."""
    gc.collect()
    gc.freeze()


def when_ready(server: Any) -> None:
    """Serves the metrics, once the application is loaded and before the first worker."""
    from services.shared.metrics import start_metrics_server

    start_metrics_server(_metrics_port, os.environ.get("FLS_METRICS_HOST", "127.0.0.1"))


def child_exit(server: Any, worker: Any) -> None:
    """Takes a worker that has ended out of the gauges of living ones."""
    if _metrics_port:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    """Leaves nothing behind."""
    if _metrics_port:
        shutil.rmtree(_folder, ignore_errors=True)
