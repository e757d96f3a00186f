"""Registration's own commands, run for whoever operates the system."""

from __future__ import annotations

import argparse
from pathlib import Path

from deploy.local.control import supervisor_pid
from deploy.local.jobs import JobFailed, run_job
from deploy.local.layout import Layout
from deploy.local.reporting import fail
from deploy.local.signing_in import Operator
from deploy.local.system import System, admin_job, code_job, load_system, verify_log_job


def admin_create(layout: Layout, options: argparse.Namespace) -> int:
    """Makes a national account by registration's own command."""
    if supervisor_pid(layout) is None:
        fail("the system does not run; ./flsdb up starts it")
    file = Path(options.password_file).resolve() if options.password_file else None
    job = admin_job(
        load_system(layout, in_use=True), options.email, options.name, file, options.role
    )
    try:
        print(run_job(job, layout.logs).strip())
    except JobFailed as error:
        fail(str(error))
    return 0


def code(layout: Layout, email: str) -> int:
    """Prints the next code of an account, as its authenticator app would."""
    if supervisor_pid(layout) is None:
        fail("the system does not run; ./flsdb up starts it")
    try:
        print(operator_of(load_system(layout, in_use=True)).code_of(email))
    except JobFailed as error:
        fail(str(error).splitlines()[-1])
    return 0


def verify_log(layout: Layout, head: str | None) -> int:
    """Tells whether the log of registration is as it was written."""
    if supervisor_pid(layout) is None:
        fail("the system does not run; ./flsdb up starts it")
    try:
        print(run_job(verify_log_job(load_system(layout, in_use=True), head), layout.logs).strip())
    except JobFailed as error:
        fail(str(error))
    return 0


def operator_of(system: System) -> Operator:
    """Returns what an operator can do, by registration's own commands."""

    def create_admin(email: str, name: str, password_file: Path) -> None:
        run_job(admin_job(system, email, name, password_file), system.layout.logs)

    def code_of(email: str) -> str:
        return run_job(code_job(system, email), system.layout.logs).split()[-1]

    return Operator(create_admin, code_of)
