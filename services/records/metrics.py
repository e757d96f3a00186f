"""The metrics of the records service."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

ROWS_STAGED = Counter("records_rows_staged_total", "Rows of imports stored for comparison.")
ROWS_REJECTED = Counter("records_rows_rejected_total", "Rows of imports refused while staging.")
ROWS_APPLIED = Counter(
    "records_rows_applied_total",
    "Rows of imports decided by an apply: new, changed, same, held.",
    ["outcome"],
)
STEP_SECONDS = Histogram(
    "records_import_step_seconds",
    "Time of one step of an import: stage (one batch), compare, apply (one slice).",
    ["step"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300),
)
EXPORTS = Counter(
    "records_exports_total",
    "Downloads of records that ended: whole, or broken off.",
    ["kind", "format", "outcome"],
)
EXPORTED_ROWS = Counter("records_exported_rows_total", "Records that left as files.", ["kind"])
READS_LOGGED = Counter("records_reads_logged_total", "Openings of identifiable records.")
