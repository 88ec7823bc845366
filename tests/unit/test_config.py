"""Settings: the defaults work, and a wrong value stops the start with a sentence that names the variable."""

import stat

import pytest

from marketplace.config import ConfigurationError, SearchSettings, read_settings


@pytest.fixture
def env(tmp_path):
    return {"MARKETPLACE_HOME": str(tmp_path / "home")}


def test_a_folder_is_enough(env, tmp_path):
    settings = read_settings(env)
    home = (tmp_path / "home").resolve()
    assert settings.environment == "development" and settings.development and not settings.production
    assert settings.database_url == f"sqlite:///{home / 'market.db'}"
    assert (settings.uploads.parent, settings.index.parent) == (home, home)
    assert settings.base_url == "http://127.0.0.1:5000"
    assert settings.clock_start is None and settings.search == SearchSettings()


def test_the_development_key_is_kept_and_private(env, tmp_path):
    first, second = read_settings(env), read_settings(env)
    assert first.secret_key == second.secret_key and len(first.secret_key) == 64
    assert stat.S_IMODE((tmp_path / "home" / "secret_key").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("MARKETPLACE_ENV", "prod", "production"),
        ("MARKETPLACE_DATABASE_URL", "mysql://x", "postgresql+psycopg://"),
        ("MARKETPLACE_DATABASE_URL", "postgresql://x", "postgresql+psycopg://"),
        ("MARKETPLACE_SEARCH_URL", "localhost:9200", "https://user:password@search.example:9200"),
        ("MARKETPLACE_SEARCH_URL", "http://a:9200,ftp://b", "commas between"),
        ("MARKETPLACE_SEARCH_CA_FILE", "/nowhere/ca.pem", "certificate authority"),
        ("MARKETPLACE_SEARCH_INDEX", "Markt-1", "for example market"),
        ("MARKETPLACE_SEARCH_SHARDS", "0", "from 1 to 64"),
        ("MARKETPLACE_SEARCH_REPLICAS", "viele", "from 0 to 5"),
        ("MARKETPLACE_REBUILD_PROCESSES", "0", "from 1 to 64"),
        ("MARKETPLACE_SECRET_KEY", "short", "32 characters"),
        ("MARKETPLACE_BASE_URL", "market.example", "https://market.example"),
        ("MARKETPLACE_BASE_URL", "ftp://market.example", "https://market.example"),
        ("MARKETPLACE_MAIL_URL", "mail.example:25", "smtp://"),
        ("MARKETPLACE_CLOCK", "tomorrow", "2025-03-03"),
        ("MARKETPLACE_RATE_LIMIT_URL", "localhost", "redis://localhost:6379"),
    ],
)
def test_a_wrong_value_is_named_with_what_would_be_right(env, name, value, right):
    with pytest.raises(ConfigurationError) as refused:
        read_settings({**env, name: value})
    assert name in str(refused.value) and right in str(refused.value)
    assert str(refused.value).count("\n") == 0


def test_elasticsearch_servers_are_told_with_name_and_password(env):
    found = read_settings(
        {
            **env,
            "MARKETPLACE_SEARCH_URL": "https://app:p%40ss@one.example:9200, https://two.example",
            "MARKETPLACE_SEARCH_API_KEY": "key",
            "MARKETPLACE_SEARCH_SHARDS": "3",
            "MARKETPLACE_SEARCH_REPLICAS": "1",
        }
    ).search
    assert found.hosts == ("https://one.example:9200", "https://two.example:443")
    assert (found.user, found.password, found.api_key) == ("app", "p@ss", "key")
    assert (found.index, found.shards, found.replicas) == ("market", 3, 1)


@pytest.mark.parametrize(("cores", "processes"), [(1, 1), (2, 2), (128, 64)])
def test_a_rebuild_uses_the_cores_of_the_process(env, monkeypatch, cores, processes):
    monkeypatch.setattr("os.sched_getaffinity", lambda _process: set(range(cores)))
    assert read_settings(env).rebuild_processes == processes
    assert read_settings({**env, "MARKETPLACE_REBUILD_PROCESSES": "3"}).rebuild_processes == 3


def test_a_home_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigurationError, match="MARKETPLACE_HOME"):
        read_settings({"MARKETPLACE_HOME": str(tmp_path / "file" / "home")})


def test_a_home_that_is_not_ours_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("marketplace.config.os.access", lambda path, mode: False)
    with pytest.raises(ConfigurationError, match="MARKETPLACE_HOME"):
        read_settings({"MARKETPLACE_HOME": str(tmp_path)})


def test_production_wants_its_own_key_and_real_time(env):
    production = {**env, "MARKETPLACE_ENV": "production"}
    with pytest.raises(ConfigurationError, match="MARKETPLACE_SECRET_KEY is missing"):
        read_settings(production)
    keyed = {**production, "MARKETPLACE_SECRET_KEY": "k" * 32}
    assert read_settings(keyed).production
    with pytest.raises(ConfigurationError, match="MARKETPLACE_CLOCK"):
        read_settings({**keyed, "MARKETPLACE_CLOCK": "2025-03-03"})
    with pytest.raises(ConfigurationError, match="MARKETPLACE_RATE_LIMIT_URL"):
        read_settings({**keyed, "MARKETPLACE_RATE_LIMIT_URL": "off"})


def test_rate_limits_can_be_switched_off(env):
    counted = read_settings(env)
    assert counted.rate_limits and counted.rate_limit_url == "memory://"
    assert not read_settings({**env, "MARKETPLACE_RATE_LIMIT_URL": "off"}).rate_limits


def test_a_day_without_zone_is_shanghais(env):
    start = read_settings({**env, "MARKETPLACE_CLOCK": "2025-03-03"}).clock_start
    assert start.isoformat() == "2025-03-03T00:00:00+08:00"


def test_an_empty_variable_is_the_default(env):
    names = (
        *("ENV", "DATABASE_URL", "SEARCH_URL", "SECRET_KEY", "BASE_URL", "MAIL_URL", "CLOCK", "BENCHMARK"),
        "RATE_LIMIT_URL",
    )
    assert read_settings({**env, **{f"MARKETPLACE_{n}": "" for n in names}}) == read_settings(env)
