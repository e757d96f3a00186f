"""Sites in words."""

from __future__ import annotations

from typing import Any

from gateway.pages import states
from gateway.pages.audit_team.presenters import KINDS, NATIONS


def sites_of(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the list of sites."""
    return [
        {
            **item,
            "kind": KINDS.get(item["kind"], item["kind"]),
            "nation": NATIONS.get(item["nation"], item["nation"]),
            "takes_part": _takes_part(item),
            "tag": states.shown(states.SITE, item["state"]),
        }
        for item in items
    ]


def _takes_part(item: dict[str, Any]) -> str:
    parts = [
        words
        for key, words in (("patient_audit", "patients"), ("facilities_audit", "facilities"))
        if item.get(key)
    ]
    return " and ".join(parts).capitalize()
