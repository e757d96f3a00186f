"""What each record still lacks, as columns, and the index that lists are cut from."""

from alembic import op

revision = "0003_finding"
down_revision = "0002_records_complete"

# As `domain.completeness` wrote them from the dataset when this was made; a test holds the two
# together. A dataset that asks something else needs a migration that makes these columns anew.
PROGRESS = {
    "section_1_complete": """
        gender IS NOT NULL AND outward_postcode IS NOT NULL AND care_home IS NOT NULL AND
        date_fls_contact IS NOT NULL AND admitted IS NOT NULL AND date_index_diagnosed IS
        NOT NULL AND fracture_type IS NOT NULL AND site_1 IS NOT NULL""",
    "section_2_complete": """
        previous_fracture IS NOT NULL AND parental_hip_fracture IS NOT NULL AND smoker IS
        NOT NULL AND therapy_at_fracture IS NOT NULL""",
    "section_3_complete": """
        dxa IS NOT NULL AND fracture_risk IS NOT NULL AND ((dxa IN ('0')) IS NOT TRUE OR
        (dxa_not_ordered IS NOT NULL)) AND ((dxa_date IS NOT NULL) IS NOT TRUE OR (t_score
        IS NOT NULL))""",
    "section_4_complete": """
        therapy_recommended IS NOT NULL AND calcium_vit_d_recommended IS NOT NULL""",
    "section_5_complete": """
        falls_assessed IS NOT NULL AND falls_referrals IS NOT NULL AND ((falls_assessed IN
        ('1')) IS NOT TRUE OR (two_falls IS NOT NULL AND fear_of_falling IS NOT NULL AND
        falls_risk_drugs IS NOT NULL AND mobility_pre IS NOT NULL AND vision IS NOT NULL AND
        toileting IS NOT NULL AND cardiac_abnormal IS NOT NULL AND cognition IS NOT NULL))""",
    "section_6_complete": """
        fu16_done IS NOT NULL AND ((fu16_done IN ('1')) IS NOT TRUE OR (fu16_date IS NOT
        NULL AND fu16_by IS NOT NULL AND ca_vitd_started IS NOT NULL AND therapy_16w IS NOT
        NULL AND strength_balance_started IS NOT NULL))""",
    "section_7_complete": """
        fu52_done IS NOT NULL AND ((fu52_done IN ('1')) IS NOT TRUE OR (fu52_date IS NOT
        NULL AND fu52_by IS NOT NULL AND ca_vitd_adherent IS NOT NULL AND therapy_52w IS NOT
        NULL AND refracture_count IS NOT NULL)) AND ((refracture_count IN ('1', '2', '3',
        '4', '5', '6', '7', '8', '9')) IS NOT TRUE OR (refracture_1_site IS NOT NULL AND
        refracture_1_on IS NOT NULL)) AND ((refracture_count IN ('2', '3', '4', '5', '6',
        '7', '8', '9')) IS NOT TRUE OR (refracture_2_site IS NOT NULL AND refracture_2_on IS
        NOT NULL)) AND ((refracture_count IN ('3', '4', '5', '6', '7', '8', '9')) IS NOT
        TRUE OR (refracture_3_site IS NOT NULL AND refracture_3_on IS NOT NULL))""",
    "section_6_begun": """
        fu16_done IS NOT NULL OR fu16_date IS NOT NULL OR fu16_by IS NOT NULL OR
        ca_vitd_started IS NOT NULL OR therapy_16w IS NOT NULL OR strength_balance_started
        IS NOT NULL""",
    "section_7_begun": """
        fu52_done IS NOT NULL OR fu52_date IS NOT NULL OR fu52_by IS NOT NULL OR
        ca_vitd_adherent IS NOT NULL OR therapy_52w IS NOT NULL OR refracture_count IS NOT
        NULL OR refracture_1_site IS NOT NULL OR refracture_1_on IS NOT NULL OR
        refracture_2_site IS NOT NULL OR refracture_2_on IS NOT NULL OR refracture_3_site IS
        NOT NULL OR refracture_3_on IS NOT NULL""",
    "assessment_waits": """
        state NOT IN ('deleted', 'duplicate') AND date_fls_assessment IS NULL AND
        date_of_death IS NULL""",
    "follow_up_1_waits": """
        fu16_done IS NULL AND (date_of_death IS NOT NULL) IS NOT TRUE""",
    "follow_up_2_waits": """
        fu52_done IS NULL AND ((date_of_death IS NOT NULL OR fu16_done IN ('2'))) IS NOT
        TRUE""",
}

# One index answers every list, filter, count and work-list of a site without its table: all that
# they ask stands in it. It begins with the site because row-level security asks for that first,
# and only comparisons that cannot leak use an index; a site's part of it is read in milliseconds.
INDEX = """
CREATE INDEX ix_fls_record_finding ON fls_record (site_id, date_index_diagnosed, record_id)
INCLUDE (state, site_1, age_at_diagnosis, %s)
WHERE state <> 'deleted'
"""
DELETED_INDEX = """
CREATE INDEX ix_fls_record_deleted ON fls_record (site_id, updated_at) WHERE state = 'deleted'
"""


def upgrade() -> None:
    """Add the columns in one go: PostgreSQL writes the table anew for them."""
    added = (
        f"ADD COLUMN {name} boolean NOT NULL GENERATED ALWAYS AS ({sql}) STORED"
        for name, sql in PROGRESS.items()
    )
    op.execute(f"ALTER TABLE fls_record {', '.join(added)}")
    op.execute(INDEX % ", ".join(PROGRESS))
    op.execute(DELETED_INDEX)
    # The new one stands in for it.
    op.execute("DROP INDEX ix_fls_record_site_id_date_index_diagnosed")


def downgrade() -> None:
    """Go back by restoring a backup: dropping records is no step of a program."""
    raise NotImplementedError("restore a backup instead")
