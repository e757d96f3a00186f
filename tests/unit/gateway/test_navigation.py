"""The menu marks the page one is on, or the one that it is reached from."""

from __future__ import annotations

import pytest

from tests.fakes.services import FakeServices
from tests.unit.gateway.conftest import Person


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("/", "Home"),
        ("/worklists/errors", "Home"),
        ("/duplicates", "Home"),
        ("/records", "Records"),
        ("/records/new", "Records"),
        ("/opt-outs", "Records"),
        ("/imports", "Imports"),
    ],
)
def test_one_entry_of_the_menu_is_marked(
    lead: Person, services: FakeServices, path: str, marked: str
) -> None:
    page = lead.get(path).text
    assert page.count('aria-current="page"') == 1
    before, _, after = page.partition('aria-current="page">')
    assert f">{marked}</strong>" in after[:200]
