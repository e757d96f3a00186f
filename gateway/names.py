"""Names for what the services know by id: people of a site, sites."""

from __future__ import annotations

from gateway.clients import Clients
from services.shared.errors import Forbidden, NotFound, Unavailable
from services.shared.identity import current_actor

UNKNOWN_PERSON = "Somebody who is not at your site"


def people_of(clients: Clients) -> dict[str, str]:
    """Account id -> name, of everybody who is or was at the caller's site.

    Without registration a page still shows what happened and when, so nothing is raised. One's own
    account is always known.
    """
    own = str(current_actor().account_id)
    try:
        names = clients.registration.person_names()
    except (Forbidden, NotFound, Unavailable):
        return {own: "you"}
    return {**names, own: f"{names[own]} (you)" if own in names else "you"}


def sites_of(clients: Clients) -> dict[str, str]:
    """Site id -> name and code, of all sites, by name."""
    return {
        str(site["site_id"]): f"{site['name']} ({site['code']})"
        for site in clients.registration.list_all_sites()
    }
