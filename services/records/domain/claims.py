"""Words about identifiers that are somebody else's, where the dataset has none yet. Pure."""

from __future__ import annotations

from dataset.findings import Finding

LOCAL_ID_TAKEN = Finding(
    "R07",
    "error",
    "local_id",
    "This local identifier belongs to another record here. Each record has one of its own: correct "
    "it, or leave it out. If it is the same fracture, open the other record instead.",
    name="taken",
)
