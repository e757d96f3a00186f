"""Sends imports' events to RabbitMQ."""

from __future__ import annotations

from services.shared.relay import run_relay
from services.shared.settings import ServiceSettings, load


def main() -> None:
    """Runs until SIGTERM."""
    run_relay("imports", load(ServiceSettings))


if __name__ == "__main__":
    main()
