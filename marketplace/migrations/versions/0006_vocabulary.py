"""vocabulary: words of public listings for suggestions and near words"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_COMPARED = sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "vocabulary_words",
        sa.Column("word", sa.String(length=20), nullable=False, comment="normalised: what is searched"),
        sa.Column("shown", sa.String(length=20), nullable=False, comment="as somebody wrote it: PLC控制"),
        sa.Column("listings", sa.Integer(), nullable=False, comment="public listings that use it"),
        sa.Column("id", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vocabulary_words")),
        sa.UniqueConstraint("word", name=op.f("uq_vocabulary_words_word")),
    )
    op.create_index("ix_vocabulary_words_listings", "vocabulary_words", ["listings"])
    op.create_table(
        "vocabulary_uses",
        sa.Column("listing_id", _KEY, nullable=False),
        sa.Column("word_id", _KEY, nullable=False),
        sa.Column(
            "in_title", sa.Boolean(), nullable=False, comment="else among keywords or in the sentence on its use"
        ),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_vocabulary_uses_listing_id")),
        sa.ForeignKeyConstraint(["word_id"], ["vocabulary_words.id"], name=op.f("fk_vocabulary_uses_word_id")),
        sa.PrimaryKeyConstraint("listing_id", "word_id", name=op.f("pk_vocabulary_uses")),
    )
    op.create_index("ix_vocabulary_uses_word", "vocabulary_uses", ["word_id", "in_title", "listing_id"])
    op.create_table(
        "vocabulary_prefixes",
        sa.Column("word_id", _KEY, nullable=False),
        sa.Column("key", _COMPARED, nullable=False),
        sa.Column(
            "tier",
            sa.SmallInteger(),
            nullable=False,
            comment="how common the word is, 1 to 8: doublings of its listings",
        ),
        sa.ForeignKeyConstraint(["word_id"], ["vocabulary_words.id"], name=op.f("fk_vocabulary_prefixes_word_id")),
        sa.PrimaryKeyConstraint("word_id", "key", name=op.f("pk_vocabulary_prefixes")),
    )
    op.create_index("ix_vocabulary_prefixes_key", "vocabulary_prefixes", ["tier", "key", "word_id"])
    op.create_table(
        "vocabulary_slips",
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("word_id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["word_id"], ["vocabulary_words.id"], name=op.f("fk_vocabulary_slips_word_id")),
        sa.PrimaryKeyConstraint("key", "word_id", name=op.f("pk_vocabulary_slips")),
    )
    op.create_index(op.f("ix_vocabulary_slips_word_id"), "vocabulary_slips", ["word_id"])
    op.create_table(
        "title_prefixes",
        sa.Column("listing_id", _KEY, nullable=False),
        sa.Column("key", _COMPARED, nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_title_prefixes_listing_id")),
        sa.PrimaryKeyConstraint("listing_id", "key", name=op.f("pk_title_prefixes")),
    )
    op.create_index("ix_title_prefixes_key", "title_prefixes", ["key", "listing_id"])
    op.create_table(
        "vocabulary_build",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rules", sa.String(length=40), nullable=False, comment="version of the rules it is made by"),
        sa.Column("position", _KEY, nullable=True, comment="id of the last listing read; empty when all are"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vocabulary_build")),
    )


def downgrade() -> None:
    for table in ("build", "slips", "prefixes", "uses", "words"):
        if table == "uses":
            op.drop_table("title_prefixes")
        op.drop_table(f"vocabulary_{table}")
