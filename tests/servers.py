"""Real servers for the tests: found on the machine, started on free ports or sockets, stopped by their pid.

Look in this order: environment variable, apt's place, skip with one line that names what is missing. With
CI=true nothing may be skipped: what is missing is an error.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import psycopg
import pytest

#: Where tests/install_system_packages.sh keeps what it fetched.
DOWNLOADS = Path(__file__).resolve().parent.parent / ".venv" / "downloads"


def missing(what: str) -> None:
    """Skip the test with the reason; fail instead when CI=true."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must not skip: {what}")
    pytest.skip(what)


#: Tests do not wait for the disk: a killed process loses nothing by it, and these clusters live for one run.
_WITHOUT_POWER_CUTS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
_USES_OF_A_COPY = 50
#: Rows and sequences that the migrations have left, beside the tables they stand in.
_KEEP = """
CREATE SCHEMA kept;
CREATE SCHEMA kept_sequences;
CREATE TABLE kept_sequences.reached AS SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public';
DO $$ DECLARE name text; filled boolean; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO filled;
        IF filled THEN EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', name, name); END IF;
    END LOOP;
END $$
"""
#: All rows out, without asking triggers and foreign keys, and those of the migrations in again.
_EMPTY = """
DO $$ DECLARE name text; BEGIN
    SET LOCAL session_replication_role = replica;
    SET LOCAL lock_timeout = '10s';
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('DELETE FROM public.%I', name);
        IF to_regclass(format('kept.%I', name)) IS NOT NULL THEN
            EXECUTE format('INSERT INTO public.%I SELECT * FROM kept.%I', name, name);
        END IF;
    END LOOP;
    PERFORM setval(format('public.%I', s.sequencename), coalesce(k.last_value, 1), k.last_value IS NOT NULL)
        FROM pg_sequences s LEFT JOIN kept_sequences.reached k USING (sequencename)
        WHERE s.schemaname = 'public' AND s.last_value IS DISTINCT FROM k.last_value;
END $$
"""


class Postgres:
    """One PostgreSQL cluster in a temporary folder, reachable over a Unix socket only."""

    def __init__(self) -> None:
        self.bin = _postgres_bin()
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self.data = self.folder / "data"
        _give_to_nobody(self.folder)
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
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' {_WITHOUT_POWER_CUTS}"
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "-o", options, "start")
        #: Database → how often `empty_copy` has handed it out.
        self._uses: Counter[str] = Counter()

    def url(self, database: str = "postgres") -> str:
        """The address of one database for SQLAlchemy."""
        return f"postgresql+psycopg://app@/{database}?host={self.folder}"

    def new_database(self, name: str, template: str = "template0") -> str:
        """Make a database, empty or a copy, and return its address."""
        self._sql("postgres", f'DROP DATABASE IF EXISTS "{name}"')
        self._sql("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{template}" ENCODING \'UTF8\'')
        return self.url(name)

    def keep_contents(self, template: str) -> None:
        """Keep in a schema of its own what this database holds, so that its copies can be emptied again."""
        self._sql(template, _KEEP)

    def empty_copy(self, name: str, template: str) -> str:
        """A database as its template is (see `keep_contents`): the same one as before, emptied, or a new copy.

        Emptying takes a tenth of what copying takes. It leaves dead rows behind, hence a new copy now and then.
        """
        if self._uses[name] % _USES_OF_A_COPY:
            self._sql(name, _EMPTY)
        else:
            self.new_database(name, template)
        self._uses[name] += 1
        return self.url(name)

    def stop(self) -> None:
        """Stop the cluster and forget its data."""
        self._run("pg_ctl", "-D", self.data, "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _sql(self, database: str, statement: str) -> None:
        with psycopg.connect(f"host={self.folder} user=app dbname={database}", autocommit=True) as connection:
            connection.execute(statement)

    def _run(self, program: str, *arguments: object) -> None:
        found = self.bin / program
        command = [str(found if found.exists() else program), *map(str, arguments)]
        subprocess.run(
            _as_nobody(command), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/"
        )


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


class Elasticsearch:
    """Elasticsearch servers on free ports, from the stock distribution, as one cluster in temporary folders."""

    #: Half the usual start: tests start servers often and never long enough for the optimising compiler to pay.
    java_options = "-XX:TieredStopAtLevel=1"

    def __init__(self, nodes: int = 1) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="es-"))
        shutil.unpack_archive(elasticsearch_distribution(), self.folder)
        self.program = next(self.folder.glob("elasticsearch-*"))
        for script in (self.program / "bin").iterdir():
            script.chmod(0o755)
        for folder in ("tmp", *(f"{kind}-{number}" for kind in ("data", "logs") for number in range(nodes))):
            (self.folder / folder).mkdir()
        for number in range(nodes):
            # A folder for each: nodes that start at the same moment stumble over each other's key store.
            shutil.copytree(self.program / "config", self.config(number))
        self.prepare()
        _give_to_nobody(self.folder)
        self.ports = [(_free_port(), _free_port()) for _ in range(nodes)]
        self.processes: dict[int, subprocess.Popen] = {}
        #: Running node → the settings it was started with on top of the usual ones.
        self.started: dict[int, dict[str, str]] = {}
        try:
            for number in range(nodes):
                self.start(number)
            self.wait()
        except BaseException:
            self._kill_all()
            raise

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses of all nodes."""
        return tuple(f"http://127.0.0.1:{http}" for http, _ in self.ports)

    def config(self, number: int) -> Path:
        """The folder of a node's configuration files."""
        return self.folder / f"config-{number}"

    def prepare(self) -> None:
        """What a kind of server wants in its folder before the first start."""

    def start(self, number: int = 0, settings: Mapping[str, str] | None = None) -> None:
        """Start one node, with `settings` on top of the usual ones; `wait` waits until it answers."""
        command = [str(self.program / "bin" / "elasticsearch")]
        self.started[number] = dict(settings or {})
        for name, value in (self.settings(number) | self.started[number]).items():
            command += ["-E", f"{name}={value}"]
        log = (self.folder / f"out-{number}").open("ab")
        with log:
            self.processes[number] = subprocess.Popen(
                _as_nobody(command),
                stdout=log,
                stderr=log,
                cwd="/",
                env=self.environment(number),
                start_new_session=True,
            )

    def settings(self, number: int) -> dict[str, object]:
        """The settings of one node."""
        http, transport = self.ports[number]
        return {
            "node.name": f"node-{number}",
            "xpack.security.enabled": "false",
            "network.host": "127.0.0.1",
            "http.port": http,
            "transport.port": transport,
            "path.data": self.folder / f"data-{number}",
            "path.logs": self.folder / f"logs-{number}",
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            **self._discovery(),
        }

    def environment(self, number: int) -> dict[str, str]:
        """The environment that the programs of a node want."""
        return {
            **os.environ,
            "ES_JAVA_HOME": str(_java_home()),
            "ES_JAVA_OPTS": f"-Xms512m -Xmx512m {self.java_options}",
            "CLI_JAVA_OPTS": self.java_options,
            "ES_TMPDIR": str(self.folder / "tmp"),
            "ES_PATH_CONF": str(self.config(number)),
        }

    def wait(self, seconds: float = 120) -> None:
        """Wait until every running node is in the cluster and no shard is missing."""
        last = time.monotonic() + seconds
        path = f"/_cluster/health?wait_for_nodes={len(self.processes)}&wait_for_status=yellow&timeout=5s"
        while time.monotonic() < last:
            for number in self.processes:
                if self.ask(number, path) == 200:
                    return
            time.sleep(0.2)
        raise RuntimeError(f"elasticsearch did not start; see {self.folder}")

    def kill(self, number: int = 0) -> None:
        """kill -9, the node's whole process group."""
        process = self.processes.pop(number)
        del self.started[number]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def restart(self, number: int = 0, settings: Mapping[str, str] | None = None) -> None:
        """Start a node anew, killed or not, and wait until nothing is missing."""
        if number in self.processes:
            self.kill(number)
        self.start(number, settings)
        self.wait()

    def stop(self) -> None:
        """Stop all nodes and forget their data."""
        self._kill_all()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, number: int, path: str) -> int | None:
        """The status that a node answers with to a GET; None when it cannot be reached."""
        try:
            with urllib.request.urlopen(self.urls[number] + path, timeout=6) as answer:
                return answer.status
        except OSError:
            return None

    def _kill_all(self) -> None:
        for number in list(self.processes):
            self.kill(number)

    def _discovery(self) -> dict[str, str]:
        if len(self.ports) == 1:
            return {"discovery.type": "single-node"}
        return {
            "discovery.seed_hosts": ",".join(f"127.0.0.1:{transport}" for _, transport in self.ports),
            "cluster.initial_master_nodes": ",".join(f"node-{number}" for number in range(len(self.ports))),
        }


def elasticsearch_distribution() -> Path:
    """The stock server's archive, fetched by tests/install_system_packages.sh."""
    chosen = os.environ.get("MARKETPLACE_TEST_ELASTICSEARCH_ZIP")
    path = Path(chosen) if chosen else DOWNLOADS / "elasticsearch.zip"
    if not path.is_file():
        missing(f"the Elasticsearch server is not at {path}; make test fetches it with Maven")
    return path


def _java_home() -> Path:
    found = os.environ.get("ES_JAVA_HOME") or os.environ.get("JAVA_HOME")
    if found:
        return Path(found)
    program = shutil.which("java")
    if program is None:
        missing("Java 17 is not installed; apt-get install openjdk-17-jre-headless brings it")
    return Path(program).resolve().parents[1]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _as_nobody(command: list[str]) -> list[str]:
    """Servers refuse to run as root."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]


def _give_to_nobody(folder: Path) -> None:
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "nobody:nogroup", str(folder)], check=True)
        folder.chmod(0o755)
