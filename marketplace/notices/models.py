"""What people must hear of: notices for the workbench, and mails made from them or sent directly."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.db import Base, Identified, UTCDateTime

if TYPE_CHECKING:
    from marketplace.accounts.models import User


class Notice(Identified, Base):
    """One thing one person should know; the key makes telling it twice impossible."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_person", "user_id", "read_at", "id"),)

    key: Mapped[str] = mapped_column(String(120), unique=True, comment="what, to whom, about which fact")
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(40), comment="see kinds.py")
    params: Mapped[dict] = mapped_column(JSON, comment="facts for the sentence")
    path: Mapped[str] = mapped_column(String(200), comment="page it is about, without host")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    user: Mapped["User"] = relationship()


class Mail(Identified, Base):
    """A mail, sent at most once after the commit that wrote it; its text is made when it is sent."""

    __tablename__ = "mails"

    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notices.id"), unique=True)
    recipient: Mapped[str] = mapped_column(String(254))
    locale: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(40), comment="see kinds.py")
    params: Mapped[dict] = mapped_column(JSON, comment="facts for the sentence")
    path: Mapped[str | None] = mapped_column(Text, comment="link without host; forgotten once sent")
    letter: Mapped[dict | None] = mapped_column(
        JSON(none_as_null=True), comment="sections below the sentence, see letters.py; forgotten once sent"
    )
    state: Mapped[str] = mapped_column(String(20), comment="queued, sending, sent, failed")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str | None] = mapped_column(Text)
