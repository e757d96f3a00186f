"""Program: sends registration's events."""

from __future__ import annotations

from services.shared.relay import run_relay
from services.shared.settings import ServiceSettings, load


def main() -> None:
    """Runs until SIGTERM."""
    run_relay("registration", load(ServiceSettings))


if __name__ == "__main__":
    main()
