"""Sends what records notes in its outbox: `python -m services.records.relay`."""

from services.records.settings import Settings
from services.shared.relay import run_relay
from services.shared.settings import load


def main() -> None:
    """Run until told to stop."""
    run_relay("records", load(Settings))


if __name__ == "__main__":
    main()
