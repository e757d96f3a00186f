"""Runs a service's migrations, and makes the tables and policies that all services have alike.

Migrations run as the database's owner in a command of their own, before anything else starts; two
at once wait for each other.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from services.shared.db import driver_url


def upgrade(migrations: ModuleType, owner_url: str) -> None:
    """Brings a database to the newest version.

    Args:
        migrations: the service's `migrations` package; its folder holds `env.py` and `versions/`.
        owner_url: address with the role that owns the database.
    """
    folder = Path(next(iter(migrations.__path__)))
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    engine = create_engine(driver_url(owner_url))
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(hashtext('migrations'))"))
        connection.execute(text("SET lock_timeout = '4s'"))
        connection.commit()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    engine.dispose()


def run_env(context: Any) -> None:
    """What each service's `env.py` does: run the versions on the connection we were given."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


def main(migrations: ModuleType) -> None:
    """The command `python -m services.<name>.migrations`."""
    url = os.environ.get("FLS_OWNER_DATABASE_URL")
    if not url:
        print("flsdb: set FLS_OWNER_DATABASE_URL in the environment", file=sys.stderr)
        raise SystemExit(2)
    upgrade(migrations, url)
    print(f"{migrations.__name__}: the database is up to date")


def plumbing_tables(op: Any, service: str) -> None:
    """Makes outbox, inbox and the count of failures, with the rights on them."""
    op.execute(
        """
        CREATE TABLE outbox_event (
            position bigint GENERATED ALWAYS AS IDENTITY,
            event_id uuid NOT NULL,
            name text NOT NULL,
            headers jsonb NOT NULL,
            content_type text NOT NULL,
            body bytea NOT NULL,
            keep boolean NOT NULL,
            recorded_at timestamptz NOT NULL DEFAULT now(),
            published_at timestamptz,
            attempts integer NOT NULL DEFAULT 0,
            last_error text,
            CONSTRAINT pk_outbox_event PRIMARY KEY (position),
            CONSTRAINT uq_outbox_event_event_id UNIQUE (event_id)
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_outbox_event_unpublished ON outbox_event (position) "
        "WHERE published_at IS NULL"
    )
    op.execute(
        """
        CREATE TABLE inbox_event (
            consumer text NOT NULL,
            event_id uuid NOT NULL,
            handled_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_inbox_event PRIMARY KEY (consumer, event_id)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE event_failure (
            consumer text NOT NULL,
            event_id uuid NOT NULL,
            attempts integer NOT NULL,
            failed_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_event_failure PRIMARY KEY (consumer, event_id)
        )
        """
    )
    # The relay deletes what needs no keeping; the inbox is swept by the maintenance role alone.
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON outbox_event TO {service}_service")
    op.execute(f"GRANT SELECT, INSERT ON inbox_event TO {service}_service")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON event_failure TO {service}_service")
    op.execute(f"GRANT SELECT, DELETE ON inbox_event, event_failure TO {service}_maintenance")


def enable_site_rls(op: Any, table: str, service: str) -> None:
    """Shows and takes rows of a table for the transaction's site only.

    The national reader sees all rows, the maintenance role too, where it has a grant.

    NULLIF, because a pooled connection remembers an empty string once a setting was set locally.
    """
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY own_site ON {table} "
        "USING (site_id = NULLIF(current_setting('app.site_id', true), '')::uuid)"
    )
    op.execute(f"CREATE POLICY upkeep ON {table} TO {service}_maintenance USING (true)")
    op.execute(f"CREATE POLICY national ON {table} FOR SELECT TO {service}_reader USING (true)")
    op.execute(f"GRANT SELECT ON {table} TO {service}_reader")
