"""listing reminders: which steps of the freshness clock have been taken; indexes by day of confirmation"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "listing_reminders",
        sa.Column("listing_id", _KEY, nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=False, comment="the confirmation it follows"),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False, comment="days since then, see freshness.py"),
        sa.Column("told_on", sa.Date(), nullable=False, comment="day on which it was taken"),
        sa.Column("asked", sa.Integer(), nullable=False, comment="how many people were asked; 0: there was nobody"),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_listing_reminders_listing_id")),
        sa.PrimaryKeyConstraint("listing_id", "confirmed_on", "step", name=op.f("pk_listing_reminders")),
    )
    op.create_index("ix_listings_confirmed", "listings", ["state", "confirmed_on", "id"])
    op.create_index(
        "ix_listings_owner_confirmed",
        "listings",
        ["organisation_id", "state", "hide_owner", "limited", "confirmed_on"],
    )


def downgrade() -> None:
    op.drop_index("ix_listings_owner_confirmed", "listings")
    op.drop_index("ix_listings_confirmed", "listings")
    op.drop_table("listing_reminders")
