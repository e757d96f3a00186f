"""The metrics of the facilities audit, each with its meaning. The plumbing's own are shared."""

from __future__ import annotations

from prometheus_client import Counter

SAVES = Counter(
    "facilities_saves_total",
    "Saves of answers by outcome: saved, unchanged, conflict.",
    ["outcome"],
)
SUBMISSIONS = Counter(
    "facilities_submissions_total",
    "Submissions of an answer set by outcome: submitted, incomplete, reopened.",
    ["outcome"],
)
