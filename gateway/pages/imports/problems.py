"""What can go wrong while a file is sent, by the code that imports puts into the address."""

from __future__ import annotations

PROBLEMS: dict[str, str] = {
    "no_file": "Choose a file first.",
    "empty_file": "The file is empty. Choose the file with your records.",
    "too_large": "The file is larger than 256 MB. Split it into several files, each with the row "
    "of headings.",
    "form_expired": "The form was open for too long, or you have signed in anew since. Choose the "
    "file again.",
    "not_allowed": "Your account does not have the right to upload, or your site does not take "
    "part in the patient audit.",
    "cut_off": "The upload broke off before the whole file had arrived. Nothing was kept. Send it "
    "again.",
    "unavailable": "The upload could not be stored at the moment. Nothing was kept. Send it again "
    "in a minute.",
    "too_many": "Four of your uploads are under way already. Wait until one has ended, then send "
    "the file again.",
    "not_readable": "What was sent could not be read. Choose the file again.",
}
COPY_PROBLEMS: dict[str, str] = {
    "not_ours": "Open the copy from this page.",
    "signed_out": "You were signed out. Sign in and try again.",
    "not_allowed": "Your account does not have the right to take a copy.",
    "not_yet": "The file has not been read yet, or could not be. There is no copy of it.",
    "busy": "Other copies are being made. Try again in a minute.",
    "not_kept": "The file is not kept any more, so there is no copy of it. Its ledger stays.",
    "not_a_table": "The file has no row of headings that could be set up.",
    "unavailable": "The copy could not be made at the moment. Try again in a minute.",
}
"""Why a copy of a file did not come, by the code in the address of the import's page."""

UNKNOWN = "The upload did not work. Nothing was kept. Choose the file again."


def copy_problem(code: str | None) -> str | None:
    """The words for a code; None if there is none."""
    return COPY_PROBLEMS.get(code, COPY_PROBLEMS["unavailable"]) if code else None


def problem_text(code: str | None) -> str | None:
    """The words for a code; None if there is none."""
    return PROBLEMS.get(code, UNKNOWN) if code else None
