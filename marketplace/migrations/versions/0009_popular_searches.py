"""popular searches: texts, days and numbers, nobody's"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "search_counts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "text", sa.String(length=20), nullable=False, comment="words of the vocabulary with spaces between"
        ),
        sa.Column("times", sa.Integer(), nullable=False, comment="browsers, each once a day"),
        sa.PrimaryKeyConstraint("day", "text", name=op.f("pk_search_counts")),
    )
    op.create_table(
        "popular_searches",
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.String(length=20), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_popular_searches")),
    )


def downgrade() -> None:
    op.drop_table("popular_searches")
    op.drop_table("search_counts")
