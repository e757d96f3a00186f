"""The settings of the facilities processes."""

from __future__ import annotations

import environ

from services.shared.settings import ServiceSettings


@environ.config(prefix="FLS", frozen=True)
class Settings(ServiceSettings):
    """Nothing beyond what every service reads."""


@environ.config(prefix="FLS", frozen=True)
class RoundsSettings:
    """What the program `rounds` reads: it needs the database and nothing else."""

    database_url: str = environ.var(help="PostgreSQL address with the service's own role.")
