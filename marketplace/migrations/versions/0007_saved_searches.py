"""saved searches, their digests, and mails of more than one sentence"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "saved_searches",
        sa.Column("user_id", _KEY, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False, comment="pairs of the search's address, see asking.py"),
        sa.Column("fingerprint", sa.String(length=64), nullable=False, comment="the same for the same search"),
        sa.Column("frequency", sa.String(length=10), nullable=False, comment="daily, weekly, off"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "seen_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when the person last looked at its results",
        ),
        sa.Column(
            "alerts_since",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="nothing decided before is told: saved, or alerts switched on",
        ),
        sa.Column(
            "digested_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="last digest that took it up, empty or not; at first when it was saved",
        ),
        sa.Column(
            "tried_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when its person's digest last failed; it is tried again later",
        ),
        sa.Column("id", _KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="counts saves; a stale edit is refused"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_saved_searches_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_searches")),
        sa.UniqueConstraint("user_id", "fingerprint", name=op.f("uq_saved_searches_user_id_fingerprint")),
    )
    op.create_index("ix_saved_searches_due", "saved_searches", ["frequency", "digested_at", "user_id"])
    op.create_table(
        "search_digests",
        sa.Column("user_id", _KEY, nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="legal day in Asia/Shanghai"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_search_digests_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_digests")),
        sa.UniqueConstraint("user_id", "day", name=op.f("uq_search_digests_user_id_day")),
    )
    op.create_table(
        "search_digest_items",
        sa.Column("saved_search_id", _KEY, nullable=False),
        sa.Column("listing_id", _KEY, nullable=False),
        sa.Column("revision_id", _KEY, nullable=False),
        sa.Column("digest_id", _KEY, nullable=False),
        sa.Column(
            "place",
            sa.Integer(),
            nullable=False,
            comment="0, 1, … within the search; the first few are named",
        ),
        sa.Column(
            "first",
            sa.Boolean(),
            nullable=False,
            comment="first publication, not a change of what was published",
        ),
        sa.ForeignKeyConstraint(
            ["digest_id"], ["search_digests.id"], name=op.f("fk_search_digest_items_digest_id")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_search_digest_items_listing_id")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["listing_revisions.id"], name=op.f("fk_search_digest_items_revision_id")
        ),
        sa.ForeignKeyConstraint(
            ["saved_search_id"],
            ["saved_searches.id"],
            name=op.f("fk_search_digest_items_saved_search_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "saved_search_id", "listing_id", "revision_id", name=op.f("pk_search_digest_items")
        ),
    )
    op.create_index(
        "ix_search_digest_items_digest", "search_digest_items", ["digest_id", "saved_search_id", "place"]
    )
    op.add_column(
        "mails",
        sa.Column(
            "letter",
            sa.JSON(),
            nullable=True,
            comment="sections below the sentence, see letters.py; forgotten once sent",
        ),
    )


def downgrade() -> None:
    op.drop_column("mails", "letter")
    op.drop_table("search_digest_items")
    op.drop_table("search_digests")
    op.drop_table("saved_searches")
