"""identity changes: a verified organisation's new name or code waits for the operator"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text("state = 'submitted'")


def upgrade() -> None:
    op.create_table(
        "identity_changes",
        sa.Column("organisation_id", _KEY, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False, comment="submitted, accepted, refused, withdrawn"),
        sa.Column("before", sa.JSON(), nullable=False, comment="verified values of the fields to change"),
        sa.Column("after", sa.JSON(), nullable=False, comment="values asked for, the same fields"),
        sa.Column("evidence_id", _KEY, nullable=False, comment="file that proves it"),
        sa.Column("asked_by_id", _KEY, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="counts saves; a stale edit is refused"),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["users.id"], name=op.f("fk_identity_changes_asked_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["attachments.id"], name=op.f("fk_identity_changes_evidence_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_identity_changes_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_changes")),
    )
    op.create_index(op.f("ix_identity_changes_organisation_id"), "identity_changes", ["organisation_id"])
    op.create_index(
        "uq_identity_changes_open",
        "identity_changes",
        ["organisation_id"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )


def downgrade() -> None:
    op.drop_table("identity_changes")
