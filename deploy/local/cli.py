"""The commands of `./flsdb`; each imports what it needs only when it runs."""

from __future__ import annotations

import argparse
import ast
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from types import FrameType

HELP = """\
Fracture Audit on this machine

  ./flsdb up [--json] [--no-sample]   start everything, load a sample, show where to open it
  ./flsdb down [--delete-data]        stop exactly what was started; data stays unless told so
  ./flsdb status                      what runs, its memory, and why something does not
  ./flsdb logs [NAME] [-f]            the end of the logs; -f goes on showing them
  ./flsdb workers N                   number of import workers, at any time
  ./flsdb mail [NUMBER]               mails the system sent; NUMBER shows one
  ./flsdb code EMAIL                  the next sign-in code of an account; in a demonstration
  ./flsdb admin create EMAIL          a national account [--role audit_team|auditor|system_admin]
  ./flsdb rotate-keys                 a new master key for patients' keys, while all goes on
  ./flsdb verify-receipt FILE         whether a receipt of an import is as it was issued
  ./flsdb verify-log [--head HEAD]    whether the log is as it was written
  ./flsdb check FILE [--out COPY]     check a file here, without sending it anywhere
  ./flsdb sample --rows N --seed S    a synthetic file for upload [--out FILE]
  ./flsdb sample --store N            fill the running system with records [--sites K]
  ./flsdb bench [NAME] [--rows N]     a benchmark [--json]: {benchmarks}
  ./flsdb test [--fast] [--long]      the tests; --fast needs no server, --long is everything
  ./flsdb help                        this list; ./flsdb COMMAND --help tells more of one

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
        print(HELP.replace("{benchmarks}", ", ".join(benchmarks())), end="")
        return 0
    if words[0] == "test" and not {"-h", "--help"} & set(words):
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


def benchmarks() -> dict[str, str]:
    """Returns each benchmark of `tests/load` with its first line, by name."""
    folder = Path(__file__).resolve().parents[2] / "tests" / "load"
    return {
        path.stem.removeprefix("bench_").replace("_", "-"): _first_line(path)
        for path in sorted(folder.glob("bench_*.py"))
    }


def _first_line(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(text.partition("\n\n")[0].split()).partition(". ")[0].rstrip(".")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./flsdb", add_help=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text)

    up = command("up", "Start everything, load a sample, show where to open it.")
    up.add_argument("--json", action="store_true", help="print the outcome as a JSON object")
    up.add_argument("--no-sample", action="store_true", help="start only: no demo site, no sample")
    down = command("down", "Stop exactly what was started; data stays unless told so.")
    down.add_argument(
        "--delete-data", action="store_true", help="delete data, demo accounts, mails, secrets too"
    )
    command("status", "Show what runs, its memory, and why something does not.")
    logs = command("logs", "Show the end of the logs.")
    logs.add_argument("name", nargs="?", metavar="NAME", help="of one program, such as records-web")
    logs.add_argument("-f", "--follow", action="store_true", help="go on showing them")
    workers = command("workers", "Set how many import workers run, at any time; or tell it.")
    workers.add_argument("number", type=int, nargs="?", metavar="N", help="0 to 32")
    mail = command("mail", "List the mails that the system sent, or show one.")
    mail.add_argument("number", type=int, nargs="?", metavar="NUMBER", help="of the mail to show")
    admin = command("admin", "Make a national account: of the audit team unless told otherwise.")
    admin.add_argument("verb", choices=["create"])
    admin.add_argument("email", metavar="EMAIL")
    admin.add_argument(
        "--role", choices=["audit_team", "auditor", "system_admin"], default="audit_team"
    )
    admin.add_argument("--name", help="the person's name")
    admin.add_argument("--password-file", metavar="FILE", help="holds the password")
    code = command("code", "Print the next sign-in code of an account; in a demonstration only.")
    code.add_argument("email", metavar="EMAIL")
    command("rotate-keys", "Give the patients' keys a new master key; stopped, run it again.")
    _add_sample(command("sample", "Write a synthetic file for upload, or fill the running system."))
    _add_check(command("check", "Check a file here, with the rules of an upload."))
    verify = command("verify-receipt", "Tell whether a receipt of an import is as it was issued.")
    verify.add_argument("file", type=Path, metavar="FILE", help="the receipt, as downloaded")
    keys = verify.add_mutually_exclusive_group()
    keys.add_argument("--keys", type=Path, metavar="FILE", help="public keys, as published")
    keys.add_argument("--address", metavar="URL", help="a system that publishes them (this one)")
    log = command("verify-log", "Tell whether the log of registration is as it was written.")
    log.add_argument("--head", metavar="HEAD", help="from one of the daily mails")
    bench = command("bench", "Run a benchmark of tests/load, or list them.")
    bench.add_argument("name", nargs="?", metavar="NAME", help=", ".join(benchmarks()))
    bench.add_argument("--rows", type=_positive, metavar="N", help="rows to measure with")
    bench.add_argument("--json", action="store_true", help="print the figures as a JSON object")
    test = command("test", "Run the tests; other options and names of files go to pytest.")
    test.add_argument("--fast", action="store_true", help="only those that need no server")
    test.add_argument("--long", action="store_true", help="everything, long tests as a whole")
    return parser


def _add_check(check: argparse.ArgumentParser) -> None:
    check.add_argument("file", type=Path, metavar="FILE", help="CSV, another text, or .xlsx")
    check.add_argument(
        "--out", type=Path, metavar="COPY", help="the annotated copy, .csv or .xlsx (beside FILE)"
    )
    check.add_argument(
        "--mode",
        choices=["add_and_update", "add_only", "update_only"],
        default="add_and_update",
        help="what the upload may do",
    )
    check.add_argument(
        "--date-order", choices=["dmy", "mdy", "iso"], help="where the columns leave it open"
    )
    check.add_argument("--service-code", metavar="CODE", help="rows of other services are errors")


def _add_sample(sample: argparse.ArgumentParser) -> None:
    what = sample.add_mutually_exclusive_group(required=True)
    what.add_argument("--rows", type=_positive, metavar="N", help="rows of the file")
    what.add_argument(
        "--store",
        type=_positive,
        metavar="N",
        help="no file: see that the running system holds N records, 20,000 of them at the demo "
        "site, the others at sites that are registered for it; repeated, only what is missing",
    )
    sample.add_argument(
        "--sites", type=_positive, default=25, metavar="K", help="sites that --store fills (25)"
    )
    sample.add_argument(
        "--seed", type=int, default=1, metavar="S", help="another seed gives other patients (1)"
    )
    sample.add_argument("--out", metavar="FILE", help="write to this file")
    sample.add_argument(
        "--service-code",
        metavar="CODE",
        help="of the site that will upload it (the demo site's, else blank, which fits any site)",
    )
    sample.add_argument(
        "--bad-share", type=_share, default=0.02, metavar="0..1", help="rows with an error (0.02)"
    )
    sample.add_argument(
        "--today", type=_day, metavar="YYYY-MM-DD", help="the last possible day of diagnosis"
    )


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1 on")
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 to 1")
    return share


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a day as YYYY-MM-DD") from None


def _run(options: argparse.Namespace) -> int:
    from deploy.local import commands, operating
    from deploy.local.layout import current_layout

    layout = current_layout()
    run: dict[str, Callable[[], int]] = {
        "up": lambda: commands.up(layout, as_json=options.json, with_sample=not options.no_sample),
        "down": lambda: commands.down(layout, delete_data=options.delete_data),
        "status": lambda: commands.status(layout),
        "logs": lambda: commands.logs(layout, options.name, follow=options.follow),
        "workers": lambda: commands.workers(layout, options.number),
        "check": lambda: commands.check(options),
        "verify-log": lambda: operating.verify_log(layout, options.head),
        "verify-receipt": lambda: commands.verify(layout, options),
        "mail": lambda: commands.mail(layout, options.number),
        "code": lambda: operating.code(layout, options.email),
        "admin": lambda: operating.admin_create(layout, options),
        "rotate-keys": lambda: commands.rotate_keys(layout),
        "sample": lambda: commands.sample(layout, options),
        "bench": lambda: commands.bench(options.name, rows=options.rows, as_json=options.json),
    }
    return run[options.command]()
