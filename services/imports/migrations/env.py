"""What alembic runs: the versions, on the connection `services.shared.migrate` gives."""

from alembic import context

from services.shared.migrate import run_env

run_env(context)
