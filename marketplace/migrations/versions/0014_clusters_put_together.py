"""clusters put together by hand: which members staff placed"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "demand_cluster_members",
        sa.Column(
            "placed",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="staff put it beside the others: it stays until its text changes",
        ),
    )


def downgrade() -> None:
    op.drop_column("demand_cluster_members", "placed")
