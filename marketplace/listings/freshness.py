"""The freshness clock (保鲜时钟, product.md feature 4): what follows from the day a listing was last confirmed.

Days count from the last confirmation, which is day 0. Nothing here is stored; every answer follows from dates.

    day   0 –  59   fresh
    day  60 –  90   due: who looks after it is asked on the days 60, 75 and 85, each time with a one-click link
    day  91 – 120   待确认: grey, ranked lower; asked a last time on day 105
    day 121         off line, but never earlier than 16 days after that last notice was sent

The feature asks for a confirmation every 60–90 days, and both ends are kept: the first question on day 60, the
first grey day after day 90. The end is the same distance again, half-way through which (day 105) the last notice
leaves time for a holiday. A worker that stood still sends the newest notice only, and the 16 days then count from
it, so that nobody's listing goes off line unasked.
"""

from datetime import date, timedelta
from enum import StrEnum

#: Days on which the owner is asked before anything happens.
REMINDERS = (60, 75, 85)
#: First day of 待确认.
UNCONFIRMED_FROM = 91
#: Day of the last notice.
LAST_NOTICE = 105
#: First day off line.
OFF_LINE_FROM = 121
#: Days between the last notice and going off line, whenever that notice was sent.
NOTICE_PERIOD = OFF_LINE_FROM - LAST_NOTICE
#: Days within which a confirmation counts as recent: in figures, in the rank and in the search filter.
RECENT_DAYS = UNCONFIRMED_FROM - 1
#: Days for which a mailed link is good: from the last notice on it still brings a listing back for two months.
LINK_DAYS = 90
#: Every day on which something happens to a published listing before it goes off line.
STEPS = (*REMINDERS, UNCONFIRMED_FROM, LAST_NOTICE)


class Stage(StrEnum):
    """Where a published listing stands."""

    FRESH = "fresh"
    DUE = "due"
    UNCONFIRMED = "unconfirmed"
    OVERDUE = "overdue"


#: First day of each stage, newest stage first.
_STAGES = (
    (OFF_LINE_FROM, Stage.OVERDUE),
    (UNCONFIRMED_FROM, Stage.UNCONFIRMED),
    (REMINDERS[0], Stage.DUE),
)


def age(confirmed_on: date, today: date) -> int:
    """Days since the last confirmation; 0 on the day itself and for a day that lies ahead."""
    return max(0, (today - confirmed_on).days)


def stage(confirmed_on: date, today: date) -> Stage:
    """Where a listing confirmed on that day stands today."""
    days = age(confirmed_on, today)
    return next((found for first, found in _STAGES if days >= first), Stage.FRESH)


def needs_confirmation(confirmed_on: date | None, today: date) -> bool:
    """Whether “待确认” stands on it; what was never published has nothing to confirm."""
    return confirmed_on is not None and stage(confirmed_on, today) in (Stage.UNCONFIRMED, Stage.OVERDUE)


def step(confirmed_on: date, today: date) -> int | None:
    """The newest of `STEPS` that has been reached; None while it is fresh."""
    days = age(confirmed_on, today)
    return max((each for each in STEPS if days >= each), default=None)


def asks(reached: int) -> bool:
    """Whether people are asked on this step; on the others only the rank changes."""
    return reached in (*REMINDERS, LAST_NOTICE)


def confirmed_when_at(reached: int, today: date) -> tuple[date | None, date]:
    """The confirmations whose newest step today is `reached`: first day (None: any earlier) and last day."""
    following = min((each for each in STEPS if each > reached), default=None)
    first = None if following is None else today - timedelta(days=following - 1)
    return first, today - timedelta(days=reached)


def recent_since(today: date) -> date:
    """The first day whose confirmation still counts as recent."""
    return today - timedelta(days=RECENT_DAYS)


def unconfirmed_on(confirmed_on: date) -> date:
    """The first day of 待确认."""
    return confirmed_on + timedelta(days=UNCONFIRMED_FROM)


def off_line_on(confirmed_on: date, last_notice_on: date) -> date:
    """The first day off line, once the last notice has been sent."""
    return max(confirmed_on + timedelta(days=OFF_LINE_FROM), last_notice_on + timedelta(days=NOTICE_PERIOD))
