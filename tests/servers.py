"""Real servers for the tests: found on the machine, started on free ports or sockets, stopped by their pid.

Look in this order: environment variable, apt's place, skip with one line that names what is missing. With
CI=true nothing may be skipped: what is missing is an error.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest


def missing(what: str) -> None:
    """Skip the test with the reason; fail instead when CI=true."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must not skip: {what}")
    pytest.skip(what)


class Postgres:
    """One PostgreSQL cluster in a temporary folder, reachable over a Unix socket only."""

    def __init__(self) -> None:
        self.bin = _postgres_bin()
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self.data = self.folder / "data"
        self._give_away()
        self._run(
            "initdb",
            "-D",
            self.data,
            "-A",
            "trust",
            "-U",
            "app",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c fsync=off"
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "-o", options, "start")

    def url(self, database: str = "postgres") -> str:
        """The address of one database for SQLAlchemy."""
        return f"postgresql+psycopg://app@/{database}?host={self.folder}"

    def new_database(self, name: str, template: str = "template0") -> str:
        """Make a database, empty or a copy, and return its address."""
        self._sql(f'DROP DATABASE IF EXISTS "{name}"')
        self._sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}" ENCODING \'UTF8\'')
        return self.url(name)

    def stop(self) -> None:
        """Stop the cluster and forget its data."""
        self._run("pg_ctl", "-D", self.data, "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _sql(self, statement: str) -> None:
        self._run("psql", "-h", self.folder, "-U", "app", "-d", "postgres", "-q", "-c", statement)

    def _run(self, program: str, *arguments: object) -> None:
        found = self.bin / program
        command = [str(found if found.exists() else program), *map(str, arguments)]
        if os.geteuid() == 0:  # the server refuses to run as root
            command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/")

    def _give_away(self) -> None:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, -1)


def postgres_available() -> bool:
    """Whether the server's programs are on this machine."""
    return _find_postgres() is not None


def _postgres_bin() -> Path:
    found = _find_postgres()
    if found is None:
        missing("PostgreSQL is not installed; apt-get install postgresql brings it")
    return found


def _find_postgres() -> Path | None:
    chosen = os.environ.get("MARKETPLACE_TEST_POSTGRES_BIN")
    if chosen:
        return Path(chosen)
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return places[-1].parent if places else None


def chromium() -> str:
    """The system's Chromium."""
    for path in (
        os.environ.get("MARKETPLACE_TEST_CHROMIUM"),
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
    ):
        if path and Path(path).exists():
            return path
    missing("Chromium is not installed; apt-get install chromium fonts-noto-cjk brings it")
    raise AssertionError
