"""What a token may do, in words: bundles of rights that a lead chooses from."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from services.shared.identity import Actor


class Bundle(NamedTuple):
    """Rights that are given together; `usual`: chosen unless the lead says otherwise."""

    text: str
    hint: str
    rights: tuple[str, ...]
    usual: bool = False


BUNDLES: dict[str, Bundle] = {
    "send": Bundle(
        "Send records",
        "Upload and confirm files, add and change single records, read both.",
        ("records.read", "records.write", "records.import"),
        usual=True,
    ),
    "acknowledge": Bundle(
        "Acknowledge warnings", "In your name, as each record shows.", ("records.acknowledge",)
    ),
    "export": Bundle(
        "Take records out",
        "As a file, with what identifies the patient.",
        ("records.read", "records.export"),
    ),
    "facilities": Bundle(
        "Answer the facilities audit",
        "Read, fill in and hand in the answers.",
        ("facilities.read", "facilities.answer", "facilities.submit"),
    ),
}


def offered_to(actor: Actor) -> dict[str, Bundle]:
    """The bundles whose rights the lead has: a token can have no others."""
    return {
        name: bundle for name, bundle in BUNDLES.items() if actor.rights.issuperset(bundle.rights)
    }


def usual_of(offered: dict[str, Bundle]) -> list[str]:
    """What is chosen when the form is opened; the only one there is, if there is one."""
    return [name for name, bundle in offered.items() if bundle.usual or len(offered) == 1]


def rights_of(chosen: Collection[str], offered: dict[str, Bundle]) -> list[str]:
    """The rights of the chosen bundles."""
    return sorted({right for name in chosen if name in offered for right in offered[name].rights})


def tokens_of(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the list, each with what it may do."""
    return [
        {
            **item,
            "may": [
                bundle.text
                for bundle in BUNDLES.values()
                if set(bundle.rights) <= set(item.get("rights") or [])
            ]
            or ["Part of this only: " + ", ".join(item.get("rights") or [])],
        }
        for item in items
    ]
