"""The states of things as tags: words first, colour only beside them."""

from __future__ import annotations

from typing import NamedTuple


class State(NamedTuple):
    """A state for people: its words and the colour of its tag."""

    text: str
    colour: str


IMPORT = {
    "received": State("Waiting", "blue"),
    "checking": State("Checking", "blue"),
    "checked": State("Ready to confirm", "yellow"),
    "applying": State("Storing", "blue"),
    "applied": State("Stored", "green"),
    "cancelled": State("Cancelled", "grey"),
    "refused": State("Refused", "red"),
    "failed": State("Failed", "red"),
    "undoing": State("Being undone", "blue"),
    "undone": State("Undone", "grey"),
}
RECORD = {
    "unfinished": State("Not finished", "grey"),
    "draft": State("Draft", "grey"),
    "to_confirm": State("To confirm", "yellow"),
    "valid": State("Valid", "green"),
    "invalid": State("Has errors", "red"),
    "duplicate": State("Duplicate", "orange"),
    "deleted": State("Deleted", "grey"),
}
SECTION = {
    "not_due": State("Not due", "grey"),
    "incomplete": State("Incomplete", "yellow"),
    "complete": State("Complete", "green"),
}
PERIOD = {
    "open": State("Open", "green"),
    "grace": State("Closing", "yellow"),
    "locked": State("Locked", "grey"),
}
UNLOCK_REQUEST = {
    "asked": State("Waiting", "blue"),
    "granted": State("Granted", "green"),
    "refused": State("Refused", "red"),
}
APPLICATION = {
    "submitted": State("Waiting", "blue"),
    "queried": State("Asked back", "yellow"),
    "approved": State("Approved", "green"),
    "declined": State("Declined", "red"),
}
OWN_APPLICATION = {
    "submitted": State("Being checked", "blue"),
    "queried": State("A question for you", "yellow"),
    "approved": State("Approved", "green"),
    "declined": State("Not approved", "red"),
}
FORM_PART = {
    "empty": State("Not begun", "grey"),
    "unfinished": State("Not complete", "yellow"),
    "complete": State("Complete", "green"),
}
ACCOUNT = {
    "active": State("Active", "green"),
    "invited": State("Invited", "blue"),
    "switched_off": State("Switched off", "grey"),
}
ANSWERS = {
    "not_started": State("Not started", "grey"),
    "in_progress": State("In progress", "blue"),
    "submitted": State("Submitted", "green"),
}
FACILITIES_SECTION = {
    "not_asked": State("Not asked", "grey"),
    "not_started": State("Not started", "grey"),
    "in_progress": State("In progress", "blue"),
    "ready": State("To be confirmed", "yellow"),
    "confirmed": State("Confirmed", "green"),
}
ROUND = {
    "planned": State("Planned", "grey"),
    "open": State("Open", "green"),
    "closed": State("Closed", "grey"),
}
SITE = {
    "approved": State("Active", "green"),
    "suspended": State("Suspended", "red"),
    "closed": State("Closed", "grey"),
}
LEVEL = {"error": State("Error", "red"), "warning": State("Warning", "yellow")}


def shown(states: dict[str, State], state: str) -> State:
    """The tag of a state; a state that we do not know yet is shown by its own name."""
    return states.get(state, State(state.replace("_", " ").capitalize(), "grey"))
