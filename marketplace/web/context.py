"""What a view hands to a service: the session, the person acting, the moment and the stored files."""

from datetime import date, datetime

from flask import current_app, g
from sqlalchemy.orm import Session

from marketplace.attachments import Storage
from marketplace.clock import Clock, legal_day
from marketplace.config import Settings
from marketplace.extensions import db
from marketplace.permissions import VISITOR, Actor


def session() -> Session:
    """The session of this request; only web/transaction.py commits it."""
    return db.session


def actor() -> Actor:
    """The person acting; the visitor when nobody is logged in. Set by accounts at the request's start."""
    if "actor" not in g:
        g.actor = current_app.extensions["actor_loader"]() or VISITOR
    return g.actor


def forget_actor() -> None:
    """Read the person again at the next question: he logged in or out, or his roles changed."""
    g.pop("actor", None)


def now() -> datetime:
    """One moment for the whole request, so that everything it writes agrees."""
    if "now" not in g:
        g.now = clock().now()
    return g.now


def today() -> date:
    """The legal day of this request (Asia/Shanghai)."""
    return legal_day(now())


def clock() -> Clock:
    """The market's clock."""
    return current_app.extensions["clock"]


def settings() -> Settings:
    """The settings of this installation."""
    return current_app.extensions["settings"]


def storage() -> Storage:
    """Where uploaded files are kept."""
    return current_app.extensions["storage"]
