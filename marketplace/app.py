"""The composition root: settings, extensions, features, commands. Sees everything; nothing imports it."""

import logging
from functools import partial

import orjson
import structlog
from flask import Flask

from marketplace import cli, features, worker
from marketplace.attachments import Storage
from marketplace.clock import Clock
from marketplace.config import ROOT, Settings, read_settings
from marketplace.db import configure_engine
from marketplace.extensions import babel, bootstrap, csrf, db, limiter, login_manager, talisman
from marketplace.indexing.engines import engine_of
from marketplace.notices.delivery import FolderCarrier, SmtpCarrier
from marketplace.web import access, addresses, errors, jinja, locale, once, transaction
from search import tokenizer

_LARGEST_REQUEST = 64 * 1024 * 1024

_CSP = {
    "default-src": "'self'",
    "img-src": ["'self'", "data:"],
    "script-src": "'self'",
    "style-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def create_app(settings: Settings | None = None) -> Flask:
    """The market as a WSGI application, bound to nothing but its settings."""
    settings = settings or read_settings()
    app = transaction.MarketFlask(
        "marketplace", root_path=str(ROOT), template_folder="templates", static_folder="static"
    )
    addresses.register(app)
    _configure(app, settings)
    _bind_services(app, settings)
    _bind_extensions(app, settings)
    errors.register(app)
    jinja.register(app)
    app.add_template_global(once.submission_key)
    features.register(app, settings)
    cli.register(app)
    app.extensions["worker"] = partial(worker.run_pass, app)
    access.check(app)
    return app


def create_server() -> Flask:
    """The market for a server: what the first search would wait for is loaded before it answers anybody."""
    app = create_app()
    tokenizer.warm_up()
    return app


def _configure(app: Flask, settings: Settings) -> None:
    secure = settings.base_url.startswith("https://")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_ENGINES={"default": {"url": settings.database_url, "json_deserializer": orjson.loads}},
        MAX_CONTENT_LENGTH=_LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SESSION_COOKIE_NAME="market",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        BABEL_DEFAULT_LOCALE="zh_CN",
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "marketplace" / "translations"),
        BOOTSTRAP_SERVE_LOCAL=True,
        RATELIMIT_ENABLED=settings.rate_limits,
        RATELIMIT_STORAGE_URI=settings.rate_limit_url,
        RATELIMIT_HEADERS_ENABLED=True,
    )
    app.testing = settings.environment == "testing"
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    _configure_logging(settings)


def _bind_services(app: Flask, settings: Settings) -> None:
    movable = None if settings.production else settings.home / "clock.json"
    app.extensions["settings"] = settings
    app.extensions["clock"] = Clock(movable, settings.clock_start)
    app.extensions["storage"] = Storage(settings.uploads)
    app.extensions["search"] = engine_of(settings.search, settings.index)
    app.extensions["carrier"] = (
        SmtpCarrier(settings.mail_url) if settings.mail_url else FolderCarrier(settings.home / "mail")
    )


def _bind_extensions(app: Flask, settings: Settings) -> None:
    db.init_app(app)
    with app.app_context():
        configure_engine(db.engine)
    csrf.init_app(app)
    limiter.init_app(app)
    login_manager.init_app(app)
    bootstrap.init_app(app)
    babel.init_app(app, locale_selector=locale.chosen)
    locale.quicken(app)
    talisman.init_app(
        app,
        force_https=settings.production and settings.base_url.startswith("https://"),
        content_security_policy=_CSP,
        session_cookie_secure=settings.base_url.startswith("https://"),
        referrer_policy="same-origin",
    )


def _configure_logging(settings: Settings) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False)
            if settings.production
            else structlog.dev.ConsoleRenderer(colors=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
