"""Sends what facilities records in its outbox: `python -m services.facilities.relay`."""

from services.facilities.settings import Settings
from services.shared.relay import run_relay
from services.shared.settings import load


def main() -> None:
    """Run until told to stop."""
    run_relay("facilities", load(Settings))


if __name__ == "__main__":
    main()
