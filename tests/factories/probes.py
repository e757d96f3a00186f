"""An endpoint for each row of the role matrix, and one for each right: who is let in, what is told.

Requests that would change something send too little, so that nothing is changed: who is let in is
told what is missing, and 403 still means no.
"""

from __future__ import annotations

from typing import Any, NamedTuple

REGISTRATION, RECORDS, IMPORTS = "registration/v1", "records/v1", "imports/v1"
ROUND = "facilities/v1/rounds/{round}"


class Probe(NamedTuple):
    """An endpoint that stands for a row of the matrix.

    Attributes:
        rights: any of these lets one in.
        answer: what is answered to who is let in.
        body: of a request that changes nothing.
    """

    row: str
    rights: tuple[str, ...]
    method: str
    path: str
    answer: int = 200
    body: Any = None


PROBES = (
    Probe("see own records", ("records.read",), "GET", f"{RECORDS}/records"),
    Probe("see own records", ("records.read",), "GET", RECORDS + "/records/{record}"),
    Probe("see own records", ("records.read",), "GET", RECORDS + "/records/{record}/history"),
    Probe("see own records", ("records.read",), "GET", f"{RECORDS}/worklists"),
    Probe("see own records", ("records.read", "records.import"), "GET", f"{IMPORTS}/imports"),
    Probe("see own records", ("records.aggregate",), "GET", f"{RECORDS}/national/counts"),
    Probe("create / edit", ("records.write",), "POST", f"{RECORDS}/records", 422, {}),
    Probe("create / edit", ("records.write",), "PATCH", RECORDS + "/records/{record}", 422, {}),
    Probe("create / edit", ("records.write",), "PUT", RECORDS + "/forms/{record}", 422, {}),
    Probe(
        "acknowledge warnings",
        ("records.acknowledge",),
        "POST",
        RECORDS + "/records/{record}/acknowledgements",
        422,
        {},
    ),
    Probe("import", ("records.import",), "POST", IMPORTS + "/imports/{nothing}/confirmation", 404),
    Probe("import", ("records.import",), "POST", f"{IMPORTS}/imports?mode=nonsense", 422),
    Probe("export identifiable", ("records.export",), "GET", f"{RECORDS}/export"),
    Probe("export identifiable", ("records.export",), "GET", f"{RECORDS}/export?format=xlsx"),
    Probe(
        "delete (soft)",
        ("records.delete",),
        "POST",
        RECORDS + "/records/{record}/deletion",
        422,
        {},
    ),
    Probe(
        "delete (soft)",
        ("records.delete",),
        "POST",
        RECORDS + "/records/{record}/restoration",
        422,
        {},
    ),
    Probe("delete (soft)", ("records.delete",), "GET", f"{RECORDS}/records/deleted"),
    Probe("delete (soft)", ("records.delete",), "POST", f"{RECORDS}/opt-outs", 422, {}),
    Probe(
        "delete (soft)",
        ("records.delete",),
        "POST",
        RECORDS + "/duplicates/{nothing}/decision",
        404,
        {"decision": "kept_first"},
    ),
    Probe(
        "acknowledge warnings",
        ("records.acknowledge",),
        "POST",
        RECORDS + "/duplicates/{nothing}/decision",
        404,
        {"decision": "both_right"},
    ),
    Probe("facilities answers", ("facilities.read",), "GET", f"{ROUND}/answers"),
    Probe("facilities answers", ("facilities.answer",), "PUT", f"{ROUND}/answers", 422, {}),
    Probe("facilities answers", ("facilities.submit",), "POST", f"{ROUND}/submission", 422, {}),
    Probe(
        "facilities answers",
        ("facilities.manage",),
        "POST",
        ROUND + "/sites/{site}/reopening",
        422,
        {},
    ),
    Probe("facilities answers", ("facilities.manage",), "POST", "facilities/v1/rounds", 422, {}),
    Probe("facilities answers", ("facilities.read",), "GET", f"{ROUND}/comments"),
    Probe("facilities answers", ("facilities.answer",), "POST", f"{ROUND}/comments", 422, {}),
    Probe(
        "facilities answers",
        ("facilities.answer",),
        "PUT",
        f"{ROUND}/sections/A/confirmation",
        422,
        {},
    ),
    Probe(
        "facilities answers", ("facilities.answer",), "PUT", f"{ROUND}/sections/A/owner", 422, {}
    ),
    Probe("facilities answers", ("facilities.manage",), "POST", f"{ROUND}/closing", 422, {}),
    Probe("facilities answers", ("facilities.manage",), "PUT", f"{ROUND}/last-day", 422, {}),
    Probe(
        "facilities answers",
        ("facilities.manage",),
        "POST",
        ROUND + "/sites/{site}/extension",
        422,
        {},
    ),
    Probe(
        "facilities answers",
        ("facilities.manage", "facilities.read_national"),
        "GET",
        f"{ROUND}/results",
    ),
    Probe(
        "facilities answers",
        ("facilities.manage", "facilities.read_national"),
        "GET",
        f"{ROUND}/data.csv",
    ),
    Probe(
        "facilities answers",
        ("facilities.manage", "facilities.read_national"),
        "GET",
        ROUND + "/sites/{site}/answers",
    ),
    Probe(
        "manage site users",
        ("site.manage", "accounts.manage"),
        "POST",
        f"{REGISTRATION}/people",
        422,
        {},
    ),
    Probe("manage site users", ("accounts.manage",), "GET", f"{REGISTRATION}/accounts"),
    Probe(
        "approve sites and the like",
        ("registrations.review",),
        "GET",
        f"{REGISTRATION}/applications",
    ),
    Probe(
        "approve sites and the like",
        ("periods.manage",),
        "PUT",
        f"{RECORDS}/periods/2020",
        422,
        {},
    ),
    Probe(
        "approve sites and the like",
        ("periods.manage",),
        "POST",
        RECORDS + "/unlock-requests/{nothing}/decision",
        422,
        {},
    ),
    Probe("approve sites and the like", ("periods.manage",), "GET", f"{RECORDS}/period-extensions"),
    Probe("create / edit", ("records.write",), "POST", f"{RECORDS}/unlock-requests", 422, {}),
    Probe(
        "see own records", ("records.read", "periods.manage"), "GET", f"{RECORDS}/unlock-requests"
    ),
    Probe("technical settings", ("system.manage",), "POST", f"{REGISTRATION}/sites/republication"),
    Probe("+ who opened records", ("records.reads",), "GET", RECORDS + "/records/{record}/reads"),
    Probe(
        "+ erase identifiers",
        ("records.erase",),
        "POST",
        RECORDS + "/records/{record}/erasure",
        422,
        {},
    ),
    Probe("+ pseudonymised extract", ("records.extract",), "GET", f"{RECORDS}/extract"),
    Probe("+ API tokens", ("tokens.manage",), "GET", f"{REGISTRATION}/tokens"),
    Probe("+ list of sites", ("sites.read",), "GET", f"{REGISTRATION}/sites"),
    Probe(
        "+ visit a site",
        ("sites.visit",),
        "POST",
        f"{REGISTRATION}/sessions/current/visit",
        422,
        {},
    ),
)
