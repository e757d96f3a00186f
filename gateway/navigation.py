"""The menu, by who is looking."""

from __future__ import annotations

from services.shared.identity import Actor

Link = dict[str, object]

_VISITOR = (
    ("About", "/about"),
    ("Who takes part", "/who-should-take-part"),
    ("How to take part", "/how-to-take-part"),
    ("Guidance", "/guidance"),
    ("Downloads", "/downloads"),
    ("Questions", "/questions"),
)
_SIGNED_IN = (
    ("Home", "/", None),
    ("Records", "/records", "records.read"),
    ("Imports", "/imports", "records.read"),
    ("Deadlines", "/periods", "records.read"),
    ("Facilities audit", "/facilities", "facilities.read"),
    ("People", "/people", "site.manage"),
    ("Extract", "/extract", "records.extract"),
    ("API tokens", "/tokens", "tokens.manage"),
    ("Sites", "/sites", "sites.read"),
    ("Registrations", "/review", "registrations.review"),
    ("Accounts", "/accounts", "accounts.manage"),
    ("Log", "/log", "site.manage"),
    ("Log", "/log", "registrations.review"),
    ("Unlock requests", "/unlock-requests", "periods.manage"),
    ("Deadlines", "/periods/manage", "periods.manage"),
    ("Facilities rounds", "/rounds", "facilities.manage"),
    ("Facilities rounds", "/rounds", "facilities.read_national"),
    ("Guidance", "/guidance", None),
    ("Downloads", "/downloads", None),
)
ELSEWHERE = frozenset(
    {
        "/extract",
        "/review",
        "/accounts",
        "/notices",
        "/log",
        "/rounds",
        "/unlock-requests",
        "/periods/manage",
    }
)
"""Pages about all sites, which a visitor of one site finds again when the visit is over."""

FOOTER = (
    ("About the audit", "/about"),
    ("Who should take part", "/who-should-take-part"),
    ("How to take part", "/how-to-take-part"),
    ("Guidance", "/guidance"),
    ("Downloads", "/downloads"),
    ("Questions and answers", "/questions"),
    ("Contact", "/contact"),
    ("Accessibility", "/accessibility"),
    ("Terms of use", "/terms"),
    ("Privacy and cookies", "/privacy"),
)


# Pages that are reached from another one's lists.
_REACHED_FROM = {
    "worklists": "/",
    "duplicates": "/",
    "opt-outs": "/records",
    "code-book": "/downloads",
    "import-specification": "/downloads",
}


def menu(actor: Actor | None, path: str) -> list[Link]:
    """The links of the menu; the one the page belongs to is marked."""
    if actor is None:
        links = list(_VISITOR)
    else:
        links = [
            (text, href)
            for text, href, right in _SIGNED_IN
            if (right is None or actor.has(right)) and not (actor.visit_id and href in ELSEWHERE)
        ]
    path = _REACHED_FROM.get(path.split("/")[1], path)
    here = max(
        (href for _, href in links if path == href or path.startswith(f"{href}/")),
        key=len,
        default="",
    )
    return [{"text": text, "href": href, "current": href == here} for text, href in links]
