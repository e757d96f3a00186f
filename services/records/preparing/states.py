"""The state that a row gives its record, and the acknowledgements that will then hold.

V20 is no part of it: whether two records are near each other is decided when rows are stored.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date

from dataset.engine import check_columns
from dataset.fields import KEY_FIELDS
from dataset.findings import Finding, is_error
from dataset.states import asks_to_confirm, own_state, remaining, token_of, unacknowledged
from dataset.values import Record
from dataset.wire import FINE, WARNED, column_from_wire
from services.records.domain.batches import Batch
from services.records.domain.columns import NOT_STORED
from services.records.preparing.beside import NEAR_TOKEN, Beside
from services.records.preparing.copying import FALSE, NULL, TRUE, text_cell, words_cell
from services.records.preparing.outcomes import Prepared
from services.records.queries.staging import StoredRecord

_DRAFT, _VALID, _TO_CONFIRM = map(text_cell, ("draft", "valid", "to_confirm"))
_FIRST_KEYS = frozenset(each.key for each in KEY_FIELDS) | {"local_id"}


def new_states(
    done: Prepared, batch: Batch, places: Collection[int], beside: Beside, today: date
) -> Iterator[tuple[int, tuple[bytes, bytes, bytes]]]:
    """Has warnings, acknowledged and next state, as cells, of rows about something new.

    imports has checked these rows and told what it found. Only those with a warning, confirmed or
    not, are checked again, to know which of their acknowledgements speak of one. A row that turns
    out to have an error is rejected, unless that is known: then it is part of some stored record.
    """
    bare = _with_keys_alone(batch)
    unlikely = [
        place
        for place in places
        if batch.verdicts[place] == WARNED
        or (batch.acknowledged[place] and batch.verdicts[place] == FINE)
    ]
    findings = _findings(batch, unlikely, today)
    for place in places:
        row_number, found = batch.row_numbers[place], findings.get(place)
        warns = TRUE if found or batch.verdicts[place] == WARNED else FALSE
        state = _DRAFT if place in bare else _VALID
        given = batch.acknowledged[place]
        if not found and not given and not beside.is_marked(row_number):
            yield place, (warns, NULL, state)
        elif found and any(map(is_error, found)):
            done.checked(row_number, found)
        else:
            done.warn(row_number, beside.warnings(row_number, given))
            # Another row of the same file may be the one that is near.
            confirmed = given & (_tokens(found or ()) | beside.tokens(row_number) | {NEAR_TOKEN})
            if unacknowledged(found or (), confirmed):
                state = _TO_CONFIRM
            yield place, (warns, words_cell(confirmed), state)


def merged_state(
    done: Prepared,
    batch: Batch,
    place: int,
    record: StoredRecord,
    merged: Record,
    changed: Callable[[], Collection[str]],
    found: Sequence[Finding],
    beside: Beside,
) -> tuple[bytes, bytes]:
    """Acknowledged and next state, as cells, of a row that is merged with its record.

    What was acknowledged lapses where the row changes what the rule reads, unless the row says it
    anew.

    Args:
        changed: gives the keys of the fields that get another value.
        found: what the dataset says of the merged record.
    """
    row_number = batch.row_numbers[place]
    given = batch.acknowledged[place] & (_tokens(found) | beside.tokens(row_number))
    confirmed = given
    if record.acknowledged:
        confirmed = given.union(remaining(record.acknowledged, changed()))
    done.warn(row_number, beside.warnings(row_number, confirmed))
    state = own_state(merged, found, acknowledged=confirmed, unreadable=record.unreadable)
    return words_cell(confirmed), text_cell(state)


def _tokens(found: Iterable[Finding]) -> set[str]:
    return {token_of(finding) for finding in found if asks_to_confirm(finding)}


def _findings(batch: Batch, places: Sequence[int], today: date) -> dict[int, list[Finding]]:
    """What the dataset says of the rows at these places."""
    if not places:
        return {}
    columns = {
        key: column_from_wire(key, batch.columns.at(key, places))
        for key in batch.columns
        if key not in NOT_STORED
    }
    findings: dict[int, list[Finding]] = {}
    for index, finding in check_columns(columns, len(places), today=today):
        findings.setdefault(places[index], []).append(finding)
    return findings


def _with_keys_alone(batch: Batch) -> set[int]:
    """Places of rows that give what a record needs to be stored, and nothing else."""
    bare = set(range(len(batch.row_numbers)))
    for key in batch.columns:
        if not bare:
            break
        if key not in _FIRST_KEYS and key not in NOT_STORED:
            values = batch.columns.at(key, bare)
            bare = {place for place, value in zip(bare, values, strict=True) if not value}
    return bare
