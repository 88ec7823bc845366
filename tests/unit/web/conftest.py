"""A small application with the market's templates, for looking at one macro or page at a time."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_wtf.csrf import CSRFProtect

from marketplace.config import ROOT
from marketplace.web import jinja

LATER = frozenset({"statistics", "about"})


@pytest.fixture(scope="session")
def app():
    """Templates, translations, CSRF and every place of SITE_LINKS but those of LATER."""
    app = Flask("pages", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.update(SECRET_KEY="k" * 32, BABEL_DEFAULT_LOCALE="zh_CN", TESTING=True)
    CSRFProtect(app)
    Babel(app)
    Bootstrap5(app)
    jinja.register(app)
    for name, endpoint in jinja.SITE_LINKS.items():
        if name not in LATER:
            app.add_url_rule(f"/{name}", endpoint, lambda: "", methods=["GET", "POST"])
    return app


@pytest.fixture
def render(app):
    """Render a template text or file within a request; the answer is parsed HTML."""

    def rendered(source, /, path="/list?q=涂层", **context):
        with app.test_request_context(path):
            find = app.jinja_env.get_template if source.endswith(".html") else app.jinja_env.from_string
            template = find(source)
            values = {}
            app.update_template_context(values)
            return BeautifulSoup(template.render({**values, **context}), "html.parser")

    return rendered


@pytest.fixture
def frame():
    """What the application's context processor hands to every page."""
    return {
        "locale": "zh_CN",
        "display_mode": "standard",
        "today": date(2026, 11, 20),
        "now": datetime(2026, 11, 20, 1, 0, tzinfo=UTC),
        "page_updated": datetime(2026, 11, 20, 1, 0, tzinfo=UTC),
        "demo_data": True,
        "menu": [
            {"label": "首页", "url": "/home", "active": True},
            {"label": "成果大厅", "url": "/search", "active": False},
        ],
        "current_user": SimpleNamespace(is_authenticated=False),
    }
