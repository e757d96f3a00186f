"""What each command of `./flsdb` does, joined from the parts."""

from __future__ import annotations

import argparse
import importlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from deploy.local import looking, rotating
from deploy.local.accounts import outside_folder
from deploy.local.asking import StepFailed
from deploy.local.cli import benchmarks
from deploy.local.control import stop_system, supervisor_pid
from deploy.local.jobs import JobFailed
from deploy.local.layout import Layout
from deploy.local.main_job import LEDGER, Outcome, run_main_job
from deploy.local.nginx import remove_cache
from deploy.local.operating import operator_of
from deploy.local.packages import PackageMissing
from deploy.local.private_files import read_json, write_private
from deploy.local.reporting import Reporter, fail
from deploy.local.sample import write_rows
from deploy.local.starting import NotReady, one_at_a_time, start_system, want_changed
from deploy.local.stocking import fill_store, plan_shares
from deploy.local.system import (
    MOST_WORKERS,
    System,
    load_system,
    wanted_workers,
)

BENCH_ROWS = 100_000


def up(layout: Layout, *, as_json: bool, with_sample: bool) -> int:
    """Starts what is missing, runs the main job, tells where to open it."""
    reporter = Reporter(quiet_stdout=as_json)
    with one_at_a_time(layout):
        was_running = supervisor_pid(layout) is not None
        try:
            system = start_system(layout, reporter)
            outcome = _main_job(system, reporter) if with_sample else None
        except KeyboardInterrupt:
            if not was_running:
                reporter.say("stopping what was started")
                _stop(layout, reporter)
            raise
        except (NotReady, JobFailed, PackageMissing, StepFailed, RuntimeError) as error:
            reporter.print(f"\n{error}\n")
            fail("up did not finish; ./flsdb status tells what runs, ./flsdb down stops it")
    if outcome is not None:
        _show_outcome(system, outcome, reporter)
        if as_json:
            print(json.dumps(_outcome_object(system, outcome)))
    elif as_json:
        print(json.dumps({"address": system.address, "workers": system.workers}))
    return 0


def down(layout: Layout, *, delete_data: bool) -> int:
    """Stops exactly what was started; data stays unless it is to be deleted."""
    reporter = Reporter()
    with one_at_a_time(layout):
        stopped = _stop(layout, reporter)
        reporter.say(f"stopped {len(stopped)} programs" if stopped else "nothing was running")
        if delete_data:
            for path in data_paths(layout):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            reporter.say("deleted all data, demo accounts, mails and secrets")
    return 0


def data_paths(layout: Layout) -> list[Path]:
    """Returns what exists of a system's data, logs and secrets; what was installed is not data."""
    names = ("postgres", "rabbitmq", "nginx", "mail", "logs", "run")
    files = (layout.ports, layout.secrets, layout.demo, layout.choices)
    paths = [layout.home / name for name in names]
    # As root the servers' data may lie elsewhere.
    paths += [outside_folder(layout.home / "postgres"), *files, *layout.home.glob("sample-*.csv")]
    return [path for path in paths if path.exists()]


def status(layout: Layout) -> int:
    """Shows what runs; 0 if everything wanted does, 3 if nothing is wanted."""
    ports = read_json(layout.ports)
    address = f"http://localhost:{ports['gateway']}" if "gateway" in ports else None
    return looking.show_status(layout, Reporter(), address=address)


def logs(layout: Layout, name: str | None, *, follow: bool) -> int:
    """Shows the end of the logs."""
    return looking.show_logs(layout, name, follow=follow)


def mail(layout: Layout, number: int | None) -> int:
    """Lists mails or shows one."""
    return looking.show_mails(layout, number, Reporter())


def workers(layout: Layout, number: int | None) -> int:
    """Sets how many import workers run, now and at the next start; without a number tells it."""
    reporter = Reporter()
    if number is None:
        reporter.print(str(wanted_workers(layout)))
        return 0
    if not 0 <= number <= MOST_WORKERS:
        fail(f"the number of import workers is 0 to {MOST_WORKERS}")
    with one_at_a_time(layout):
        write_private(layout.choices, {**read_json(layout.choices), "workers": number})
        if supervisor_pid(layout) is None:
            reporter.say(f"{number} import workers from the next ./flsdb up on")
            return 0
        want_changed(load_system(layout, in_use=True))
    reporter.say(f"{number} import workers")
    return 0


def rotate_keys(layout: Layout) -> int:
    """Gives the patients' keys a new master key; the system goes on meanwhile."""
    reporter = Reporter()
    if supervisor_pid(layout) is None:
        fail("the system does not run; ./flsdb up starts it")
    with one_at_a_time(layout):
        try:
            rotating.rotate_keys(layout, reporter)
        except (NotReady, JobFailed) as error:
            reporter.print(f"\n{error}\n")
            fail("the rotation did not finish; run ./flsdb rotate-keys again to go on")
    return 0


def sample(layout: Layout, options: argparse.Namespace) -> int:
    """Writes a synthetic file to standard output or to `--out`, or fills the running system."""
    if options.store is not None:
        return _store(layout, options.store, options.sites)
    code = options.service_code
    if code is None:
        code = str(read_json(layout.demo).get("site_code") or "")
    arguments: dict[str, Any] = {
        "rows": options.rows,
        "seed": options.seed,
        "service_code": code,
        "bad_share": options.bad_share,
        "today": options.today,
    }
    try:
        if options.out:
            with open(options.out, "w", newline="", encoding="utf-8") as file:
                write_rows(file, **arguments)
            print(f"{options.out}: {options.rows} rows", file=sys.stderr)
        else:
            if sys.stdout.isatty():
                print("flsdb: --out FILE writes the rows to a file", file=sys.stderr)
            sys.stdout.reconfigure(newline="", encoding="utf-8")  # type: ignore[union-attr]
            write_rows(sys.stdout, **arguments)
    except BrokenPipeError:
        raise
    except (ValueError, OSError) as error:
        fail(f"no sample was written: {error}")
    return 0


def _store(layout: Layout, rows: int, sites: int) -> int:
    reporter = Reporter()
    if supervisor_pid(layout) is None:
        fail("the system does not run; ./flsdb up starts it")
    system = _system(layout)
    try:
        stocked = fill_store(
            layout,
            f"http://{system.host('gateway')}",
            plan_shares(rows, sites),
            operator=operator_of(system),
            reporter=reporter,
        )
    except (ValueError, StepFailed, JobFailed) as error:
        fail(f"{error}. What was stored stays; the same command goes on")
    lines = [(s.code, s.name, f"{s.before:,}", f"{s.now:,}") for s in stocked]
    reporter.table("Records", ("code", "site", "before>", "now>"), lines)
    reporter.say(f"{sum(s.now for s in stocked):,} records at {len(stocked)} sites")
    return 0


def bench(name: str | None, *, rows: int | None, as_json: bool) -> int:
    """Runs `run(rows)` of `tests/load/bench_<name>.py` and shows the figures it returns.

    Without a name it lists the benchmarks.
    """
    known = benchmarks()
    if name is None:
        Reporter().table("", ("benchmark", "what it measures"), list(known.items()))
        return 0
    if name not in known:
        fail(f"there is no benchmark {name}; there are: {', '.join(known)}")
    module = importlib.import_module(f"tests.load.bench_{name.replace('-', '_')}")
    # Some measure with another number of rows unless told one.
    figures: dict[str, Any] = module.run(rows or getattr(module, "ROWS", BENCH_ROWS))
    if as_json:
        print(json.dumps(figures))
        return 0
    Reporter().table(
        name, ("figure", "value>"), [(key, _figure(value)) for key, value in figures.items()]
    )
    return 0


def _figure(value: Any) -> str:
    return (
        f"{value:,.3g}"
        if isinstance(value, float) and abs(value) < 100
        else (f"{value:,.0f}" if isinstance(value, float) else str(value))
    )


def _system(layout: Layout) -> System:
    return load_system(layout, in_use=True)


def _stop(layout: Layout, reporter: Reporter) -> list[str]:
    stopped = stop_system(layout, say=reporter.say)
    remove_cache(layout.home)
    return stopped


def _main_job(system: System, reporter: Reporter) -> Outcome:
    return run_main_job(
        system.layout,
        f"http://{system.host('gateway')}",
        operator=operator_of(system),
        reporter=reporter,
    )


def _outcome_object(system: System, outcome: Outcome) -> dict[str, Any]:
    imported = outcome.import_object
    return {
        **outcome.ledger,
        "with_warnings": imported["counts"].get("with_warnings"),
        "import_id": imported["import_id"],
        "state": imported["state"],
        "upload_to_applied_seconds": outcome.seconds and round(outcome.seconds, 3),
        "workers": system.workers,
        "address": system.address,
    }


def _show_outcome(system: System, outcome: Outcome, reporter: Reporter) -> None:
    ledger = outcome.ledger
    if outcome.seconds is None:
        reporter.say("the sample is already there: the same bytes are the same import")
    else:
        reporter.say(f"the sample went from upload to applied in {outcome.seconds:.1f} s")
    reporter.print()
    reporter.table(
        "Ledger of the sample",
        [f"{name}>" for name in LEDGER],
        [[f"{n:,}" for n in ledger.values()]],
    )
    rest = sum(ledger.values()) - ledger["received"]
    verdict = "which is exact" if rest == ledger["received"] else "which does NOT add up"
    reporter.print(f"received = new + changed + same + rejected + held, {verdict}.\n")
    reporter.print(f"Open        {system.address}")
    for key, title in (("site_lead", "Site"), ("audit_team", "Audit team")):
        account = outcome.demo[key]
        reporter.print(f"{title:<12}{account['email']}   {account['password']}")
    reporter.print("Codes       ./flsdb code EMAIL prints what an authenticator app would show")
    reporter.print("\nMails that the system sends: ./flsdb mail. To stop it: ./flsdb down")


def check(options: argparse.Namespace) -> int:
    """Checks a file on this machine; no server is needed, nothing is sent."""
    from deploy.local.checking import check_file, copy_name, fail_for

    fail_for(options.file)
    copy = options.out or copy_name(options.file)
    if copy.resolve() == options.file.resolve():
        fail("--out must name another file than the one that is checked")
    return check_file(
        options.file,
        copy,
        mode=options.mode,
        date_order=options.date_order,
        service_code=options.service_code,
    )


def verify(layout: Layout, options: argparse.Namespace) -> int:
    """Says whether a receipt is genuine, by the keys of a file or of a running system."""
    from deploy.local.receipts import keys_of, published_keys, verify_receipt

    address = options.address
    if options.keys is None and address is None:
        if supervisor_pid(layout) is None:
            fail("name the system that issued it with --address, or its keys with --keys")
        address = f"http://{_system(layout).host('gateway')}"
    try:
        keys = published_keys(address) if options.keys is None else keys_of(options.keys)
        known = verify_receipt(options.file, keys)
    except (OSError, ValueError) as error:
        fail(str(error))
    return known
