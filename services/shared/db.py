"""The database: engine, naming convention and the one way to open a transaction.

Nothing else commits. `transaction()` rolls back unless its block ends well, and sets for its own
length what row-level security reads (`app.site_id`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from psycopg.pq import ExecStatus
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names of constraints, so that migrations and error handling can speak of them."""


def driver_url(url: str) -> str:
    """The same address with the driver that we use, whatever `postgres...://` it began with."""
    _, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}"


def make_engine(url: str, *, application_name: str, pool_size: int = 5) -> Engine:
    """An engine for one process.

    Args:
        application_name: what `pg_stat_activity` shows, such as `records.consumer`.
        pool_size: connections kept; as many again may be opened for a moment.
    """
    return create_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        connect_args={"application_name": application_name, "connect_timeout": 5},
    )


@contextmanager
def transaction(
    bind: Engine | Connection,
    *,
    site_id: UUID | str | None = None,
    read_only: bool = False,
    role: str | None = None,
) -> Iterator[Session]:
    """Opens a transaction; commits when the block ends well, rolls back when it raises.

    Args:
        bind: a connection (in no transaction) where several transactions follow each other.
        site_id: the only site whose rows can be seen and written; None sees no site's rows.
        read_only: PostgreSQL itself refuses a write.
        role: a role to take for this transaction, such as `records_reader` for national reads.
    """
    statements = ["BEGIN READ ONLY" if read_only else "BEGIN"]
    if role is not None:
        statements.append(f'SET LOCAL ROLE "{role}"')
    if site_id is not None:
        # Nothing but a UUID gets into the statement.
        site = UUID(str(site_id))
        statements.append(f"SELECT set_config('app.site_id', '{site}', true)")
    with Session(bind, expire_on_commit=False) as session, session.begin():
        _begin(session, "; ".join(statements))
        yield session


def _begin(session: Session, statements: str) -> None:
    """Sends how a transaction begins in one message; one by one they would be a third of a read.

    The driver begins a transaction of its own only where none has begun.
    """
    driver = session.connection().connection.driver_connection
    assert driver is not None
    result = driver.pgconn.exec_(statements.encode())
    if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
        words = result.error_message.decode(errors="replace").strip()
        raise OperationalError("BEGIN", None, RuntimeError(words))


def broken_constraint(error: IntegrityError) -> str | None:
    """The name of the constraint that PostgreSQL says was broken, if it named one."""
    diagnostic = getattr(error.orig, "diag", None)
    return getattr(diagnostic, "constraint_name", None)
