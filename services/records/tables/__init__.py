"""The tables of the records service. Their making, rights and row policies: `migrations/`.

All of them belong to a site: a transaction sees the rows of its own site only. `record_change`,
`read_log` and `import_effect` can be added to and read, never changed. Rows are staged with COPY,
which row-level security does not allow, so `staged_row` can only be added to and is read through
the view `own_staged_row`.

The clinical columns come from the dataset (`domain.columns`), one typed column for each field.
"""

from services.records.tables.deciding import (
    AuditPeriod,
    DuplicatePair,
    ExportLog,
    OptOut,
    PeriodExtension,
    UnlockRequest,
)
from services.records.tables.foundation import Base
from services.records.tables.records import (
    Draft,
    Entry,
    FlsRecord,
    Patient,
    PatientKey,
    ReadLog,
    RecordChange,
    RecordIdentity,
    Site,
)
from services.records.tables.staging import (
    AppliedSlice,
    ImportEffect,
    StagedBatch,
    StagedDecision,
    StagedImport,
    StagedRow,
)

__all__ = [
    "AppliedSlice",
    "AuditPeriod",
    "Base",
    "Draft",
    "DuplicatePair",
    "Entry",
    "ExportLog",
    "FlsRecord",
    "ImportEffect",
    "OptOut",
    "Patient",
    "PatientKey",
    "PeriodExtension",
    "ReadLog",
    "RecordChange",
    "RecordIdentity",
    "Site",
    "StagedBatch",
    "StagedDecision",
    "StagedImport",
    "StagedRow",
    "UnlockRequest",
]
