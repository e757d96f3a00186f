"""Held rows are decided one by one after an import was stored; each may add to what it did."""

from alembic import op

revision = "0009_held_rows"
down_revision = "0008_all_or_nothing"


def upgrade() -> None:
    """Lets the service note what a decided row did to a record that the import had touched."""
    op.execute(
        "GRANT UPDATE (outcome, version_before, version_after, before) "
        "ON import_effect TO records_service"
    )


def downgrade() -> None:
    """Go back by restoring a backup."""
    raise NotImplementedError("restore a backup instead")
