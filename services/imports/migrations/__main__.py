"""The command `python -m services.imports.migrations`."""

from services.imports import migrations
from services.shared.migrate import main

if __name__ == "__main__":
    main(migrations)
