"""The commands of `./flsdb`; each imports what it needs only when it runs."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from types import FrameType

HELP = """\
Fracture Audit on this machine

  ./flsdb up [--json] [--no-sample]   start everything, load a sample, show where to open it
  ./flsdb down [--delete-data]        stop exactly what was started; data stays unless told so
  ./flsdb status                      what runs, its memory, and why something does not
  ./flsdb logs [NAME] [-f]            the end of the logs; -f goes on showing them
  ./flsdb workers N                   number of import workers, at any time
  ./flsdb mail [NUMBER]               mails the system sent; NUMBER shows one
  ./flsdb admin create EMAIL          an account of the audit team [--name NAME]
  ./flsdb sample --rows N --seed S    a synthetic file for upload [--out FILE]
  ./flsdb bench NAME [--rows N]       a benchmark of tests/load [--json]
  ./flsdb test [--fast] [--long]      the tests; --fast needs no server, --long is everything
  ./flsdb help                        this list

Settings, all optional:
  FLSDB_POSTGRES_URL   a superuser's address of a PostgreSQL 15 or later to use instead of our own
  FLSDB_BROKER_URL     the address of a RabbitMQ 3.10 or later to use instead of our own
  FLSDB_HOME           folder for data, logs and ports instead of .local: a second system beside
  FLSDB_PYTHON         the Python 3.11 to 3.13 to make .local/venv with
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in ("help", "-h", "--help"):
        print(HELP, end="")
        return 0
    if words[0] == "test":
        # Everything after `test` that we do not know is pytest's.
        from deploy.local.testing import run_tests

        return run_tests(words[1:])
    options = _parser().parse_args(words)
    # A closed terminal or a `kill` ends a command as tidily as Ctrl-C does.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return _run(options)
    except KeyboardInterrupt:
        print("\nflsdb: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./flsdb", add_help=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    up = commands.add_parser("up")
    up.add_argument("--json", action="store_true")
    up.add_argument("--no-sample", action="store_true")
    down = commands.add_parser("down")
    down.add_argument("--delete-data", action="store_true")
    commands.add_parser("status")
    logs = commands.add_parser("logs")
    logs.add_argument("name", nargs="?")
    logs.add_argument("-f", "--follow", action="store_true")
    workers = commands.add_parser("workers")
    workers.add_argument("number", type=int, nargs="?")
    mail = commands.add_parser("mail")
    mail.add_argument("number", type=int, nargs="?")
    admin = commands.add_parser("admin")
    admin.add_argument("verb", choices=["create"])
    admin.add_argument("email")
    admin.add_argument("--name")
    admin.add_argument("--password-file")
    sample = commands.add_parser("sample")
    sample.add_argument("--rows", type=int, required=True)
    sample.add_argument("--seed", type=int, default=1)
    sample.add_argument("--out")
    sample.add_argument("--service-code")
    sample.add_argument("--bad-share", type=float, default=0.02)
    sample.add_argument("--today", help="the last possible day of diagnosis, YYYY-MM-DD")
    bench = commands.add_parser("bench")
    bench.add_argument("name")
    bench.add_argument("--rows", type=int)
    bench.add_argument("--json", action="store_true")
    return parser


def _run(options: argparse.Namespace) -> int:
    from deploy.local import commands
    from deploy.local.layout import current_layout

    layout = current_layout()
    match options.command:
        case "up":
            return commands.up(layout, as_json=options.json, with_sample=not options.no_sample)
        case "down":
            return commands.down(layout, delete_data=options.delete_data)
        case "status":
            return commands.status(layout)
        case "logs":
            return commands.logs(layout, options.name, follow=options.follow)
        case "workers":
            return commands.workers(layout, options.number)
        case "mail":
            return commands.mail(layout, options.number)
        case "admin":
            return commands.admin_create(layout, options.email, options.name, options.password_file)
        case "sample":
            return commands.sample(layout, options)
        case "bench":
            return commands.bench(layout, options.name, rows=options.rows, as_json=options.json)
    return 2
