"""Runs a command once, to its end: migrations and the like, with its output in a log of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.local.layout import ROOT
from deploy.local.programs import base_environment


@dataclass(frozen=True)
class Job:
    """One command that runs to its end: a Python module of this repository with its arguments."""

    name: str
    module: str
    env: Mapping[str, str]
    arguments: Sequence[str] = ()
    is_logged: bool = True


class JobFailed(Exception):
    """A job ended with an error; the text has the last lines it printed."""


def run_job(job: Job, logs: Path) -> str:
    """Runs one job and returns what it printed.

    Raises:
        JobFailed: It ended with another code than 0.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", job.module, *job.arguments],
        cwd=ROOT,
        env=base_environment() | dict(job.env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate()
    except BaseException:
        _end(process)
        raise
    if job.is_logged:
        (logs / f"job-{job.name}.log").write_text(output)
    if process.returncode != 0:
        tail = "\n".join(output.strip().splitlines()[-8:])
        raise JobFailed(f"{job.name} failed (code {process.returncode}):\n{tail}")
    return output


def run_jobs(jobs: Sequence[Job], logs: Path) -> None:
    """Runs jobs that do not need each other at the same time.

    Raises:
        JobFailed: One failed; the others have ended too by then.
    """
    with ThreadPoolExecutor(max_workers=4) as pool:
        for result in [pool.submit(run_job, job, logs) for job in jobs]:
            result.result()


def _end(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
