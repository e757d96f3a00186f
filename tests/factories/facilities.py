"""Complete answer sets, an earlier round's, and what other services say about a site."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from services.facilities.handlers import SITE_CHANGED, SITE_COUNTS_CHANGED
from services.facilities.schemas.events import SiteChanged, SiteCountsChanged
from services.shared.consumer import Event
from services.shared.envelope import Envelope

CONTACT = {"A9_name": "Sam Example", "A9_email": "sam@example.nhs.uk"}

COMPLETE = {
    "A1": "RCF",
    "A2": "Airedale fracture liaison service",
    "A3": "1",
    "A4": "1",
    "A5": "Airedale General Hospital",
    "A6": "2019-04",
    "A7": "1",
    "A8": 220000,
    **CONTACT,
    "B1": 1.5,
    "B2.nurse.6": 1.0,
    "B2.nurse.7": 0.6,
    "B2.administrator.3": 0.5,
    "C1": ["1", "2", "4", "6"],
    "C2": ["0"],
    "D1": ["1", "2"],
    "D2": ["1"],
    "D3": ["1", "2"],
    "D4": ["1", "4"],
    "D5": ["3"],
    "D6": "2",
    "E1": ["1", "2", "4", "5"],
    "E2": "1",
    "E2_weeks": 6,
    "E3": "1",
    "F1": ["1", "3", "4"],
    "F2": "3",
    "G1": "1",
    "G2": ["1"],
    "H1": ["1"],
    "H2": ["1", "2", "3"],
    "I1": "2",
    "J1": "2",
    "J2": "1",
}
"""Every answer that a site with a service must give, and none that is odd."""

SHORT = {"A1": "RCF", "A3": "3", "A4": "1", **CONTACT, "K1": ["2"], "K3": 320}
"""Every answer that a site without a service must give."""

IN_2019 = {
    "A1": "RCF",
    "A2": "Airedale fracture liaison service",
    "A3": "1",
    "A4": "1",
    "A6": "2015-01",
    "A7": "2",
    "A8": 210000,
    **CONTACT,
    "B1": 1.0,
    "B2.nurse.6": 1.0,
    "B2.administrator.3": 0.4,
    "C1": ["1", "4"],
    "D1": ["2"],
    "D2": ["6"],
    "D3": ["1"],
    "D4": ["4"],
    "E1": ["1", "4", "5"],
    "F1": ["1", "3", "7"],
    "F2": "3",
    "G1": "2",
    "G2": ["2"],
    "H1": ["2"],
    "I1": "1",
    "I2": 40,
    "I3": "2",
    "J1": "3",
}
"""What the same site answered in 2019."""


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
        "region": "West Yorkshire",
        "something_new": 1,
        **changes,
    }
    return Event(
        _envelope(SITE_CHANGED, "registration", site_id, version), SiteChanged().load(data)
    )


def make_counts_event(
    site_id: UUID, months: Mapping[str, Mapping[str, int]], version: int = 1
) -> Event:
    """What records says about a site: month of diagnosis -> measure -> records."""
    data = {
        "site_id": str(site_id),
        "months": [{"month": month, "records": 0, **of} for month, of in months.items()],
    }
    envelope = _envelope(SITE_COUNTS_CHANGED, "records", site_id, version)
    return Event(envelope, SiteCountsChanged().load(data))


def _envelope(event: str, source: str, site_id: UUID, version: int) -> Envelope:
    return Envelope(
        id=uuid4(),
        type=event,
        source=source,
        time=datetime.now(UTC),
        subject=str(site_id),
        content_type="application/json",
        subject_version=version,
        site_id=site_id,
    )
