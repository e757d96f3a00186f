"""The answers of one invented patient, as texts of a file. Used by `dataset.sample` alone.

A row keeps to the audit's logic: follow-ups only once their window has passed, falls questions
only after an assessment, a T-score only with a scan. About three rows in a hundred have something
unlikely, which is a warning: an older scan, two drugs at once, a drug started late, the same site
twice. Shares are ours, near those of public reports.
"""

from __future__ import annotations

from datetime import date
from random import Random

from dataset.derived import FIRST_OVERDUE_DAYS, SECOND_OVERDUE_DAYS

_FIRST_DAY = date(1900, 1, 1).toordinal()
_V4_FROM = date(2024, 1, 1).toordinal()
_YOUNGEST_BORN = date(1971, 12, 1).toordinal()

_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
# Areas that exist, with districts from 50 to 69, which none of them has: nobody lives there.
_AREAS = ("BA", "CB", "DL", "DT", "EX", "HR", "HU", "LD", "LN", "TA", "TQ", "WR")


def _spread(*shares: tuple[str, int]) -> tuple[str, ...]:
    """A hundred texts with these shares in per cent, so that one index draws one."""
    spread = tuple(text for text, share in shares for _ in range(share))
    if len(spread) != 100:
        raise ValueError("shares must add up to 100")
    return spread


_GENDER = _spread(("Female", 71), ("2", 4), ("Male", 22), ("1", 2), ("U", 1))
_CARE_HOME = _spread(("0", 85), ("1", 11), ("U", 4))
_ADMITTED = _spread(("0", 58), ("1", 37), ("2", 3), ("U", 2))
_TYPE = _spread(("Clinical", 88), ("Radiological", 10), ("Don\u2019t know", 2))
_SITE = _spread(
    ("Hip", 24),
    ("Spine", 17),
    ("Wrist", 27),
    ("Humerus", 12),
    ("Pelvis", 5),
    ("Other", 13),
    ("1", 2),
)
_SITE_V3 = _spread(("Hip", 28), ("Spine", 18), ("Non hip/non spine", 54))
_NO_YES = _spread(("0", 72), ("1", 22), ("U", 6))
_NO_YES_LETTERS = _spread(("N", 64), ("Y", 30), ("U", 6))
_NO_YES_WORDS = _spread(("No", 80), ("Yes", 12), ("Don't know", 8))
_AT_FRACTURE = _spread(
    ("None", 81), ("Alendronate", 8), ("Risedronate", 3), ("Denosumab", 2), ("HRT", 2), ("U", 4)
)
_DXA = _spread(("Yes", 52), ("No", 38), ("2", 6), ("U", 4))
_NO_DXA = _spread(("1", 55), ("3", 18), ("4", 12), ("5", 3), ("6", 7), ("9", 5))
_RISK = _spread(("1", 42), ("2", 27), ("3", 12), ("0", 13), ("U", 6))
_RECOMMENDED = _spread(
    ("Alendronate", 34),
    ("Zoledronate", 12),
    ("Risedronate", 7),
    ("Denosumab", 4),
    ("Romosozumab", 1),
    ("Alendronate;Alfacalcidol", 1),
    ("Referred to GP to decide prescription", 8),
    ("Referred for further clinical opinion", 5),
    ("Inappropriate", 19),
    ("Informed decline", 5),
    ("Don't know", 4),
)
_SUPPLEMENT = _spread(("1", 58), ("2", 17), ("0", 12), ("4", 10), ("U", 3))
_FALLS = _spread(("Yes", 58), ("No", 24), ("2", 10), ("3", 4), ("4", 2), ("U", 2))
_MOBILITY = _spread(("1", 55), ("2", 20), ("3", 14), ("4", 6), ("5", 2), ("U", 3))
_CARDIAC = _spread(("0", 60), ("1", 9), ("2", 26), ("U", 5))
_REFERRALS = _spread(
    ("0", 55), ("1", 15), ("2", 12), ("1;2", 7), ("3", 4), ("2;3;8", 3), ("4", 2), ("10", 2)
)
_DONE_16 = _spread(("Yes", 58), ("No", 24), ("2", 4), ("3", 4), ("4", 7), ("5", 3))
_DONE_52 = _spread(("Yes", 46), ("No", 30), ("2", 6), ("3", 5), ("4", 9), ("5", 4))
_BY = _spread(("FLS", 86), ("2", 11), ("3", 3))
_STARTED = _spread(("1", 66), ("0", 20), ("2", 10), ("U", 4))
_TAKEN_16 = _spread(
    ("Alendronate", 44),
    ("Zoledronate", 14),
    ("Risedronate", 9),
    ("Denosumab", 5),
    ("Not started", 16),
    ("Informed decline", 6),
    ("No longer appropriate", 3),
    ("Don't know", 3),
)
_TAKEN_52 = _spread(
    ("Alendronate", 40),
    ("Zoledronate", 14),
    ("Risedronate", 9),
    ("Denosumab", 5),
    ("Not started", 12),
    ("Stopped by patient", 9),
    ("Informed decline", 5),
    ("Don't know", 6),
)
_EXERCISE = _spread(("1", 38), ("0", 40), ("2", 13), ("3", 6), ("U", 3))
_NO_DRUG = frozenset({"Inappropriate", "Informed decline", "Don't know"})


class Answers:
    """Draws rows of texts; the patient's own data follow from a seed of the patient.

    Args:
        random: source of all that may differ between two rows of a patient.
        today: no text of a row speaks of a later day.
    """

    def __init__(self, random: Random, today: date) -> None:
        self._draw = random.random
        self._today = today.toordinal()
        self._day_texts = [
            f"{day.day:02d}/{day.month:02d}/{day.year}"
            for day in map(date.fromordinal, range(_FIRST_DAY, self._today + 1))
        ]

    def row(self, patient: int, nhs_number: str, diagnosed: int) -> list[str]:
        """One row in template order; the first two cells are left to the caller.

        Args:
            patient: a random number of the patient.
            nhs_number: ten digits.
            diagnosed: day of diagnosis (1.09), as an ordinal.
        """
        row = ["", "", *self._who(patient, nhs_number), *self._episode(diagnosed)]
        row += self._risk()
        row += self._bone(diagnosed)
        recommended = _RECOMMENDED[int(self._draw() * 100)]
        row += (recommended, _SUPPLEMENT[int(self._draw() * 100)])
        row += self._falls()
        row += self._first_follow_up(diagnosed, recommended)
        died, taken = row[-6] == "2", row[-2]
        row += self._second_follow_up(diagnosed, recommended, taken, died)
        # Later than contact, assessment and scan, which lie within 100 days.
        row.append(self._day(diagnosed + 102 + patient % 10) if died else "")
        return row

    def _day(self, ordinal: int) -> str:
        """The day as a text, blank if it is still to come."""
        return self._day_texts[ordinal - _FIRST_DAY] if ordinal <= self._today else ""

    def _pick(self, *spreads: tuple[str, ...]) -> list[str]:
        draw = self._draw
        return [spread[int(draw() * 100)] for spread in spreads]

    def _who(self, patient: int, nhs_number: str) -> tuple[str, ...]:
        """1.01 to 1.04. Ages are bell-shaped around 77 by the sum of three even numbers."""
        years = 19_000 * ((patient & 255) + (patient >> 8 & 255) + (patient >> 16 & 255)) // 765
        born = _YOUNGEST_BORN - years
        number = nhs_number
        if patient % 5 == 0:
            number = f"{number[:3]} {number[3:6]} {number[6:]}"
        one, two = patient >> 24 & 15, patient >> 28 & 15
        inward = f"{patient >> 32 & 7}{_LETTERS[one]}{_LETTERS[two]}"
        postcode = f"{_AREAS[(patient >> 36) % 12]}{50 + (patient >> 44) % 20} {inward}"
        return number, self._day(born), _GENDER[(patient >> 40) % 100], postcode

    def _episode(self, diagnosed: int) -> list[str]:
        """1.05 to 1.13."""
        draw = self._draw
        contact = diagnosed + int(draw() * draw() * 60)
        assessed = contact + int(draw() * 40) if draw() < 0.83 else 0
        old = diagnosed < _V4_FROM and draw() < 0.4
        care_home, admitted, kind, site, second = self._pick(
            _CARE_HOME, _ADMITTED, _TYPE, _SITE_V3 if old else _SITE, _SITE
        )
        chance = draw()
        if chance < 0.006:
            second = site  # a warning, unless it is the spine
        elif chance > 0.07 or second == site:
            second = ""
        return [
            care_home,
            self._day(contact),
            self._day(assessed) if assessed else "",
            admitted,
            self._day(diagnosed),
            kind,
            site,
            second,
            "",
        ]

    def _risk(self) -> list[str]:
        """2.01 to 2.06."""
        draw = self._draw
        height = str(146 + int(40 * draw())) if draw() < 0.7 else ""
        weight = f"{45 + int(500 * draw()) / 10:.1f}" if draw() < 0.7 else ""
        return [
            height,
            weight,
            *self._pick(_NO_YES_WORDS, _NO_YES_WORDS, _NO_YES_LETTERS, _AT_FRACTURE),
        ]

    def _bone(self, diagnosed: int) -> list[str]:
        """3.01 to 3.05."""
        draw = self._draw
        dxa, why_not, risk = self._pick(_DXA, _NO_DXA, _RISK)
        scanned, score = "", ""
        if dxa == "No":
            return [dxa, why_not, scanned, score, risk]
        if dxa == "Yes" and draw() < 0.75:
            scanned = self._day(diagnosed + 10 + int(draw() * 90))
        elif dxa == "2" and draw() < 0.15:
            scanned = self._day(diagnosed - int(draw() * 500))  # a warning, unless the same day
        if scanned:
            score = f"{-4.5 + 5 * (draw() + draw()) / 2:.1f}"
        return [dxa, "", scanned, score, risk]

    def _falls(self) -> list[str]:
        """5.01 to 5.10."""
        assessed, referrals = self._pick(_FALLS, _REFERRALS)
        if assessed != "Yes":
            return [assessed, *[""] * 8, referrals if assessed == "2" else "0"]
        answers = self._pick(
            _NO_YES, _NO_YES, _NO_YES, _MOBILITY, _NO_YES, _NO_YES, _CARDIAC, _NO_YES
        )
        return [assessed, *answers, referrals]

    def _first_follow_up(self, diagnosed: int, recommended: str) -> list[str]:
        """6.01 to 6.06, blank until the window has passed."""
        if diagnosed + FIRST_OVERDUE_DAYS > self._today:
            return [""] * 6
        done = _DONE_16[int(self._draw() * 100)]
        if done != "Yes":
            return [done, "", "", "", "", ""]
        by, started, taken, exercise = self._pick(_BY, _STARTED, _TAKEN_16, _EXERCISE)
        if recommended in _NO_DRUG:
            taken = "Not started"
        on = self._day(diagnosed + 86 + int(self._draw() * 26))
        return [done, on, by, started, taken, exercise]

    def _second_follow_up(
        self, diagnosed: int, recommended: str, taken_first: str, died: bool
    ) -> list[str]:
        """7.01 to 7.09, blank until the window has passed."""
        if diagnosed + SECOND_OVERDUE_DAYS > self._today:
            return [""] * 12
        draw = self._draw
        done = "2" if died else _DONE_52[int(draw() * 100)]
        # Who dies between the follow-ups is said in 7.01; the day is not known to the service.
        if done != "Yes":
            return [done, *[""] * 11]
        by, taking, taken = self._pick(_BY, _STARTED, _TAKEN_52)
        late = draw() < 0.1  # a drug that was not started before is a warning
        if recommended in _NO_DRUG or (taken_first == "Not started" and not late):
            taken = "Not started"
        on = diagnosed + 338 + int(draw() * 54)
        again = ["0", "", "", "", "", "", ""]
        if draw() < 0.04:
            site = _SITE[int(draw() * 100)]
            again = ["1", site, self._day(diagnosed + 30 + int(draw() * 290)), "", "", "", ""]
        return [done, self._day(on), by, taking, taken, *again]
