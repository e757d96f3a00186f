"""The four services as the pages see them: a class each, answers as plain dicts.

What a service refuses comes back as the error it raised there (`services.shared.errors`); one that
does not answer is `Unavailable`. Nothing outside this folder speaks HTTP to a service.
"""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from gateway.clients.facilities import Facilities
from gateway.clients.imports import Imports
from gateway.clients.records import Records
from gateway.clients.registration import Registration
from gateway.clients.service import PassingOn

__all__ = ["Clients", "Facilities", "Imports", "Records", "Registration", "connect"]


@dataclass(frozen=True)
class Clients:
    """All four, as the views get them from `services.shared.web.app_state()`."""

    registration: Registration
    records: Records
    imports: Imports
    facilities: Facilities


def connect(
    *,
    registration_url: str,
    records_url: str,
    imports_url: str,
    facilities_url: str,
    passing_on: PassingOn,
    transport: httpx.BaseTransport | None = None,
) -> Clients:
    """Makes the clients; connections are opened when first needed, so after a fork.

    Args:
        passing_on: the headers of the request being answered that travel on.
        transport: stands in for the network in tests.
    """
    return Clients(
        registration=Registration("registration", registration_url, passing_on, transport),
        records=Records("records", records_url, passing_on, transport),
        imports=Imports("imports", imports_url, passing_on, transport),
        facilities=Facilities("facilities", facilities_url, passing_on, transport),
    )
