"""The market's clock: real time, or a development time that starts where told and then runs.

Web server and worker share the offset through one file in MARKETPLACE_HOME, so that a publicity
period can be walked in both at once. Services never read a clock: they are handed `now`.
"""

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from marketplace.config import LEGAL_ZONE


def legal_day(moment: datetime) -> date:
    """The calendar day in Asia/Shanghai on which a moment falls; legal days are counted there."""
    return moment.astimezone(LEGAL_ZONE).date()


class Clock:
    """Real time plus the offset kept in `path`; without a path always real time."""

    def __init__(self, path: Path | None = None, start: datetime | None = None):
        self._path = path
        if path is not None and start is not None and not path.exists():
            self._write(start - datetime.now(UTC))

    @property
    def movable(self) -> bool:
        """Whether this clock may be moved (never in production)."""
        return self._path is not None

    def now(self) -> datetime:
        """The present moment, UTC."""
        return datetime.now(UTC) + self._offset()

    def today(self) -> date:
        """The present legal day (Asia/Shanghai)."""
        return legal_day(self.now())

    def move(self, by: timedelta) -> None:
        """Move the shared development clock forward. Raises ValueError backwards or in production."""
        if not self.movable:
            raise ValueError("the clock of this market cannot be moved")
        if by < timedelta(0):
            raise ValueError("the clock only moves forward")
        self._write(self._offset() + by)

    def _offset(self) -> timedelta:
        if self._path is None:
            return timedelta(0)
        try:
            return timedelta(seconds=json.loads(self._path.read_text())["offset_seconds"])
        except FileNotFoundError:
            return timedelta(0)

    def _write(self, offset: timedelta) -> None:
        # Written beside and renamed: a reader never sees half a file.
        temporary = self._path.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps({"offset_seconds": offset.total_seconds()}))
        temporary.replace(self._path)
