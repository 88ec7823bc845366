"""When a digest is due: once per legal day from eight o'clock in Asia/Shanghai, the weekly one on Mondays."""

from datetime import datetime, time, timedelta

from marketplace.config import LEGAL_ZONE
from marketplace.discovery.saved.models import Frequency

OPENS = time(8, 0)


def last_start(frequency: Frequency, now: datetime) -> datetime:
    """The last moment at which a digest of this frequency became due.

    What a worker missed then is made up for later, by day. Raises ValueError for what is never due.
    """
    local = now.astimezone(LEGAL_ZONE)
    day = local.date() if local.time() >= OPENS else local.date() - timedelta(days=1)
    if frequency is Frequency.WEEKLY:
        day -= timedelta(days=day.weekday())
    elif frequency is not Frequency.DAILY:
        raise ValueError(f"a search that is {frequency} is never due")
    return datetime.combine(day, OPENS, LEGAL_ZONE)


def is_night(now: datetime) -> bool:
    """Whether nobody is to be written to: from midnight until eight o'clock."""
    return now.astimezone(LEGAL_ZONE).time() < OPENS
