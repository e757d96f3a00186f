"""A synthetic file as a busy service might send it: deterministic, plausible, with some mistakes.

Every patient is invented: NHS numbers are of the 999 range, which is never issued. The same rows,
seed and day give the same file. Used by demonstrations, benchmarks and tests.

Source: domain notes 5.2 (columns) and 6.2 (999 range); shares of answers are ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from random import Random

from dataset.fields import FIELDS, HEADINGS
from dataset.nhs_number import check_digit
from dataset.sample_answers import Answers

FIRST_DIAGNOSIS = date(2022, 1, 1)
_PATIENTS = 1_000_000
_STRIDE = 618_033  # without a common divisor with a million, so that every patient comes once
_AT = {field.key: place for place, field in enumerate(FIELDS)}
_MOST_EPISODES = 3

Row = list[str]


def sample_rows(
    rows: int, seed: int, *, service_code: str, bad_share: float = 0.02, today: date
) -> Iterator[Row]:
    """The headings, then that many rows of texts, one per column of the template.

    About `bad_share` of the rows have an error, of all kinds that files have; about three in a
    hundred more have only a warning. Diagnoses lie between 1 January 2022 and today (both dataset
    versions), dates are written dd/mm/yyyy, answers as codes or labels, as real files mix them.
    Each row has a local identifier of its own. Patients are all different as long as the 999 range
    lasts (909,090); then they come again with another fracture more than a year apart.

    Args:
        rows: how many rows follow the headings.
        seed: another seed gives another file.
        service_code: what stands in the column ServiceCode.
        bad_share: share of rows with an error, 0 to 1.
        today: last possible day of diagnosis; two years after 2022-01-01 or later.

    Raises:
        ValueError: today is too early, or there are too few patients for so many rows.
    """
    days = (today - FIRST_DIAGNOSIS).days
    if days < 2 * 366:
        raise ValueError("today is too early for a sample from 2022 on")
    random = Random(seed)  # noqa: S311 - made-up patients hold no secret, and must come again
    answers = Answers(random, today)
    patients = _patients(random)
    episodes = min(_MOST_EPISODES, days // 366)
    yield list(HEADINGS)
    previous: Row | None = None
    shift = days // episodes
    for number in range(rows):
        index, nhs_number, episode = next(patients)
        if episode >= episodes:
            raise ValueError("there are too few patients for so many rows")
        # A patient's days of diagnosis lie on a circle, episodes evenly apart on it.
        day = (_mixed(index, seed, 1) + episode * shift) % (days + 1)
        row = answers.row(_mixed(index, seed, 2), nhs_number, FIRST_DIAGNOSIS.toordinal() + day)
        row[0] = service_code
        row[1] = f"S{seed % 1000:03d}-{number + 1:07d}"
        if random.random() < bad_share:
            row = _spoiled(row, random, today, previous)
            previous = None
        else:
            previous = row
        yield row


def _patients(random: Random) -> Iterator[tuple[int, str, int]]:
    """Every valid number of the 999 range, well mixed: index, number, how often it came before."""
    index = random.randrange(_PATIENTS)
    episode = 0
    while True:
        for _ in range(_PATIENTS):
            index = (index + _STRIDE) % _PATIENTS
            nine = f"999{index:06d}"
            digit = check_digit(nine)
            # 999 999 9999 is ten equal digits and so no number.
            if digit is not None and index != 999_999:
                yield index, f"{nine}{digit}", episode
        episode += 1


def _mixed(index: int, seed: int, salt: int) -> int:
    """A number that looks random but follows from the patient, so that it is the same next time.

    The steps are those of the finaliser of splitmix64.
    """
    x = (index * 0x9E3779B97F4A7C15 + seed * 0xD1B54A32D192ED03 + salt) & 0xFFFFFFFFFFFFFFFF
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return x ^ (x >> 31)


# --- rows with a mistake ---------------------------------------------------------------------


def _spoiled(row: Row, random: Random, today: date, previous: Row | None) -> Row:
    """The row with one mistake; `previous` is the last row without one, if it may be repeated."""
    return random.choice(_MISTAKES)(row, random, today, previous)


def _put(row: Row, key: str, text: str) -> Row:
    row[_AT[key]] = text
    return row


def _bad_check_digit(row: Row, random: Random, _today: date, _previous: Row | None) -> Row:
    number = row[_AT["nhs_number"]].replace(" ", "")
    wrong = (int(number[-1]) + random.randint(1, 9)) % 10
    return _put(row, "nhs_number", f"{number[:-1]}{wrong}")


def _impossible_date(row: Row, random: Random, _today: date, _previous: Row | None) -> Row:
    key = random.choice(("date_of_birth", "date_fls_contact", "date_index_diagnosed"))
    year = row[_AT[key]][-4:] or "2023"
    return _put(row, key, random.choice(("31/02/", "31/11/", "00/05/", "32/01/")) + year)


def _too_young(row: Row, random: Random, _today: date, _previous: Row | None) -> Row:
    diagnosed_in = int(row[_AT["date_index_diagnosed"]][-4:])
    born_in = diagnosed_in - random.randint(20, 48)
    return _put(row, "date_of_birth", f"15/06/{born_in}")


def _in_the_future(row: Row, random: Random, today: date, _previous: Row | None) -> Row:
    return _put(row, "date_index_diagnosed", f"{random.randint(1, 28):02d}/03/{today.year + 1}")


def _unknown_answer(row: Row, random: Random, _today: date, _previous: Row | None) -> Row:
    key, text = random.choice(
        (
            ("gender", "X"),
            ("site_1", "Hipp"),
            ("site_1", "Skull"),
            ("smoker", "Ex"),
            ("care_home", "N/A"),
            ("therapy_recommended", "Alendronat"),
            ("mobility_pre", "9"),
        )
    )
    return _put(row, key, text)


def _missing_key(row: Row, random: Random, _today: date, _previous: Row | None) -> Row:
    keys = ("nhs_number", "date_of_birth", "gender", "date_index_diagnosed", "site_1")
    return _put(row, random.choice(keys), "")


def _same_again(row: Row, _random: Random, _today: date, previous: Row | None) -> Row:
    """The row before once more, with another weight: neither can be stored (R03)."""
    if previous is None:
        return _put(row, "site_1", "")
    row = list(previous)
    weight = row[_AT["weight_kg"]]
    return _put(row, "weight_kg", "71.5" if weight != "71.5" else "72.5")


def _too_many_cells(row: Row, _random: Random, _today: date, _previous: Row | None) -> Row:
    return [*row, "see letter"]


def _excluding_answers(row: Row, random: Random, _today: date, _previous: Row | None) -> Row:
    text = random.choice(("Alendronate;Informed decline", "1;40", "Denosumab;Don't know"))
    return _put(row, "therapy_recommended", text)


def _scan_that_was_not_ordered(
    row: Row, _random: Random, _today: date, _previous: Row | None
) -> Row:
    _put(row, "dxa", "No")
    _put(row, "dxa_not_ordered", "1")
    return _put(row, "dxa_date", row[_AT["date_index_diagnosed"]])


def _falls_without_assessment(row: Row, random: Random, _today: date, _previous: Row | None) -> Row:
    _put(row, "falls_assessed", random.choice(("No", "")))
    return _put(row, "two_falls", "1")


def _follow_up_without_date(row: Row, _random: Random, _today: date, _previous: Row | None) -> Row:
    _put(row, "fu16_done", "Yes")
    return _put(row, "fu16_date", "")


_MISTAKES: tuple[Callable[[Row, Random, date, Row | None], Row], ...] = (
    _bad_check_digit,
    _impossible_date,
    _too_young,
    _in_the_future,
    _unknown_answer,
    _missing_key,
    _same_again,
    _too_many_cells,
    _excluding_answers,
    _scan_that_was_not_ordered,
    _falls_without_assessment,
    _follow_up_without_date,
)
