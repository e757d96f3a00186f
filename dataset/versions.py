"""Versions of the dataset, chosen by the date the index fracture was diagnosed (1.09).

Source: domain notes 1.1 and 5.2.1; v3 stands for all versions from 2016 to the end of 2023.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the dataset and the days of diagnosis it holds for (None: no end)."""

    name: str
    valid_from: date
    valid_to: date | None


V3 = Version("v3", date(2016, 1, 1), date(2023, 12, 31))
V4 = Version("v4", date(2024, 1, 1), None)
VERSIONS = (V3, V4)
VERSION_BY_NAME = {version.name: version for version in VERSIONS}


def version_for(diagnosed_on: date) -> Version:
    """The version a fracture diagnosed on that day belongs to.

    A day before the audit began gets the oldest version, so that a form can be drawn; such a
    date is refused by rule V04.

    >>> version_for(date(2023, 12, 31)).name, version_for(date(2024, 1, 1)).name
    ('v3', 'v4')
    """
    return V4 if diagnosed_on >= V4.valid_from else V3
