"""V05 to V08 and V21: dates of the way from fracture to assessment, of the future, and of death.

Source: domain notes 1.10 and 5.2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import compress, count

from dataset.fields import FIELDS
from dataset.findings import Finding
from dataset.rules.registry import BOTH, ERROR, WARNING, error, named, rule, warning
from dataset.values import Record

Days = Sequence[date | None]

YEAR = timedelta(days=365)
_NONE = timedelta(0)

# --- V05: dates that cannot be yet ----------------------------------------------------------

_OTHER_DATES = tuple(
    field.key for field in FIELDS if field.kind == "date" and field.key != "date_index_diagnosed"
)


def _any_future(*columns: Days, today: date) -> Iterable[int]:
    found: set[int] = set()
    for column in columns:
        # Most columns hold no future date at all, which one look at their latest tells.
        if max(filter(None, column), default=today) > today:
            found.update(i for i, day in enumerate(column) if day and day > today)
    return sorted(found)


@rule("V05", *_OTHER_DATES, levels=ERROR, suspects=_any_future)
def v05_no_date_in_the_future(record: Record, today: date) -> Iterator[Finding]:
    """No date lies after today; V04 speaks of the date of diagnosis.

    Source: domain notes 1.10 V05 and 5.2.1.
    """
    for key in _OTHER_DATES:
        day = record.get(key)
        if isinstance(day, date) and day > today:
            yield error("V05", key, f"{named(key)} is in the future. Check day, month and year.")


# --- V06 to V08: contact and assessment ------------------------------------------------------


def _early_assessments(assessed: Days, contact: Days, diagnosed: Days, *, today: date) -> list[int]:
    del today
    return [
        i
        for i, (a, c, d) in enumerate(zip(assessed, contact, diagnosed, strict=True))
        if a and ((d and a < d) or (c and a < c))
    ]


@rule(
    "V06",
    "date_fls_assessment",
    "date_fls_contact",
    "date_index_diagnosed",
    levels=BOTH,
    suspects=_early_assessments,
)
def v06_assessed_after_diagnosis_and_contact(record: Record, today: date) -> Iterator[Finding]:
    """The assessment is not before the diagnosis; before the first contact it is unlikely.

    Source: domain notes 1.10 V06.
    """
    del today
    assessed_on = record.get("date_fls_assessment")
    if not isinstance(assessed_on, date):
        return
    diagnosed_on, contact_on = record.get("date_index_diagnosed"), record.get("date_fls_contact")
    if isinstance(diagnosed_on, date) and assessed_on < diagnosed_on:
        yield error(
            "V06",
            "date_fls_assessment",
            "The FLS assessment (1.07) is before the fracture was diagnosed (1.09). Check both "
            "dates.",
            "date_index_diagnosed",
        )
    if isinstance(contact_on, date) and assessed_on < contact_on:
        yield warning(
            "V06",
            "date_fls_assessment",
            "The FLS assessment (1.07) is before the first contact (1.06). If that is right, "
            "confirm it; otherwise check both dates.",
            "date_fls_contact",
        )


def _odd_contacts(contact: Days, diagnosed: Days, *, today: date) -> list[int]:
    del today
    return [
        i
        for i, (c, d) in enumerate(zip(contact, diagnosed, strict=True))
        if c and d and not _NONE <= c - d <= YEAR
    ]


@rule("V07", "date_fls_contact", "date_index_diagnosed", levels=WARNING, suspects=_odd_contacts)
def v07_contact_in_the_year_after_diagnosis(record: Record, today: date) -> Iterator[Finding]:
    """The first contact is expected on the day of the diagnosis or within 365 days after it.

    Source: domain notes 1.10 V07.
    """
    del today
    contact_on, diagnosed_on = record.get("date_fls_contact"), record.get("date_index_diagnosed")
    if not isinstance(contact_on, date) or not isinstance(diagnosed_on, date):
        return
    if contact_on < diagnosed_on:
        yield warning(
            "V07",
            "date_fls_contact",
            "The first contact (1.06) is before the fracture was diagnosed (1.09). If that is "
            "right, confirm it; otherwise check both dates.",
            "date_index_diagnosed",
        )
    elif contact_on - diagnosed_on > YEAR:
        yield warning(
            "V07",
            "date_fls_contact",
            "The first contact (1.06) is more than a year after the fracture was diagnosed "
            "(1.09). If that is right, confirm it; otherwise check both dates.",
            "date_index_diagnosed",
        )


def _late_assessments(assessed: Days, diagnosed: Days, *, today: date) -> list[int]:
    del today
    return [
        i
        for i, (a, d) in enumerate(zip(assessed, diagnosed, strict=True))
        if a and d and a.year > d.year and a - d > YEAR
    ]


@rule(
    "V08", "date_fls_assessment", "date_index_diagnosed", levels=WARNING, suspects=_late_assessments
)
def v08_assessed_in_the_year_after_diagnosis(record: Record, today: date) -> Iterator[Finding]:
    """The assessment is expected within 365 days after the diagnosis.

    Source: domain notes 1.10 V08.
    """
    del today
    assessed_on, diagnosed_on = (
        record.get("date_fls_assessment"),
        record.get("date_index_diagnosed"),
    )
    if not isinstance(assessed_on, date) or not isinstance(diagnosed_on, date):
        return
    if assessed_on - diagnosed_on > YEAR:
        yield warning(
            "V08",
            "date_fls_assessment",
            "The FLS assessment (1.07) is more than a year after the fracture was diagnosed "
            "(1.09). If that is right, confirm it; otherwise check both dates.",
            "date_index_diagnosed",
        )


# --- V21: nothing happens after death --------------------------------------------------------

_EVENTS = (
    "date_fls_contact",
    "date_fls_assessment",
    "date_index_diagnosed",
    "dxa_date",
    "fu16_date",
    "fu52_date",
    "refracture_1_on",
    "refracture_2_on",
    "refracture_3_on",
)


def _active_when_dead(died: Days, *events: Days, today: date) -> list[int]:
    del today
    return [
        i
        for i, last in zip(compress(count(), died), filter(None, died), strict=True)
        if last and any(day > last for column in events if (day := column[i]))
    ]


@rule("V21", "date_of_death", *_EVENTS, levels=ERROR, suspects=_active_when_dead)
def v21_nothing_after_death(record: Record, today: date) -> Iterator[Finding]:
    """Nothing that is recorded happened after the date of death.

    Source: domain notes 1.10 V21.
    """
    del today
    died_on = record.get("date_of_death")
    if not isinstance(died_on, date):
        return
    for key in _EVENTS:
        day = record.get(key)
        if isinstance(day, date) and day > died_on:
            yield error(
                "V21",
                key,
                f"{named(key)} is after the date of death. Check both dates.",
                "date_of_death",
            )
