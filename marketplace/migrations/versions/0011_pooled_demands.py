"""clusters of near-duplicate demands, the answers of their firms, and responses to common demands"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_LIVE = sa.text("state IN ('waiting', 'agreed', 'declined', 'postponed')")


def upgrade() -> None:
    op.create_table(
        "demand_clusters",
        sa.Column(
            "number", sa.String(length=20), nullable=True, comment="P2026-00001, given at the first publication"
        ),
        sa.Column("state", sa.String(length=12), nullable=False, comment="see states.py"),
        sa.Column(
            "title",
            sa.String(length=100),
            nullable=False,
            comment="neutral: words that all members use, or staff's",
        ),
        sa.Column("summary", sa.Text(), nullable=False, comment="neutral, as the title"),
        sa.Column("words", sa.JSON(), nullable=False, comment="words of all members' titles and keywords"),
        sa.Column(
            "edited",
            sa.Boolean(),
            nullable=False,
            comment="staff wrote title and summary; no calculation changes them",
        ),
        sa.Column("centre_id", _KEY, nullable=False, comment="the demand all others are like"),
        sa.Column(
            "likeness", sa.Float(), nullable=False, comment="how like the centre the least alike member is"
        ),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("published_at", _MOMENT, nullable=True, comment="first publication"),
        sa.Column("id", _KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="counts saves; a stale edit is refused"),
        sa.ForeignKeyConstraint(["centre_id"], ["listings.id"], name=op.f("fk_demand_clusters_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand_clusters")),
        sa.UniqueConstraint("number", name=op.f("uq_demand_clusters_number")),
    )
    op.create_index("ix_demand_clusters_state", "demand_clusters", ["state", "id"])
    _create_members()
    _create_responses()


def _create_members() -> None:
    op.create_table(
        "demand_cluster_members",
        sa.Column("cluster_id", _KEY, nullable=False),
        sa.Column("listing_id", _KEY, nullable=False),
        sa.Column("organisation_id", _KEY, nullable=False),
        sa.Column("revision_id", _KEY, nullable=False, comment="the demand as it was last compared"),
        sa.Column(
            "likeness", sa.Float(), nullable=True, comment="to the centre; empty for the centre itself"
        ),
        sa.Column("state", sa.String(length=12), nullable=False, comment="see states.py"),
        sa.Column(
            "counts_budget",
            sa.Boolean(),
            nullable=False,
            comment="the firm lets its budget count in the pooled one",
        ),
        sa.Column("shows_name", sa.Boolean(), nullable=False, comment="the firm agrees to be named"),
        sa.Column("asked_at", _MOMENT, nullable=True, comment="when its people were asked"),
        sa.Column("answered_at", _MOMENT, nullable=True),
        sa.Column("answered_by_id", _KEY, nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="counts saves; a stale edit is refused"),
        *_references(
            "demand_cluster_members",
            cluster_id="demand_clusters",
            listing_id="listings",
            organisation_id="organisations",
            revision_id="listing_revisions",
            answered_by_id="users",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand_cluster_members")),
        sa.UniqueConstraint(
            "cluster_id", "listing_id", name=op.f("uq_demand_cluster_members_cluster_id_listing_id")
        ),
    )
    op.create_index("ix_demand_cluster_members_firm", "demand_cluster_members", ["organisation_id", "state"])
    for name, columns in (("live_demand", ["listing_id"]), ("live_firm", ["cluster_id", "organisation_id"])):
        op.create_index(
            f"uq_demand_cluster_members_{name}",
            "demand_cluster_members",
            columns,
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        )


def _create_responses() -> None:
    op.create_table(
        "demand_cluster_responses",
        sa.Column("cluster_id", _KEY, nullable=False),
        sa.Column("achievement_id", _KEY, nullable=False),
        sa.Column("organisation_id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("text", sa.Text(), nullable=False, comment="how it solves the problem, as written"),
        sa.Column("state", sa.String(length=12), nullable=False, comment="see states.py"),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="counts saves; a stale edit is refused"),
        *_references(
            "demand_cluster_responses",
            cluster_id="demand_clusters",
            achievement_id="listings",
            organisation_id="organisations",
            person_id="users",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand_cluster_responses")),
        sa.UniqueConstraint(
            "cluster_id", "achievement_id", name=op.f("uq_demand_cluster_responses_cluster_id_achievement_id")
        ),
    )
    op.create_index("ix_demand_cluster_responses_state", "demand_cluster_responses", ["state", "id"])
    op.create_index(
        op.f("ix_demand_cluster_responses_achievement_id"), "demand_cluster_responses", ["achievement_id"]
    )


def _references(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    """Foreign keys of a table: column → table it points at."""
    return [
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, target in columns.items()
    ]


def downgrade() -> None:
    op.drop_table("demand_cluster_responses")
    op.drop_table("demand_cluster_members")
    op.drop_table("demand_clusters")
