"""Prepares the rows of a batch: new ones as they are, the others through the merger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from dataset import store
from dataset.fields import KEY_FIELDS
from dataset.wire import FINE, WARNED, WRONG, WRONG_IF_NEW
from services.records.domain.batches import Batch
from services.records.keys import Keys
from services.records.preparing.beside import Beside
from services.records.preparing.cells import LINE_START
from services.records.preparing.copying import NULL, integer_cell, uuid_cell, words_cell
from services.records.preparing.fresh import fresh_cells
from services.records.preparing.identities import DAY, Identity
from services.records.preparing.merging import Merger
from services.records.preparing.outcomes import Prepared
from services.records.preparing.states import new_states
from services.records.queries.staging import NOTHING_STORED, Match, StoredRecord


class Preparer:
    """Prepares the rows of one import."""

    def __init__(
        self,
        keys: Keys,
        *,
        import_id: UUID,
        mode: str,
        overwrite_unknown: bool,
        today: date,
    ) -> None:
        self._keys = keys
        self._line_start = LINE_START + uuid_cell(import_id)
        self._mode = mode
        self._today = today
        self._merger = Merger(keys, overwrite_unknown=overwrite_unknown, today=today)

    def changing(
        self,
        batch: Batch,
        identity: Identity,
        matches: Mapping[int, Match],
        stored: Mapping[UUID, StoredRecord],
    ) -> frozenset[int]:
        """Numbers of the rows that may change a stored record; asked before they are prepared."""
        known: list[tuple[int, StoredRecord]] = []
        for place, row_number in enumerate(batch.row_numbers):
            match = matches.get(row_number, NOTHING_STORED)
            record = None if match.record_id is None else stored.get(match.record_id)
            if record is not None:
                known.append((place, record))
        if not known:
            return frozenset()
        places = self._merger.places_that_change(batch, identity, known)
        return frozenset(batch.row_numbers[place] for place in places)

    def prepare(
        self,
        done: Prepared,
        batch: Batch,
        identity: Identity,
        matches: Mapping[int, Match],
        stored: Mapping[UUID, StoredRecord],
        beside: Beside,
        clinical: Sequence[bytes],
    ) -> list[bytes]:
        """Decides about each row; returns lines to copy of those to stage.

        Args:
            done: what became of earlier rows of the batch; these are added to it.
            matches: by row number; a row that is missing is about something new.
            stored: the records that the matches name.
            beside: what else the store has to say about the rows.
            clinical: the end of each row's line, as `cells.clinical_lines` makes them.
        """
        cells: list[tuple[bytes, bytes] | None] = [None] * len(batch.row_numbers)
        known: list[tuple[int, StoredRecord]] = []
        unmatched: dict[int, Match] = {}
        incomplete = _without_key_field(batch)
        days = batch.column(DAY)
        done.merged += _judged_as_new(batch, matches, stored)
        for place, row_number in enumerate(batch.row_numbers):
            match = matches.get(row_number, NOTHING_STORED)
            record = None if match.record_id is None else stored.get(match.record_id)
            if row_number in beside.opted_out:
                done.refuse(row_number, store.opted_out_row())
            elif match.record_id is None:
                verdict, missing = batch.verdicts[place], incomplete.get(place)
                if self._wanted(done, row_number, match, verdict, missing) and not _is_locked(
                    done, row_number, beside.locked_year(days[place])
                ):
                    unmatched[place] = match
            elif record is None:  # records are not loaded where rows only add
                done.pass_over(row_number, "M01")
            elif row_number not in beside.changing or not _is_locked(
                done, row_number, beside.locked_year(days[place], record)
            ):
                known.append((place, record))
        states = dict(new_states(done, batch, unmatched, beside, self._today))
        staged = {place: unmatched[place] for place in states}
        fresh = fresh_cells(self._keys, batch, identity, staged)
        for (place, (warns, tokens, state)), more in zip(states.items(), fresh, strict=True):
            cells[place] = (warns, tokens + state + more)
        if known:
            for place, of_row in self._merger.prepare(done, batch, identity, known, beside):
                cells[place] = (of_row[0], b"".join(of_row[1:]))
        lines = self._lines(batch, cells, clinical)
        done.staged += len(lines)
        return lines

    def _wanted(
        self, done: Prepared, row_number: int, match: Match, verdict: int, missing: str | None
    ) -> bool:
        """Whether a row without a record is staged; rejects and counts it if not.

        Args:
            missing: a field without which no record can be.
        """
        outcome, _, reason = match.match.partition(":")
        if outcome == "held" and (verdict == WRONG_IF_NEW and reason != "possible_match"):
            # Which record it is about is not clear, but it is about a stored one.
            done.merged.append(row_number)
            done.unclear.append(row_number)
            return True
        if outcome == "held" and verdict in (FINE, WARNED):
            done.unclear.append(row_number)
            return True
        if self._mode == "update_only" and (outcome == "new" or reason == "R01"):
            done.pass_over(row_number, "M02")
            return False
        if verdict in (WRONG_IF_NEW, WRONG):
            done.reject_as_told()
            return False
        if outcome == "rejected":
            done.reject(row_number, reason, "nhs_number")
            return False
        # imports has checked this; a record without its keys must never be stored.
        if missing is not None:
            done.reject(row_number, "R01", missing)
            return False
        return True

    def _lines(
        self, batch: Batch, cells: Sequence[tuple[bytes, bytes] | None], clinical: Sequence[bytes]
    ) -> list[bytes]:
        """Puts the lines of rows together; a row without cells has none."""
        cleared = batch.cleared if any(batch.cleared) else None
        lines = []
        for place, (own, rest) in enumerate(zip(cells, clinical, strict=True)):
            if own is None:
                continue
            names = NULL if cleared is None else words_cell(cleared[place])
            number = integer_cell(batch.row_numbers[place])
            lines.append(b"".join((self._line_start, number, own[0], names, own[1], rest)))
        return lines


def _judged_as_new(
    batch: Batch, matches: Mapping[int, Match], stored: Mapping[UUID, StoredRecord]
) -> list[int]:
    """Numbers of rows about stored records of which something was found as new records."""
    return [
        row_number
        for place, row_number in enumerate(batch.row_numbers)
        if (batch.verdicts[place] != FINE or batch.acknowledged[place])
        and matches.get(row_number, NOTHING_STORED).record_id in stored
    ]


def _is_locked(done: Prepared, row_number: int, year: int | None) -> bool:
    """Rejects and counts a row that touches a locked year."""
    if year is not None:
        done.refuse(row_number, store.period_locked(year))
    return year is not None


def _without_key_field(batch: Batch) -> dict[int, str]:
    """Places of rows that lack what every record needs -> the first such field."""
    missing: dict[int, str] = {}
    for key_field in KEY_FIELDS:
        column = batch.column(key_field.key)
        if None in column:
            for place, value in enumerate(column):
                if value is None:
                    missing.setdefault(place, key_field.key)
    return missing
