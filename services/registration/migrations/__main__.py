"""The command `python -m services.registration.migrations`."""

from services.registration import migrations
from services.shared.migrate import main

if __name__ == "__main__":
    main(migrations)
