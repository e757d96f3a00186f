"""Brings the records database to the newest version."""

from services.records import migrations
from services.shared.migrate import main

if __name__ == "__main__":
    main(migrations)
