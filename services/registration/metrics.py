"""Metrics of registration: each name once, with its meaning."""

from __future__ import annotations

from prometheus_client import Counter

APPLICATIONS = Counter(
    "registration_applications_total", "Registration forms, by what was done to them.", ["outcome"]
)
SIGN_INS = Counter("registration_sign_ins_total", "Attempts to sign in.", ["outcome"])
PASSWORD_HASHES = Counter(
    "registration_password_hashes_total", "Passwords hashed, or turned away when busy.", ["outcome"]
)
IDENTITY_ANSWERS = Counter(
    "registration_identity_answers_total",
    "Answers to nginx about who is calling, by kind of credential.",
    ["kind", "outcome"],
)
MAILS = Counter("registration_mails_total", "Mails, by what became of an attempt.", ["outcome"])
VISITS = Counter("registration_visits_total", "Visits of the audit team to sites, begun.")
