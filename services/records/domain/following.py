"""What follows from the answers of a record and is stored beside them, for every door. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dataset.derived import age_at, age_band, outward_postcode
from dataset.values import Value
from dataset.versions import version_for


@dataclass(frozen=True, slots=True)
class Derived:
    """The columns of a record that follow from its answers.

    Attributes:
        dataset_version: None without a date of diagnosis.
        age_at_diagnosis: years; None without date of birth or of diagnosis.
    """

    dataset_version: str | None
    age_at_diagnosis: int | None
    age_band: str | None
    outward_postcode: str | None


def derived_from(born_on: Value, diagnosed_on: Value, postcode: Value) -> Derived:
    """What follows from date of birth, date of diagnosis and postcode.

    >>> derived_from(date(1950, 3, 1), date(2024, 1, 10), "AA1 1AA")
    ... # doctest: +NORMALIZE_WHITESPACE
    Derived(dataset_version='v4', age_at_diagnosis=73, age_band='65-74', outward_postcode='AA1')
    """
    outward = outward_postcode(postcode) if isinstance(postcode, str) else None
    if not isinstance(diagnosed_on, date):
        return Derived(None, None, None, outward)
    version = version_for(diagnosed_on).name
    if not isinstance(born_on, date):
        return Derived(version, None, None, outward)
    age = age_at(born_on, diagnosed_on)
    return Derived(version, age, age_band(age), outward)
