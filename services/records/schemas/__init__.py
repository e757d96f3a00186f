"""What comes in and what goes out, one module for each subject."""

from services.records.schemas.events import (
    ApplyWanted,
    CancelWanted,
    OrganisationCode,
    RowsComplete,
    SiteChanged,
    SliceWanted,
)
from services.records.schemas.records import (
    CountsAnswer,
    FindingAnswer,
    HistoryItem,
    LedgerAnswer,
    RecordAnswer,
    RecordListItem,
    RecordsAnswer,
    RecordsQuery,
)

__all__ = [
    "ApplyWanted",
    "CancelWanted",
    "CountsAnswer",
    "FindingAnswer",
    "HistoryItem",
    "LedgerAnswer",
    "OrganisationCode",
    "RecordAnswer",
    "RecordListItem",
    "RecordsAnswer",
    "RecordsQuery",
    "RowsComplete",
    "SiteChanged",
    "SliceWanted",
]
