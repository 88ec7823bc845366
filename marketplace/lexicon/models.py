"""Words that staff added to the lists of the search."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.db import Base, Identified, UTCDateTime, Versioned

TERM = "term"
SYNONYMS = "synonyms"


class LexiconEntry(Identified, Versioned, Base):
    """A technical term, or a group of words that stand for each other.

    An entry is in force from `applied_at` to `lifted_at`. A group is so at once; a term decides how texts are
    indexed, so it is in force when an index made with it is in use, and until one made without it is.
    """

    __tablename__ = "lexicon_entries"
    __table_args__ = (
        CheckConstraint("kind IN ('term', 'synonyms')", name="kind"),
        Index(
            "uq_lexicon_entries_standing",
            "kind",
            "words",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
        Index("ix_lexicon_entries_force", "lifted_at", "applied_at"),
    )

    kind: Mapped[str] = mapped_column(String(10), comment="term, synonyms")
    words: Mapped[str] = mapped_column(
        String(200), comment="one term, or words with spaces between; normalised"
    )
    added_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)
    applied_at: Mapped[datetime | None] = mapped_column(UTCDateTime, comment="in force from then on")
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime, comment="staff took it back")
    lifted_at: Mapped[datetime | None] = mapped_column(UTCDateTime, comment="no longer in force")
    added_by: Mapped[User] = relationship()
