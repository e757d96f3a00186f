"""The census of routes: each with the access it demands. A new one fails until it is listed.

The census lies in `access.txt`: one line a route, `service METHOD path: access`.
"""

from __future__ import annotations

from pathlib import Path

from services.shared.identity import access_of
from tests.factories.apps import all_apps

CENSUS = Path(__file__).with_name("access.txt")


def _routes() -> list[str]:
    lines = []
    for name, app in all_apps().items():
        for rule in app.url_map.iter_rules():
            view = app.view_functions[rule.endpoint]
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                target = getattr(getattr(view, "view_class", None), method.lower(), view)
                access = access_of(target) or ("public",)
                lines.append(f"{name} {method} {rule.rule}: {', '.join(access)}")
    return sorted(lines)


def test_the_census_of_routes_is_up_to_date() -> None:
    assert _routes() == CENSUS.read_text().splitlines()
