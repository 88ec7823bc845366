"""Settings, read once from the environment; a wrong value stops the start with one sentence.

Nothing else in the project reads environment variables of the market.
"""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent.parent
LEGAL_ZONE = ZoneInfo("Asia/Shanghai")
ENVIRONMENTS = ("development", "testing", "production")


class ConfigurationError(RuntimeError):
    """A setting cannot be used; the text names the variable and what would be right."""


@dataclass(frozen=True)
class SearchSettings:
    """Which engine answers: without `hosts` the embedded one, else Elasticsearch servers."""

    hosts: tuple[str, ...] = ()
    user: str = ""
    password: str = ""
    api_key: str = ""
    ca_file: str | None = None
    index: str = "market"
    shards: int = 1
    replicas: int = 0


@dataclass(frozen=True)
class Settings:
    """Everything that may differ between two installations of the same code."""

    environment: str
    home: Path
    database_url: str
    search: SearchSettings
    rebuild_processes: int
    secret_key: str
    base_url: str
    mail_url: str
    mail_from: str
    clock_start: datetime | None
    benchmark: Path
    rate_limit_url: str

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @property
    def development(self) -> bool:
        return self.environment == "development"

    @property
    def rate_limits(self) -> bool:
        return bool(self.rate_limit_url)

    @property
    def uploads(self) -> Path:
        return self.home / "uploads"

    @property
    def index(self) -> Path:
        return self.home / "index"


def read_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Settings of this process. Raises ConfigurationError with a sentence for a wrong value."""
    env = os.environ if env is None else env
    environment = _environment(env)
    home = Path(env.get("MARKETPLACE_HOME") or ROOT / "instance").expanduser().resolve()
    _make_folder(home)
    return Settings(
        environment=environment,
        home=home,
        database_url=_database_url(env, home),
        search=_search(env),
        rebuild_processes=_whole_number(env, "MARKETPLACE_REBUILD_PROCESSES", _cores(), range(1, 65)),
        secret_key=_secret_key(env, environment, home),
        base_url=_base_url(env),
        mail_url=_mail_url(env),
        mail_from=env.get("MARKETPLACE_MAIL_FROM") or "noreply@market.example",
        clock_start=_clock_start(env, environment),
        benchmark=Path(env.get("MARKETPLACE_BENCHMARK") or ROOT / ".." / "shared" / "benchmark").resolve(),
        rate_limit_url=_rate_limit_url(env, environment),
    )


def _environment(env: Mapping[str, str]) -> str:
    value = env.get("MARKETPLACE_ENV") or "development"
    if value not in ENVIRONMENTS:
        raise ConfigurationError(
            f"MARKETPLACE_ENV is {value!r}; it must be one of {', '.join(ENVIRONMENTS)}."
        )
    return value


def _make_folder(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"MARKETPLACE_HOME is {str(home)!r}, which cannot be made ({error.strerror}); "
            "name a folder that this user may write to."
        ) from error
    if not os.access(home, os.W_OK):
        raise ConfigurationError(
            f"MARKETPLACE_HOME is {str(home)!r}, which this user may not write to; name another folder."
        )


def _database_url(env: Mapping[str, str], home: Path) -> str:
    url = env.get("MARKETPLACE_DATABASE_URL") or f"sqlite:///{home / 'market.db'}"
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ConfigurationError(
            "MARKETPLACE_DATABASE_URL must start with sqlite:/// or postgresql+psycopg://, "
            "for example postgresql+psycopg://market:password@localhost/market."
        )
    return url


def _search(env: Mapping[str, str]) -> SearchSettings:
    addresses = [text.strip() for text in env.get("MARKETPLACE_SEARCH_URL", "").split(",") if text.strip()]
    parts = [urlsplit(address) for address in addresses]
    for address, part in zip(addresses, parts, strict=True):
        if part.scheme not in ("http", "https") or not part.hostname or part.query or part.fragment:
            raise ConfigurationError(
                f"MARKETPLACE_SEARCH_URL has {address!r}; it must be empty (embedded engine) or the addresses of "
                "Elasticsearch servers with commas between, for example https://user:password@search.example:9200."
            )
    named = next((part for part in parts if part.username), None)
    return SearchSettings(
        hosts=tuple(map(_search_host, parts)),
        user=unquote(named.username or "") if named else "",
        password=unquote(named.password or "") if named else "",
        api_key=env.get("MARKETPLACE_SEARCH_API_KEY", ""),
        ca_file=_search_ca_file(env),
        index=_search_index(env),
        shards=_whole_number(env, "MARKETPLACE_SEARCH_SHARDS", 1, range(1, 65)),
        replicas=_whole_number(env, "MARKETPLACE_SEARCH_REPLICAS", 0, range(6)),
    )


def _search_host(part: SplitResult) -> str:
    """The address without the name and password in it, with its port."""
    host = f"[{part.hostname}]" if ":" in part.hostname else part.hostname
    port = part.port or (443 if part.scheme == "https" else 9200)
    return f"{part.scheme}://{host}:{port}{part.path.rstrip('/')}"


def _search_ca_file(env: Mapping[str, str]) -> str | None:
    path = env.get("MARKETPLACE_SEARCH_CA_FILE")
    if path and not Path(path).is_file():
        raise ConfigurationError(
            f"MARKETPLACE_SEARCH_CA_FILE is {path!r}, which is no file; name the certificate authority (PEM) of "
            "the Elasticsearch servers, or leave it empty."
        )
    return path or None


def _search_index(env: Mapping[str, str]) -> str:
    name = env.get("MARKETPLACE_SEARCH_INDEX") or "market"
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", name):
        raise ConfigurationError(
            f"MARKETPLACE_SEARCH_INDEX is {name!r}; use small letters, digits and underscores, for example market."
        )
    return name


def _whole_number(env: Mapping[str, str], name: str, default: int, allowed: range) -> int:
    text = env.get(name) or str(default)
    if not text.isdecimal() or int(text) not in allowed:
        raise ConfigurationError(
            f"{name} is {text!r}; it must be a whole number from {allowed[0]} to {allowed[-1]}."
        )
    return int(text)


def _cores() -> int:
    """How many cores this process may use, as far as the setting goes."""
    return min(len(os.sched_getaffinity(0)), 64)


def _secret_key(env: Mapping[str, str], environment: str, home: Path) -> str:
    key = env.get("MARKETPLACE_SECRET_KEY", "")
    if key and len(key) < 32:
        raise ConfigurationError(
            "MARKETPLACE_SECRET_KEY is shorter than 32 characters; make one with "
            "python3 -c 'import secrets; print(secrets.token_hex(32))'."
        )
    if key:
        return key
    if environment == "production":
        raise ConfigurationError(
            "MARKETPLACE_SECRET_KEY is missing; outside development it must be set, make one with "
            "python3 -c 'import secrets; print(secrets.token_hex(32))'."
        )
    return _kept_secret(home / "secret_key")


def _kept_secret(path: Path) -> str:
    """The development key: made once, so that a restart logs nobody out."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return path.read_text().strip()


def _base_url(env: Mapping[str, str]) -> str:
    url = (env.get("MARKETPLACE_BASE_URL") or "http://127.0.0.1:5000").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ConfigurationError(
            f"MARKETPLACE_BASE_URL is {url!r}; it must be an address such as https://market.example."
        )
    return url


def _mail_url(env: Mapping[str, str]) -> str:
    url = env.get("MARKETPLACE_MAIL_URL", "")
    if url and urlsplit(url).scheme not in ("smtp", "smtps"):
        raise ConfigurationError(
            "MARKETPLACE_MAIL_URL must be empty (mails are kept as files) or look like "
            "smtp://user:password@mail.example:587."
        )
    return url


def _rate_limit_url(env: Mapping[str, str], environment: str) -> str:
    """Where attempts are counted; empty where rate limits are off, which only tests and trials may have."""
    url = env.get("MARKETPLACE_RATE_LIMIT_URL") or "memory://"
    if url == "off":
        if environment == "production":
            raise ConfigurationError(
                "MARKETPLACE_RATE_LIMIT_URL=off is for tests and measurements; it is refused in production."
            )
        return ""
    if not urlsplit(url).scheme:
        raise ConfigurationError(
            f"MARKETPLACE_RATE_LIMIT_URL is {url!r}; it must be memory://, an address such as "
            "redis://localhost:6379, or off."
        )
    return url


def _clock_start(env: Mapping[str, str], environment: str) -> datetime | None:
    text = env.get("MARKETPLACE_CLOCK", "")
    if not text:
        return None
    if environment == "production":
        raise ConfigurationError("MARKETPLACE_CLOCK is for trying things out; it is refused in production.")
    try:
        start = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(
            f"MARKETPLACE_CLOCK is {text!r}; write a time such as 2025-03-03 or 2025-03-03T09:00."
        ) from error
    return start if start.tzinfo else start.replace(tzinfo=LEGAL_ZONE)
