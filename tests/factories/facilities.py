"""A complete answer set, and what registration says about a site."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from services.facilities.handlers import SITE_CHANGED
from services.facilities.schemas import SiteChanged
from services.shared.consumer import Event
from services.shared.envelope import Envelope

COMPLETE = {
    "A1": "RCF",
    "A2": "Airedale fracture liaison service",
    "A3": "1",
    "A4": "1",
    "A5": "Airedale General Hospital",
    "A6": "2019-04",
    "A7": "1",
    "A8": 220000,
    "A9_name": "Sam Example",
    "A9_email": "sam@example.nhs.uk",
}


def make_site_event(site_id: UUID, version: int = 1, **changes: Any) -> Event:
    data = {
        "site_id": str(site_id),
        "code": "AHX",
        "name": "Airedale",
        "kind": "hospital",
        "nation": "england",
        "state": "approved",
        "has_fls": True,
        "patient_audit": True,
        "facilities_audit": True,
        "organisation_codes": [{"scheme": "ods", "code": "RCF", "valid_from": "2020-01-01"}],
        "something_new": 1,
        **changes,
    }
    envelope = Envelope(
        id=uuid4(),
        type=SITE_CHANGED,
        source="registration",
        time=datetime.now(UTC),
        subject=str(site_id),
        content_type="application/json",
        subject_version=version,
        site_id=site_id,
    )
    return Event(envelope, SiteChanged().load(data))
