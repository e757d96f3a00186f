"""The bytes of a file as they are stored: sealed parts of the upload, and of its converted form."""

from __future__ import annotations

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from services.imports.domain.uploads import PART_BYTES
from services.imports.queries.working import sealed_part
from services.imports.sealed import open_part, seal_part, unwrap_key
from services.imports.tables import ConvertedPart, FindingRow, Import, UploadPart
from services.shared.errors import NotFound
from services.shared.sealing import Keyring


class StoredFile:
    """A stored upload as a `domain.sources.Source`; parts are opened as they are asked for."""

    part_bytes = PART_BYTES

    def __init__(self, session: Session, row: Import, keyring: Keyring) -> None:
        self._session = session
        self._import_id = row.import_id
        self._data_key = unwrap_key(keyring, row.import_id, row.wrapped_key)
        self.size = row.size_bytes

    @property
    def is_kept(self) -> bool:
        """Whether its bytes are still there."""
        return sealed_part(self._session, self._import_id, 0) is not None

    def converted(self) -> ConvertedFile:
        """Its converted form."""
        return ConvertedFile(self)

    def part(self, number: int, *, converted: bool = False) -> bytes:
        """The part of this number, from 0.

        Raises:
            NotFound: it is not kept any more.
            CannotOpen: it was altered or moved.
        """
        sealed = sealed_part(self._session, self._import_id, number, converted=converted)
        if sealed is None:
            raise NotFound("The file of this import is not kept any more.")
        return open_part(self._data_key, self._import_id, number, sealed, converted=converted)

    def range(self, start: int, end: int, *, converted: bool) -> bytes:
        """The bytes from `start` to before `end`."""
        first = start // PART_BYTES
        numbers = range(first, -(-end // PART_BYTES))
        joined = b"".join(self.part(number, converted=converted) for number in numbers)
        return joined[start - first * PART_BYTES : end - first * PART_BYTES]


class ConvertedFile:
    """The converted form of a stored upload, which is read in its order alone."""

    part_bytes = PART_BYTES

    def __init__(self, file: StoredFile) -> None:
        self._file = file
        # Only the beginning is read as a stream; where it ends, the chunks know.
        self.size = PART_BYTES

    def part(self, number: int) -> bytes:
        """The part of this number, from 0."""
        return self._file.part(number, converted=True)


class KeptParts:
    """Keeps the converted form of a file, sealed, in parts of `PART_BYTES`; does not commit."""

    def __init__(self, session: Session, row: Import, keyring: Keyring) -> None:
        self._session = session
        self._row = row
        self._data_key = unwrap_key(keyring, row.import_id, row.wrapped_key)
        self._waiting = bytearray()
        self._number = 0

    def add(self, block: bytes) -> None:
        """Takes the next bytes."""
        self._waiting += block
        while len(self._waiting) >= PART_BYTES:
            self._store(bytes(self._waiting[:PART_BYTES]))
            del self._waiting[:PART_BYTES]

    def finish(self) -> None:
        """Stores what is left after the last block."""
        if self._waiting:
            self._store(bytes(self._waiting))
            self._waiting.clear()

    def _store(self, part: bytes) -> None:
        row, number = self._row, self._number
        sealed = seal_part(self._data_key, row.import_id, number, part, converted=True)
        self._session.execute(
            insert(ConvertedPart).values(
                import_id=row.import_id, number=number, site_id=row.site_id, sealed=sealed
            )
        )
        self._number += 1


def drop_converted(session: Session, row: Import) -> None:
    """Deletes the converted form of a file, which can be made again."""
    session.execute(delete(ConvertedPart).where(ConvertedPart.import_id == row.import_id))


def drop_parts(session: Session, row: Import) -> None:
    """Deletes the bytes of a file that will not be read again, and the cells kept with findings."""
    for table in (UploadPart, ConvertedPart):
        session.execute(delete(table).where(table.import_id == row.import_id))
    session.execute(
        update(FindingRow)
        .where(FindingRow.import_id == row.import_id, FindingRow.sealed_value.is_not(None))
        .values(sealed_value=None)
        .execution_options(synchronize_session=False)
    )
    row.file_kept = False
