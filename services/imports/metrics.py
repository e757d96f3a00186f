"""imports' own metrics, each once, with its meaning. Labels never name a site, file or person."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

UPLOADS = Counter(
    "imports_uploads_total", "Uploads by outcome: taken, known, broken_off, refused.", ["outcome"]
)
UPLOAD_BYTES = Counter("imports_upload_bytes_total", "Bytes of uploads taken.")
ROWS_CHECKED = Counter("imports_rows_checked_total", "Rows checked, blank ones not counted.")
ROWS_REJECTED = Counter(
    "imports_rows_rejected_total", "Rows with an error, found by checking the file alone."
)
FINDINGS = Counter("imports_findings_total", "Findings about rows and cells, by code.", ["code"])
CHUNK_SECONDS = Histogram(
    "imports_chunk_seconds",
    "Time to check a chunk of about 5,000 rows, its batch recorded.",
    buckets=(0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 10),
)
PREPARE_SECONDS = Histogram(
    "imports_prepare_seconds",
    "Time to read a file from end to end and cut it.",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80),
)
ENDED = Counter(
    "imports_ended_total", "Imports ended: applied, cancelled, refused, failed.", ["state"]
)
LIVE = Gauge("imports_live", "Imports under way, by state.", ["state"])
LEDGER_MISMATCHES = Counter(
    "imports_ledger_mismatches_total", "Imports whose ledger did not add up. Each one is a fault."
)
EXPIRED = Counter("imports_files_expired_total", "Files deleted because their time was over.")
ASKED_AGAIN = Counter(
    "imports_asked_again_total",
    "Steps asked for again because nothing came: file, chunk.",
    ["what"],
)
