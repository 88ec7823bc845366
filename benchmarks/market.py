"""A market to measure: the demonstration market, in a folder that is thrown away."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from flask import Flask

from marketplace.app import create_app
from marketplace.config import read_settings
from marketplace.migrations import run as migrations
from marketplace.portal import demo
from marketplace.worker import run_pass


@contextmanager
def empty(home: Path | None = None) -> Iterator[Flask]:
    """A migrated market without any rows; one in a `home` stays there, with what it holds."""
    with nullcontext(home) if home else tempfile.TemporaryDirectory(prefix="market-bench-") as folder:
        settings = read_settings(
            {
                "MARKETPLACE_ENV": "testing",
                "MARKETPLACE_HOME": str(folder),
                "MARKETPLACE_RATE_LIMIT_URL": "off",
                **{
                    name: value
                    for name, value in os.environ.items()
                    if name.startswith(("MARKETPLACE_SEARCH_", "MARKETPLACE_REBUILD_"))
                },
            }
        )
        migrations.upgrade(settings.database_url)
        app = create_app(settings)
        with app.app_context():
            yield app


@contextmanager
def demonstration() -> Iterator[Flask]:
    """The demonstration market, indexed and matched."""
    with empty() as app:
        demo.load(app, lambda line: None)
        run_pass(app)
        yield app


def benchmark_folder(app: Flask) -> Path:
    """Where the real listings are."""
    return app.extensions["settings"].benchmark
