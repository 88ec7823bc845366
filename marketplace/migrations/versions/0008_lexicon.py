"""lexicon: technical terms and synonyms that staff add"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_STANDING = sa.text("removed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "lexicon_entries",
        sa.Column("kind", sa.String(length=10), nullable=False, comment="term, synonyms"),
        sa.Column(
            "words",
            sa.String(length=200),
            nullable=False,
            comment="one term, or words with spaces between; normalised",
        ),
        sa.Column("added_by_id", _KEY, nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True, comment="in force from then on"),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True, comment="staff took it back"),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True, comment="no longer in force"),
        sa.Column("id", _KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="counts saves; a stale edit is refused"),
        sa.CheckConstraint("kind IN ('term', 'synonyms')", name=op.f("ck_lexicon_entries_kind")),
        sa.ForeignKeyConstraint(["added_by_id"], ["users.id"], name=op.f("fk_lexicon_entries_added_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lexicon_entries")),
    )
    op.create_index("ix_lexicon_entries_force", "lexicon_entries", ["lifted_at", "applied_at"])
    op.create_index(
        "uq_lexicon_entries_standing",
        "lexicon_entries",
        ["kind", "words"],
        unique=True,
        sqlite_where=_STANDING,
        postgresql_where=_STANDING,
    )


def downgrade() -> None:
    op.drop_table("lexicon_entries")
