"""When digests are due, in Asia/Shanghai, whatever the clock's own zone."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from marketplace.config import LEGAL_ZONE
from marketplace.discovery.saved.models import Frequency
from marketplace.discovery.saved.schedule import is_night, last_start


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LEGAL_ZONE)


@pytest.mark.parametrize(
    ("now", "daily", "weekly"),
    [
        ("2026-03-02T08:00:00", "2026-03-02", "2026-03-02"),  # a Monday
        ("2026-03-02T07:59:59", "2026-03-01", "2026-02-23"),
        ("2026-03-02T23:59:59", "2026-03-02", "2026-03-02"),
        ("2026-03-03T00:00:00", "2026-03-02", "2026-03-02"),
        ("2026-03-08T23:00:00", "2026-03-08", "2026-03-02"),
        ("2026-03-09T07:00:00", "2026-03-08", "2026-03-02"),
        ("2026-01-01T09:00:00", "2026-01-01", "2025-12-29"),
    ],
)
def test_a_digest_becomes_due_at_eight(now, daily, weekly):
    for zone in (LEGAL_ZONE, UTC, timezone(timedelta(hours=-11))):
        moment = at(now).astimezone(zone)
        assert last_start(Frequency.DAILY, moment) == at(f"{daily}T08:00:00")
        assert last_start(Frequency.WEEKLY, moment) == at(f"{weekly}T08:00:00")


def test_what_is_off_is_never_due():
    with pytest.raises(ValueError):
        last_start(Frequency.OFF, at("2026-03-02T08:00:00"))


@pytest.mark.parametrize(
    ("now", "night"),
    [("00:00:00", True), ("07:59:59", True), ("08:00:00", False), ("23:59:59", False)],
)
def test_at_night_nobody_is_written_to(now, night):
    assert is_night(at(f"2026-03-02T{now}").astimezone(UTC)) is night
