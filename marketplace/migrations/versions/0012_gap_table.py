"""counts of supply and demand that miss each other, by industry and maturity"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "gap_surveys",
        sa.Column(
            "made_at", sa.DateTime(timezone=True), nullable=True, comment="empty before the first count"
        ),
        sa.Column(
            "basis",
            sa.String(length=60),
            nullable=False,
            comment="newest match run and move: equal to it, nothing has changed",
        ),
        sa.Column("id", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap_surveys")),
    )
    op.create_table(
        "gap_cells",
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column(
            "industry",
            sa.String(length=4),
            nullable=False,
            comment="门类 or 大类; empty: none stated; *: all",
        ),
        sa.Column(
            "maturity",
            sa.String(length=4),
            nullable=False,
            comment="band of search.documents; empty: none stated; *: all",
        ),
        sa.Column("listings", sa.Integer(), nullable=False, comment="published, open to everybody"),
        sa.Column("unmatched", sa.Integer(), nullable=False, comment="of these without a fair match"),
        sa.PrimaryKeyConstraint("kind", "industry", "maturity", name=op.f("pk_gap_cells")),
    )


def downgrade() -> None:
    op.drop_table("gap_cells")
    op.drop_table("gap_surveys")
