"""Brings the facilities database to the newest version."""

from services.facilities import migrations
from services.shared.migrate import main

if __name__ == "__main__":
    main(migrations)
