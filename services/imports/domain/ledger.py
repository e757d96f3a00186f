"""The ledger of an import: received = new + changed + same + rejected + held.

Two parties count. imports counts what never left it (rows rejected here, rows equal to an earlier
one of the file); records counts what it was sent. The sums are never made to fit: if they do not
add up, the import has failed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What records did, or would do, with the rows it was sent."""

    new: int
    changed: int
    same: int
    held: int
    rejected: int

    @property
    def total(self) -> int:
        """All rows of it."""
        return self.new + self.changed + self.same + self.held + self.rejected


@dataclass(frozen=True, slots=True)
class Counts:
    """The ledger as people see it; None where records has not spoken yet.

    Attributes:
        received: rows of the file, blank ones left out; None until the file was read.
        rejected: so far, while rows are still being checked.
        with_warnings: of the rows not rejected, those that have a warning.
    """

    received: int | None
    new: int | None
    changed: int | None
    same: int | None
    held: int | None
    rejected: int
    with_warnings: int


@dataclass(frozen=True, slots=True)
class Own:
    """What imports counted itself.

    Attributes:
        same: rows equal cell for cell to an earlier row of the file.
        rejected: rows with an error of their own.
        sent: rows that went on to records.
    """

    received: int | None
    same: int
    rejected: int
    sent: int
    with_warnings: int

    @property
    def adds_up(self) -> bool:
        """Whether every row of the file is accounted for here."""
        return self.received == self.same + self.rejected + self.sent


def counts_of(own: Own, outcome: Outcome | None) -> Counts:
    """The ledger of both parties together."""
    if outcome is None:
        return Counts(own.received, None, None, None, None, own.rejected, own.with_warnings)
    return Counts(
        received=own.received,
        new=outcome.new,
        changed=outcome.changed,
        same=own.same + outcome.same,
        held=outcome.held,
        rejected=own.rejected + outcome.rejected,
        with_warnings=own.with_warnings,
    )


def adds_up(own: Own, outcome: Outcome) -> bool:
    """Whether the ledger adds up, each party's part and the whole."""
    return own.adds_up and own.sent == outcome.total
