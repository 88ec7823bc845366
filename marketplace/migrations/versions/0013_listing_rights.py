"""listing rights: which listings name a right's number, filled from the listings there are"""

import sqlalchemy as sa
from alembic import op

from marketplace.identifiers import right_key

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT_ONCE = 500


def upgrade() -> None:
    op.create_table(
        "listing_rights",
        sa.Column("listing_id", _KEY, nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False, comment="identifiers.right_key"),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_listing_rights_listing_id")),
        sa.PrimaryKeyConstraint("listing_id", "number", name=op.f("pk_listing_rights")),
    )
    op.create_index("ix_listing_rights_number", "listing_rights", ["number"])
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    """Numbers of the accepted revision and of the newest one, a slice of listings at a time."""
    listings = sa.table(
        "listings", sa.column("id", _KEY), sa.column("kind"), sa.column("accepted_revision_id", _KEY)
    )
    revisions = sa.table(
        "listing_revisions",
        sa.column("id", _KEY),
        sa.column("listing_id", _KEY),
        sa.column("number", sa.Integer()),
        sa.column("content", sa.JSON()),
    )
    rights = sa.table("listing_rights", sa.column("listing_id", _KEY), sa.column("number", sa.String()))
    later = revisions.alias("later")
    newest = sa.select(sa.func.max(later.c.number)).where(later.c.listing_id == listings.c.id).scalar_subquery()
    last = 0
    while True:
        ids = connection.scalars(
            sa.select(listings.c.id)
            .where(listings.c.id > last, listings.c.kind == "achievement")
            .order_by(listings.c.id)
            .limit(_AT_ONCE)
        ).all()
        if not ids:
            return
        read = connection.execute(
            sa.select(revisions.c.listing_id, revisions.c.content)
            .join(listings, listings.c.id == revisions.c.listing_id)
            .where(
                listings.c.id.in_(ids),
                sa.or_(revisions.c.id == listings.c.accepted_revision_id, revisions.c.number == newest),
            )
        )
        found = {
            (listing_id, key)
            for listing_id, content in read
            for right in content.get("ip_rights") or ()
            if (key := right_key(right.get("number") or "", right.get("kind") or ""))
        }
        if found:
            connection.execute(rights.insert(), [{"listing_id": i, "number": key} for i, key in sorted(found)])
        last = ids[-1]


def downgrade() -> None:
    op.drop_table("listing_rights")
