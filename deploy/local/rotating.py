"""`rotate-keys`: a new master key for patients' keys. Stopped, it goes on at the next run."""

from __future__ import annotations

from deploy.local.jobs import run_job
from deploy.local.layout import Layout
from deploy.local.private_files import read_json, write_private
from deploy.local.reporting import Reporter
from deploy.local.starting import restart_changed
from deploy.local.system import load_system, rotation_job
from deploy.secrets import with_current_key_alone, with_new_key


def rotate_keys(layout: Layout, reporter: Reporter) -> None:
    """Makes a new master key, wraps all keys with it, and forgets the old one.

    The secrets tell how far an earlier run has come: with two keys in them it had begun.

    Raises:
        NotReady: A process does not come up with the new settings.
        JobFailed: The wrapping stopped; what it has done stays done.
    """
    kept = read_json(layout.secrets)
    key_sets = kept["services"]["master_keys"]
    if len(key_sets["records"]["keys"]) == 1:
        key_sets["records"] = with_new_key(key_sets["records"])
        write_private(layout.secrets, kept)
        reporter.say(f"a new master key: {key_sets['records']['current']}")
    else:
        reporter.say(f"going on with {key_sets['records']['current']}, which was made before")
    # All processes know both keys before anything is wrapped with the new one alone.
    system = load_system(layout, in_use=True)
    restart_changed(system, reporter)
    reporter.say(run_job(rotation_job(system), layout.logs).strip().splitlines()[-1])
    key_sets["records"] = with_current_key_alone(key_sets["records"])
    write_private(layout.secrets, kept)
    restart_changed(load_system(layout, in_use=True), reporter)
    reporter.say("the old master key is forgotten")
