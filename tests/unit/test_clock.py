"""The market's clock: real time, or one that was moved and is shared by server and worker."""

from datetime import UTC, date, datetime, timedelta

import pytest

from marketplace.clock import Clock, legal_day

START = datetime(2025, 3, 3, 1, 0, tzinfo=UTC)
SOON = timedelta(seconds=5)


def test_without_a_file_it_is_real_time_and_cannot_be_moved():
    clock = Clock()
    assert abs(clock.now() - datetime.now(UTC)) < SOON
    assert not clock.movable
    with pytest.raises(ValueError, match="cannot be moved"):
        clock.move(timedelta(days=1))


def test_it_starts_where_told_and_runs_on(tmp_path):
    clock = Clock(tmp_path / "clock.json", START)
    first = clock.now()
    assert START <= first < START + SOON
    assert clock.now() > first
    assert clock.today() == date(2025, 3, 3)


def test_a_move_is_seen_by_every_process_and_survives_a_restart(tmp_path):
    path = tmp_path / "clock.json"
    web, worker = Clock(path, START), Clock(path)
    web.move(timedelta(days=15))
    assert worker.today() == date(2025, 3, 18)
    restarted = Clock(path, START)
    assert restarted.today() == date(2025, 3, 18)
    assert list(tmp_path.iterdir()) == [path], "nothing half written is left"


def test_it_only_moves_forward(tmp_path):
    clock = Clock(tmp_path / "clock.json", START)
    with pytest.raises(ValueError, match="forward"):
        clock.move(timedelta(days=-1))
    assert clock.today() == date(2025, 3, 3)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2025, 3, 2, 15, 59, 59, tzinfo=UTC), date(2025, 3, 2)),
        (datetime(2025, 3, 2, 16, 0, tzinfo=UTC), date(2025, 3, 3)),
        (datetime(2024, 12, 31, 16, 0, tzinfo=UTC), date(2025, 1, 1)),
    ],
)
def test_the_legal_day_begins_at_midnight_in_shanghai(moment, day):
    assert legal_day(moment) == day
