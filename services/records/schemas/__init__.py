"""What comes in and what goes out, one module for each subject."""

from services.records.schemas.events import (
    ApplyWanted,
    CancelWanted,
    OrganisationCode,
    RowsComplete,
    SiteChanged,
    SliceWanted,
)
from services.records.schemas.finding import (
    NationalAnswer,
    NationalQuery,
    NextAnswer,
    NextQuery,
    RecordListItem,
    RecordsAnswer,
    RecordsQuery,
    SearchAnswer,
    SearchBody,
    WorklistAnswer,
    WorklistQuery,
    WorklistsAnswer,
)
from services.records.schemas.records import (
    CountsAnswer,
    FindingAnswer,
    HistoryItem,
    LedgerAnswer,
    RecordAnswer,
)

__all__ = [
    "WorklistsAnswer",
    "WorklistQuery",
    "WorklistAnswer",
    "SearchBody",
    "SearchAnswer",
    "NextQuery",
    "NextAnswer",
    "NationalQuery",
    "NationalAnswer",
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
