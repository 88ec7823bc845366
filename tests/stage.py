"""Towns as they stood when they were first built: later tests of a process go on from a copy of one.

Only SQLite files are copied; on PostgreSQL every test builds its town.
"""

import copy
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from marketplace.extensions import db


@dataclass(frozen=True)
class Scene:
    """A town that was built: its database and folder, what is known of it, and how late it was there."""

    folder: Path
    known: Any
    clock: datetime


class Stage:
    """Scenes by name, kept in `folder`; before the first one stands the empty database `empty`."""

    def __init__(self, folder: Path, empty: Path) -> None:
        self._folder, self._empty = folder, empty
        self._scenes: dict[str, Scene] = {}

    def set(self, name: str, after: str | None, app: Flask, build: Callable[[], Any]) -> Any:
        """Build a town into this market, or copy what was built before under this name; returns what is known of it.

        `after` names the scene that `build` adds to. If the market does not stand as that scene left it, or is
        not empty for a first one, the town is built whatever was built before.
        """
        database = _database(app)
        if database is None or not self._stands(after, database):
            return build()
        if name in self._scenes:
            self._enter(name, app, database)
        else:
            known = build()
            self._keep(name, app, database, known)
        return copy.deepcopy(self._scenes[name].known)

    def _stands(self, name: str | None, database: Path) -> bool:
        if name is None:
            return _same(database, self._empty)
        return name in self._scenes and _same(database, self._scenes[name].folder / "market.db")

    def _keep(self, name: str, app: Flask, database: Path, known: Any) -> None:
        folder, home = self._folder / name, app.extensions["settings"].home
        _close(app)
        shutil.copytree(home, folder / "home")
        shutil.copy(database, folder / "market.db")
        self._scenes[name] = Scene(folder, copy.deepcopy(known), app.extensions["clock"].now())

    def _enter(self, name: str, app: Flask, database: Path) -> None:
        scene, home = self._scenes[name], app.extensions["settings"].home
        _close(app)
        shutil.copytree(scene.folder / "home", home, dirs_exist_ok=True)
        shutil.copy(scene.folder / "market.db", database)
        behind = scene.clock - datetime.now(UTC)
        (home / "clock.json").write_text(json.dumps({"offset_seconds": behind / timedelta(seconds=1)}))


def _database(app: Flask) -> Path | None:
    """The file of this market's database, if it is one."""
    address = app.extensions["settings"].database_url
    return Path(address.removeprefix("sqlite:///")) if address.startswith("sqlite:///") else None


def _same(database: Path, other: Path) -> bool:
    """Whether the database holds what the other file holds, and nothing waits in its log."""
    log = database.with_name(f"{database.name}-wal")
    if log.exists() and log.stat().st_size:
        return False
    return database.read_bytes() == other.read_bytes()


def _close(app: Flask) -> None:
    """The last connection writes the log into the file and takes it away."""
    with app.app_context():
        db.engine.dispose()
