"""Which parts of the audit a site takes part in.

Source: the audit takes records from sites with a fracture liaison service, and answers about
facilities from all that treat fractures.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Participation:
    """The parts of the audit a site takes part in."""

    patient_audit: bool
    facilities_audit: bool


def participation_of(*, has_fls: bool) -> Participation:
    """Returns what is asked of a site with or without a fracture liaison service.

    >>> participation_of(has_fls=True)
    Participation(patient_audit=True, facilities_audit=True)
    >>> participation_of(has_fls=False)
    Participation(patient_audit=False, facilities_audit=True)
    """
    return Participation(patient_audit=has_fls, facilities_audit=True)
