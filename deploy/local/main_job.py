"""The main job: a demo site's file goes through the whole system, from upload to ledger.

A client of the API, through the gateway like any other; only the first account of the audit team
and the mailed link come from elsewhere (a command of registration, a file below `.local/mail`).
Repeating it finds what is there: the same accounts, the same site, and for the same bytes the same
import.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from deploy.local.asking import expect
from deploy.local.demo_sites import APPLICATION, demo_accounts, end_team_session, lead_session
from deploy.local.layout import Layout
from deploy.local.private_files import write_private
from deploy.local.reporting import Reporter
from deploy.local.sample import write_sample
from deploy.local.signing_in import Operator
from deploy.local.uploading import follow_import, refuse_unapplied, upload_file

SAMPLE_ROWS = 5000
SAMPLE_SEED = 1
LEDGER = ("received", "new", "changed", "same", "rejected", "held")


@dataclass(frozen=True)
class Outcome:
    """What the main job ended with.

    Attributes:
        import_object: The import as the API shows it.
        demo: The demo accounts: `audit_team` and `site_lead`, each with `email` and `password`;
            beside them `site_code`.
        seconds: From the upload's first byte to the last row applied; None if it was there already.
    """

    import_object: dict[str, Any]
    demo: dict[str, Any]
    seconds: float | None

    @property
    def ledger(self) -> dict[str, int]:
        """The six counts; received is the sum of the others."""
        return {name: int(self.import_object["counts"][name] or 0) for name in LEDGER}


def run_main_job(
    layout: Layout,
    base_url: str,
    *,
    operator: Operator,
    reporter: Reporter,
) -> Outcome:
    """Sees that a demo site exists and that its sample is applied.

    Args:
        layout: Where demo accounts, mails and the sample lie.
        base_url: The gateway's address, such as `http://127.0.0.1:8080`.
        operator: Makes the audit team's account, and knows the codes of all.
        reporter: Told each step.

    Raises:
        StepFailed: A step did not work.
    """
    demo = demo_accounts(layout)
    with httpx.Client(base_url=base_url, timeout=60) as client:
        lead = lead_session(
            client,
            layout,
            APPLICATION,
            password=demo["site_lead"]["password"],
            team=demo["audit_team"],
            operator=operator,
            reporter=reporter,
        )
        client.headers["Authorization"] = f"Bearer {lead['session']}"
        code = str(lead["account"]["site"]["code"])
        if demo.get("site_code") != code:
            # `./flsdb sample` writes files that this site can upload.
            demo["site_code"] = code
            write_private(layout.demo, demo)
        sample = write_sample(
            layout.home / f"sample-{code}.csv",
            rows=SAMPLE_ROWS,
            seed=SAMPLE_SEED,
            service_code=code,
        )
        begun = time.monotonic()
        answer, is_new = _upload(client, sample, reporter)
        if answer["state"] != "applied":
            answer = _to_the_end(client, answer, reporter)
        # Sessions are opaque and stored: one that is not ended lives on until it expires.
        client.delete("/api/registration/v1/sessions/current")
        end_team_session(client, operator)
    return Outcome(answer, demo, time.monotonic() - begun if is_new else None)


def _upload(client: httpx.Client, sample: Path, reporter: Reporter) -> tuple[dict[str, Any], bool]:
    """Uploads the file; returns the import, and whether it is a new one."""
    size = sample.stat().st_size
    with reporter.progress(f"uploading {SAMPLE_ROWS:,} rows", size) as show:
        return upload_file(client, sample, confirm="person", show=show)


def _to_the_end(client: httpx.Client, answer: dict[str, Any], reporter: Reporter) -> dict[str, Any]:
    """Follows the check, confirms, follows the apply; returns the applied import."""
    import_id = answer["import_id"]
    answer = _follow(client, import_id, "checking", "rows_checked", ("checked",), reporter)
    if answer["state"] == "checked":
        path = f"/api/imports/v1/imports/{import_id}/confirmation"
        expect(client.post(path, json={}), "confirming", 200, 201, 202, 204)
        answer = _follow(client, import_id, "storing", "rows_applied", (), reporter)
    refuse_unapplied(answer)
    return answer


def _follow(
    client: httpx.Client,
    import_id: str,
    text: str,
    field: str,
    until: tuple[str, ...],
    reporter: Reporter,
) -> dict[str, Any]:
    with reporter.progress(f"{text} {SAMPLE_ROWS:,} rows", SAMPLE_ROWS) as show:
        return follow_import(
            client, import_id, until=until, show=lambda now: show(int(now.get(field) or 0))
        )
