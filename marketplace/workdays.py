"""The calendar table: holidays and adjusted working days as published, read as a WorkCalendar.

Rows come from seed_data with a migration and later from staff. A day beyond the loaded years is counted by
weekends only, and the answer says so (architecture decision 10).
"""

from datetime import date

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.calendar import WorkCalendar
from marketplace.db import Base

HOLIDAY, WORKDAY = "holiday", "adjusted_workday"


class CalendarDay(Base):
    """A day on which the weekday alone misleads."""

    __tablename__ = "calendar_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), comment="holiday or adjusted_workday")
    name: Mapped[str] = mapped_column(String(60), comment="which holiday")


def load(session: Session) -> WorkCalendar:
    """The calendar as it is in the database now."""
    rows = session.scalars(select(CalendarDay)).all()
    return WorkCalendar.of(
        holidays=[row.day for row in rows if row.kind == HOLIDAY],
        workdays=[row.day for row in rows if row.kind == WORKDAY],
        years={row.day.year for row in rows},
    )
