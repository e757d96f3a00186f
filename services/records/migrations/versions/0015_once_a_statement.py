"""Whose rows are seen is asked once a statement; rows that are left are a list.

- A policy that calls `current_setting` reads the setting and makes a UUID of it for each row that
  is written or filtered, six times for each new record. A sub-select is worked out once.
- The rows of an import that are not fresh are kept as a list, in the order of the file, instead of
  the ends of their slices: between two of them may lie a hundred thousand that were stored before,
  and their pages were read and written once more (decision 0029). `slice_ends` and
  `same_patient_rows` stay, empty, for processes of the release before that still run.
- While a million rows were applied, staging was vacuumed twice, and each time the pages of rows
  that were still to be applied were read and written too.
"""

from alembic import op

revision = "0015_once_a_statement"
down_revision = "0014_compare_as_staged"

ASKED_ONCE = """
DO $$
DECLARE
    guarded text;
BEGIN
    FOR guarded IN SELECT tablename FROM pg_policies
        WHERE schemaname = current_schema() AND policyname = 'own_site'
    LOOP
        EXECUTE format('ALTER POLICY own_site ON %I USING '
            '(site_id = (SELECT NULLIF(current_setting(''app.site_id'', true), '''')::uuid))',
            guarded);
    END LOOP;
END
$$
"""


def upgrade() -> None:
    """Writes the policies anew, which show and take what they did; changes staging."""
    op.execute(ASKED_ONCE)
    # An import that is being applied goes on in ranges, as if somebody had changed the site.
    op.execute("ALTER TABLE staged_import NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE staged_import SET compared_at = NULL WHERE state = 'applying'")
    op.execute("ALTER TABLE staged_import FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE staged_import ADD COLUMN other_rows integer[]")
    op.execute("ALTER TABLE staged_row SET (autovacuum_vacuum_threshold = 1000000)")


def downgrade() -> None:
    """Go back by restoring a backup."""
    raise NotImplementedError("restore a backup instead")
