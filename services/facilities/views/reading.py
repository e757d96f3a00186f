"""Notes who reads what is national."""

from __future__ import annotations

from services.shared import logs
from services.shared.identity import current_actor


def log_read(what: str) -> None:
    """Write a line about a read over all sites."""
    account_id = current_actor().account_id
    logs.get_logger().info("national_read", what=what, account_id=account_id)
