"""match outcomes: what was shown to whom, and declines that lapse when what they named has changed"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_STANDING = sa.text("lapsed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "match_showings",
        sa.Column("demand_id", _KEY, nullable=False),
        sa.Column("achievement_id", _KEY, nullable=False),
        sa.Column(
            "side", sa.String(length=12), nullable=False, comment="demand or achievement: in whose list it stood"
        ),
        sa.Column("algorithm", sa.String(length=40), nullable=False, comment="version of the algorithm"),
        sa.Column("entry_id", _KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="place in that list, 1 is the top"),
        sa.Column("score", sa.Float(), nullable=False, comment="0–100 as it was shown"),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["demand_id"], ["listings.id"], name=op.f("fk_match_showings_demand_id")),
        sa.ForeignKeyConstraint(["achievement_id"], ["listings.id"], name=op.f("fk_match_showings_achievement_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["match_entries.id"], name=op.f("fk_match_showings_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_showings")),
        sa.UniqueConstraint(
            "demand_id",
            "achievement_id",
            "side",
            "algorithm",
            name=op.f("uq_match_showings_demand_id_achievement_id_side_algorithm"),
        ),
    )
    op.create_index(op.f("ix_match_showings_achievement_id"), "match_showings", ["achievement_id"])
    op.create_index(op.f("ix_match_showings_entry_id"), "match_showings", ["entry_id"])
    with op.batch_alter_table("match_runs") as batch:
        batch.add_column(
            sa.Column(
                "dictionary",
                sa.String(length=16),
                nullable=False,
                server_default="",
                comment="state of the word lists it read with",
            )
        )
        batch.alter_column("dictionary", server_default=None)
    with op.batch_alter_table("match_decisions") as batch:
        batch.add_column(
            sa.Column(
                "lapsed_at",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="what it named has changed: the pair is open again",
            )
        )
        batch.drop_constraint(op.f("uq_match_decisions_demand_id_achievement_id"), type_="unique")
        batch.create_index("ix_match_decisions_pair", ["demand_id", "achievement_id"])
    op.create_index(
        "uq_match_decisions_standing",
        "match_decisions",
        ["demand_id", "achievement_id"],
        unique=True,
        sqlite_where=_STANDING,
        postgresql_where=_STANDING,
    )


def downgrade() -> None:
    op.drop_index("uq_match_decisions_standing", "match_decisions")
    with op.batch_alter_table("match_decisions") as batch:
        batch.drop_index("ix_match_decisions_pair")
        batch.drop_column("lapsed_at")
        batch.create_unique_constraint(
            op.f("uq_match_decisions_demand_id_achievement_id"), ["demand_id", "achievement_id"]
        )
    with op.batch_alter_table("match_runs") as batch:
        batch.drop_column("dictionary")
    op.drop_table("match_showings")
