"""Folders of an embedded index: one complete generation in use, its successor built beside it, then swapped.

Layout of the root folder: `CURRENT` (the name of the generation in use), `writer.lock`, and one folder per
generation with a `version.json` and the number of the last batch written to it (`batch`). The swap is a single
atomic rename of `CURRENT`, so a kill at any moment leaves either the old generation or the new one, never a
half-built one. The generation before the current one stays until the next rebuild, because readers in other
processes may still hold it, and so that one can go back to it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from search.backend import EngineBusy, EngineUnavailable

_CURRENT = "CURRENT"
_LOCK = "writer.lock"
_VERSION = "version.json"
_BATCH = "batch"
_PREFIX = "generation-"


class Generations:
    """The generations below one root folder. `version` tells the schema and the tokenizer in force right now."""

    def __init__(self, root: Path, version: Callable[[], dict[str, str]]) -> None:
        self.root = root
        self.version = version

    def current(self) -> Path | None:
        """Return the folder of the generation in use, or None while there is none."""
        try:
            name = (self.root / _CURRENT).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise EngineUnavailable(f"cannot read {self.root / _CURRENT}: {error}") from error
        folder = self.root / name
        return folder if name.startswith(_PREFIX) and folder.is_dir() else None

    def stored_version(self, folder: Path) -> dict[str, str] | None:
        """Return what the generation was made by, or None when that cannot be told."""
        try:
            found = json.loads((folder / _VERSION).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def is_readable(self, folder: Path) -> bool:
        """Tell whether a generation has the fields that queries ask for (another dictionary is tolerable)."""
        stored = self.stored_version(folder)
        return stored is not None and stored.get("schema") == self.version()["schema"]

    def is_up_to_date(self, folder: Path) -> bool:
        """Tell whether a generation was made by the schema and the tokenizer in force."""
        return self.stored_version(folder) == self.version()

    def previous(self) -> Path:
        """Return the generation before the one in use. Raises EngineUnavailable when there is none to use."""
        current = self.current()
        older = [folder for folder in self.root.glob(f"{_PREFIX}*") if current and folder.name < current.name]
        if not older:
            raise EngineUnavailable("there is no previous index to go back to")
        newest = max(older)
        if not self.is_up_to_date(newest):
            raise EngineUnavailable("the previous index was made by another version; rebuild instead")
        return newest

    def last_batch(self, folder: Path) -> int:
        """Return the number of the last batch written to a generation; 0 when no batch had one."""
        try:
            return int((folder / _BATCH).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0

    def note_batch(self, folder: Path, number: int) -> None:
        """Remember the last batch. Noted after it was written: a kill in between only forgets a number."""
        _write_durably(folder / _BATCH, str(number))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the one writer's place; raises EngineBusy at once when another process or thread has it."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.root / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise EngineUnavailable(f"cannot write to {self.root}: {error}") from error
        try:
            # The kernel drops the lock with the process, so a killed writer leaves nothing behind.
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as error:
            raise EngineBusy("another process is writing the index") from error
        finally:
            os.close(handle)

    def begin(self) -> Path:
        """Make an empty folder for the next generation, after removing what earlier attempts left behind."""
        keep = self.current()
        numbers = [0]
        for folder in self.root.glob(f"{_PREFIX}*"):
            with suppress(ValueError):
                numbers.append(int(folder.name.removeprefix(_PREFIX)))
            if folder != keep:
                shutil.rmtree(folder, ignore_errors=True)
        fresh = self.root / f"{_PREFIX}{max(numbers) + 1:06d}"
        fresh.mkdir()
        return fresh

    def activate(self, folder: Path) -> None:
        """Put a complete generation into use, atomically and durably."""
        _write_durably(folder / _VERSION, json.dumps(self.version()))
        _write_durably(self.root / _CURRENT, folder.name)


def _write_durably(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.new")
    with temporary.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
