"""Dates: never the wrong day, never a guess."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset.dates import DateEvidence, Example, infer_date_order, parse_date

DAYS = st.dates(date(1890, 1, 1), date(2030, 12, 31))
ISO_FORMS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d 00:00:00.000",
    "%Y-%m-%dT00:00:00Z",
)
NAMED_FORMS = ("%d %B %Y", "%d-%b-%Y", "%B %d, %Y", "%d/%b/%Y")
DMY_FORMS = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y 00:00")
MDY_FORMS = ("%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y", "%m/%d/%Y 12:00:00 AM")


def unpadded(day: date, order: str) -> str:
    parts = (day.day, day.month) if order == "dmy" else (day.month, day.day)
    return f"{parts[0]}/{parts[1]}/{day.year}"


@given(DAYS, st.sampled_from(ISO_FORMS + NAMED_FORMS), st.sampled_from(["iso", "dmy", "mdy"]))
def test_what_has_one_meaning_is_that_day_in_every_order(day, form, order) -> None:
    assert parse_date(day.strftime(form), order) == day
    assert parse_date(day.strftime(form).lower(), order) == day


@given(DAYS, st.sampled_from(DMY_FORMS), st.sampled_from(MDY_FORMS))
def test_numbers_are_read_in_the_order_of_the_column(day, dmy, mdy) -> None:
    assert parse_date(day.strftime(dmy), "dmy") == day
    assert parse_date(unpadded(day, "dmy"), "dmy") == day
    assert parse_date(day.strftime(mdy), "mdy") == day
    assert parse_date(unpadded(day, "mdy"), "mdy") == day
    assert parse_date(day.strftime(dmy), "iso") == "order"


@given(DAYS, st.sampled_from(DMY_FORMS))
def test_the_other_order_never_gives_a_wrong_day_silently(day, form) -> None:
    found = parse_date(day.strftime(form), "mdy")
    if day.day > 12:
        assert found == "order"
    else:
        assert found == date(day.year, day.day, day.month)
    verdict = infer_date_order([day.strftime(form)]).verdict()
    assert verdict == ("ambiguous" if day.day <= 12 and day.day != day.month else "dmy")


@pytest.mark.parametrize(
    ("text", "order", "reason"),
    [
        ("31/02/2024", "dmy", "impossible"),
        ("29/02/2023", "dmy", "impossible"),
        ("00/01/2024", "dmy", "impossible"),
        ("2024-02-30", "iso", "impossible"),
        ("2024-13-01", "iso", "impossible"),
        ("30 February 2024", "dmy", "impossible"),
        ("13/04/2024", "mdy", "order"),
        ("04/13/2024", "dmy", "order"),
        ("01/02/24", "dmy", "short year"),
        ("1-Feb-24", "dmy", "short year"),
        ("45321", "dmy", "serial"),
        ("45321.0", "iso", "serial"),
        ("20240131", "iso", "serial"),
        ("01/02-2024", "dmy", "other"),
        ("yesterday", "dmy", "other"),
        ("5 Foo 2024", "dmy", "other"),
        ("Q" * 50_000, "dmy", "other"),
        ("01/01/0024", "dmy", "year"),
        ("2024-06-30T23:30:00Z", "iso", "zone"),
        ("2024-06-30T00:30:00+01:00", "iso", "zone"),
        ("2024-06-30T12:00:00-05:00", "iso", "zone"),
        ("\u0660\u0661/\u0660\u0662/2024", "dmy", "other"),
        ("1_/02/2024", "dmy", "other"),
    ],
)
def test_a_text_that_is_no_date_says_why(text, order, reason) -> None:
    assert parse_date(text, order) == reason


@pytest.mark.parametrize(
    ("texts", "verdict", "shown"),
    [
        ([], "empty", []),
        (["", "  ", "n/a", "45321"], "empty", []),
        (["2024-01-31", "", "2024-02-01"], "iso", [(0, "2024-01-31")]),
        (["03/04/2024", "25/12/2023"], "dmy", [(1, "25/12/2023")]),
        (["03/04/2024", "12/25/2023"], "mdy", [(1, "12/25/2023")]),
        (["03/04/2024", "05/06/2023"], "ambiguous", [(0, "03/04/2024")]),
        (["13/04/2024", "", "04/13/2024"], "contradictory", [(0, "13/04/2024"), (2, "04/13/2024")]),
        (["04/13/2024", "13/04/2024"], "contradictory", [(0, "04/13/2024"), (1, "13/04/2024")]),
        (["2024-01-31", "25/12/2023"], "ambiguous", [(0, "2024-01-31"), (1, "25/12/2023")]),
        (["1 May 2024", "2 May 2024"], "dmy", [(0, "1 May 2024")]),
        (["1 May 2024", "02/03/2024"], "ambiguous", [(0, "1 May 2024"), (1, "02/03/2024")]),
        (["1 May 2024", "22/03/2024"], "dmy", [(0, "1 May 2024"), (1, "22/03/2024")]),
        (["05/05/2024", "06/06/2024"], "dmy", [(0, "05/05/2024")]),
        # an impossible date proves nothing
        (["03/04/2024", "31/02/2024"], "ambiguous", [(0, "03/04/2024")]),
        (["03/04/2024", "25/12/2023", "31/02/2024"], "dmy", [(1, "25/12/2023")]),
        (["01/02/24", "25/12/23"], "empty", []),
        (['="25/12/2023"', "03/04/2024"], "dmy", [(0, '="25/12/2023"')]),
    ],
)
def test_a_column_is_judged_as_a_whole(texts, verdict, shown) -> None:
    evidence = infer_date_order(texts)
    assert evidence.verdict() == verdict
    assert evidence.examples() == tuple(Example(*example) for example in shown)


@given(
    st.lists(st.tuples(DAYS, st.sampled_from(DMY_FORMS + MDY_FORMS + ISO_FORMS)), max_size=10),
    st.integers(1, 4),
)
def test_parts_of_a_column_give_the_verdict_of_the_whole(cells, size) -> None:
    texts = [day.strftime(form) for day, form in cells]
    whole = infer_date_order(texts)
    parts = DateEvidence()
    for start in range(0, len(texts), size):
        parts.add_many(texts[start : start + size])
    one_by_one = DateEvidence()
    for text in texts:
        one_by_one.add(text)
    for evidence in (parts, one_by_one):
        assert evidence.verdict() == whole.verdict()
        assert evidence.examples() == whole.examples()
        assert evidence.seen == len(texts)


@given(st.lists(DAYS, min_size=1), st.sampled_from(DMY_FORMS))
def test_a_settled_column_gives_back_every_day(days, form) -> None:
    texts = [day.strftime(form) for day in days]
    verdict = infer_date_order(texts).verdict()
    assert verdict in ("dmy", "ambiguous")
    if verdict == "dmy":
        assert [parse_date(text, "dmy") for text in texts] == days


def test_evidence_of_a_long_column_stays_small() -> None:
    evidence = DateEvidence()
    first = date(1700, 1, 1)
    evidence.add_many(str(first + timedelta(days=n)) for n in range(120_000))
    assert evidence.verdict() == "iso"
    assert len(evidence._known) <= 50_002
