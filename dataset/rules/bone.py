"""V09 to V11 and V22: the bone scan, and measures outside what is likely.

Source: domain notes 1.10 and 5.2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from dataset.derived import age_at
from dataset.fields import FIELD_BY_KEY, FIELDS
from dataset.findings import Finding
from dataset.rules.registry import BOTH, ERROR, WARNING, error, named, rule, warning
from dataset.values import Record

ADULT = 18
_NO = "0"
_YES = "1"
_RECENT = "2"


def _old_scans(
    scanned: Sequence[date | None],
    diagnosed: Sequence[date | None],
    born: Sequence[date | None],
    *,
    today: date,
) -> list[int]:
    del today
    return [
        i
        for i, (s, d, b) in enumerate(zip(scanned, diagnosed, born, strict=True))
        if s and ((d and s < d) or (b and s.year - b.year <= ADULT))
    ]


@rule(
    "V09",
    "dxa_date",
    "date_index_diagnosed",
    "date_of_birth",
    levels=BOTH,
    suspects=_old_scans,
)
def v09_scan_after_diagnosis(record: Record, today: date) -> Iterator[Finding]:
    """A scan before the diagnosis is unlikely; one before the 18th birthday is impossible.

    An older scan is allowed but is no scan after the fracture, so indicators do not count it.

    Source: domain notes 1.10 V09 and 5.2.1 (29 February).
    """
    del today
    scanned_on = record.get("dxa_date")
    if not isinstance(scanned_on, date):
        return
    born_on, diagnosed_on = record.get("date_of_birth"), record.get("date_index_diagnosed")
    if isinstance(born_on, date) and age_at(born_on, scanned_on) < ADULT:
        yield error(
            "V09",
            "dxa_date",
            "The patient was under 18 on the date of the scan (3.03). Check it and the date of "
            "birth (1.02).",
            "date_of_birth",
        )
    elif isinstance(diagnosed_on, date) and scanned_on < diagnosed_on:
        yield warning(
            "V09",
            "dxa_date",
            "The date of the scan (3.03) is before the fracture was diagnosed (1.09). If it is an "
            "older scan, confirm it; otherwise check both dates.",
            "date_index_diagnosed",
        )


def _scans_out_of_place(
    dxa: Sequence[str | None],
    scanned: Sequence[date | None],
    scores: Sequence[Decimal | None],
    *,
    today: date,
) -> list[int]:
    del today
    # A score of zero is false, as None is: it is asked for by `is not None`, CLEAR included.
    return [
        i
        for i, (answer, day, score) in enumerate(zip(dxa, scanned, scores, strict=True))
        if (answer == _NO if day else score is not None)
    ]


@rule("V10", "dxa", "dxa_date", "t_score", levels=ERROR, suspects=_scans_out_of_place)
def v10_scan_as_answered(record: Record, today: date) -> Iterator[Finding]:
    """Without a scan (3.01 is No) there is no date of one, and without a date no T-score.

    Source: domain notes 1.10 V10.
    """
    del today
    scanned = "dxa_date" in record
    if scanned and record.get("dxa") == _NO:
        yield error(
            "V10",
            "dxa_date",
            "The date of a scan (3.03) is given, but 3.01 says that none was ordered. Correct "
            "3.01, or clear the date.",
            "dxa",
        )
    if "t_score" in record and not scanned:
        yield error(
            "V10",
            "t_score",
            "A T-score (3.04) is given without the date of the scan (3.03). Give the date, or "
            "clear the T-score.",
            "dxa_date",
        )


def _reasons_out_of_place(
    dxa: Sequence[str | None], reasons: Sequence[str | None], *, today: date
) -> list[int]:
    del today
    ordered = (_YES, _RECENT)
    return [
        i
        for i, (answer, reason) in enumerate(zip(dxa, reasons, strict=True))
        if (answer in ordered if reason else answer == _NO)
    ]


@rule("V11", "dxa", "dxa_not_ordered", levels=BOTH, suspects=_reasons_out_of_place)
def v11_why_no_scan(record: Record, today: date) -> Iterator[Finding]:
    """If no scan was ordered (3.01 is No), 3.02 says why; if one was, it stays blank.

    Where a recent scan made a new one unnecessary, a reason in 3.02 is unlikely.

    Source: domain notes 1.10 V11 and 5.2.1.
    """
    del today
    answer, has_reason = record.get("dxa"), "dxa_not_ordered" in record
    if answer == _NO and not has_reason:
        yield error(
            "V11",
            "dxa_not_ordered",
            "3.01 says that no scan was ordered, so 3.02 has to say why. Answer 3.02.",
            "dxa",
        )
    elif answer == _YES and has_reason:
        yield error(
            "V11",
            "dxa_not_ordered",
            "3.02 says why there was no scan, but 3.01 says that one was ordered. Correct 3.01, "
            "or clear 3.02.",
            "dxa",
        )
    elif answer == _RECENT and has_reason:
        yield warning(
            "V11",
            "dxa_not_ordered",
            "3.02 says why there was no scan, and 3.01 that a recent one exists. If both are "
            "right, confirm it; otherwise correct 3.01 or clear 3.02.",
            "dxa",
        )


# --- V22: unlikely measures ------------------------------------------------------------------

_LIKELY: dict[str, tuple[Decimal, Decimal]] = {
    field.key: (field.warn_minimum, field.warn_maximum)
    for field in FIELDS
    if field.warn_minimum is not None
    if field.warn_maximum is not None
}


def _unlikely(*columns: Sequence[Decimal | None], today: date) -> Iterable[int]:
    del today
    found: set[int] = set()
    for (low, high), column in zip(_LIKELY.values(), columns, strict=True):
        # Zero is false and passed over: it is likely, where it can be stored at all.
        given = list(filter(None, column))
        if given and not low <= min(given) <= max(given) <= high:
            found.update(
                i for i, number in enumerate(column) if number and not low <= number <= high
            )
    return sorted(found)


@rule("V22", *_LIKELY, levels=WARNING, suspects=_unlikely)
def v22_likely_measures(record: Record, today: date) -> Iterator[Finding]:
    """Height, weight and T-score are expected in the range where nearly all patients are.

    Source: domain notes 1.10 V22, 1.4 and 1.5 (ranges).
    """
    del today
    for key, (low, high) in _LIKELY.items():
        number = record.get(key)
        if isinstance(number, Decimal) and not low <= number <= high:
            unit = f" {FIELD_BY_KEY[key].unit}" if FIELD_BY_KEY[key].unit else ""
            yield warning(
                "V22",
                key,
                f"{named(key)} is unlikely: it is expected from {low} to {high}{unit}. If it is "
                "right, confirm it; otherwise check the number and its unit.",
            )
