"""What a browser would send of a form: the fields of a page as they stand."""

from __future__ import annotations

from html.parser import HTMLParser

from werkzeug.datastructures import MultiDict


class _Fields(HTMLParser):
    def __init__(self, form_id: str | None) -> None:
        super().__init__()
        self.form_id = form_id
        self.inside = False
        self.found: MultiDict[str, str] = MultiDict()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            # The first form of the page's content, not that of the header.
            wanted = self.form_id is None and given.get("action") != "/sign-out"
            self.inside = wanted or (self.form_id is not None and given.get("id") == self.form_id)
        if tag != "input" or not self.inside or "name" not in given:
            return
        if given.get("type") in ("radio", "checkbox") and "checked" not in dict(attrs):
            return
        self.found.add(given["name"], given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False


def fields_sent(html: str, form_id: str | None = None) -> MultiDict[str, str]:
    """The fields of the form with this id, or of all but the header's; without its buttons."""
    parser = _Fields(form_id)
    parser.feed(html)
    return parser.found
