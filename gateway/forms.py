"""A form as a page shows it: what was typed, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Form:
    """What was typed and what is wrong with it.

    Attributes:
        values: field name -> text, or list of texts where several may be chosen.
        errors: field name -> messages; the empty name is the form as a whole.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """What was typed into a field; blank if nothing."""
        return self.values.get(name, "")

    def error(self, name: str) -> dict[str, str] | None:
        """What is wrong with a field, as the components of the template want it."""
        messages = self.errors.get(name)
        return {"text": " ".join(messages)} if messages else None

    def summary(self, order: Sequence[str] = ()) -> list[dict[str, str]]:
        """The lines of the error summary, in the order of the form; each links to its field.

        Args:
            order: the names of the form's fields. Messages about other names have no link.
        """
        places = {name: place for place, name in enumerate(order)}
        names = sorted(self.errors, key=lambda name: places.get(name, len(places)))
        return [
            {"text": message, **({"href": f"#{name}"} if name in places else {})}
            for name in names
            for message in self.errors[name]
        ]


def own_path(text: str | None) -> str:
    """An address within our own pages to go to next; "/" for anything else.

    >>> own_path("/records?page=2"), own_path("//evil.example/x"), own_path("https://evil.example")
    ('/records?page=2', '/', '/')
    """
    text = text or ""
    # A browser reads a backslash as a slash and passes over tabs and line ends.
    if not text.startswith("/") or text.startswith("//") or "\\" in text or not text.isprintable():
        return "/"
    parts = urlsplit(text)
    return text if not parts.scheme and not parts.netloc else "/"


def page_number(text: str | None) -> int:
    """The page asked for in an address, 1 if there is none or it is no number."""
    return int(text) if text and text.isascii() and text.isdigit() and 0 < int(text) < 10**6 else 1
