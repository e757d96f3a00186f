"""Alembic's entry: it runs the versions on the connection that `shared.migrate` opened."""

from alembic import context

from services.shared.migrate import run_env

run_env(context)
