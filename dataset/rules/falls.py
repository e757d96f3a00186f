"""V14: the falls assessment.

Source: domain notes 1.10 and 5.2.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from dataset.fields import FIELD_BY_KEY, FIELDS
from dataset.findings import Finding
from dataset.rules.registry import ERROR, error, rule
from dataset.values import Record

_YES = "1"
_ASKED = tuple(
    field.key for field in FIELDS if field.asked_if and field.asked_if.keys == ("falls_assessed",)
)


def _answers_unasked(
    assessed: Sequence[str | None], *answers: Sequence[str | None], today: date
) -> list[int]:
    del today
    unasked = [i for i, answer in enumerate(assessed) if answer != _YES]
    found: set[int] = set()
    for column in answers:
        if any(map(column.__getitem__, unasked)):
            found.update(i for i in unasked if column[i])
    return sorted(found)


@rule("V14", "falls_assessed", *_ASKED, levels=ERROR, suspects=_answers_unasked)
def v14_falls_answers_belong_to_an_assessment(record: Record, today: date) -> Iterator[Finding]:
    """Questions 5.02 to 5.09 are answered only if the FLS assessed the risk of falling (5.01).

    Any answer counts, No and Don't know included.

    Source: domain notes 1.10 V14 and 5.2.1.
    """
    del today
    if record.get("falls_assessed") == _YES:
        return
    given = [key for key in _ASKED if key in record]
    if not given:
        return
    numbers = ", ".join(FIELD_BY_KEY[key].no for key in given)
    verb = "is" if len(given) == 1 else "are"
    mend = (
        "5.01 is not Yes. Correct 5.01, or clear the others."
        if "falls_assessed" in record
        else "5.01 is blank. Answer 5.01."
    )
    yield error("V14", "falls_assessed", f"{numbers} {verb} answered, but {mend}", *given)
