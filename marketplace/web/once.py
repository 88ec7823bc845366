"""A form sent twice acts once: its submission key is kept with where the first answer led.

Templates put `submission_key()` into a hidden field of every form that creates something.
"""

import secrets
from collections.abc import Callable
from datetime import datetime
from functools import wraps

from flask import redirect, request
from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Base, Identified, Key, UTCDateTime
from marketplace.extensions import db
from marketplace.web import context

FIELD = "submission_key"


class Submission(Identified, Base):
    """A form that has been acted on, and the page its first answer led to."""

    __tablename__ = "submissions"
    __table_args__ = (UniqueConstraint("person", "key"),)

    person: Mapped[int] = mapped_column(Key, comment="user id; 0 for a visitor")
    key: Mapped[str] = mapped_column(String(40))
    location: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


def submission_key() -> str:
    """A new key for one rendering of a form; the one that was typed back where the form failed."""
    return request.form.get(FIELD) or secrets.token_urlsafe(18)


def once(view: Callable) -> Callable:
    """Run a creating POST view at most once per submission key; repeats are led to the first answer."""

    @wraps(view)
    def wrapper(*args, **kwargs):
        key = request.form.get(FIELD, "").replace("\x00", "")[:40] if request.method == "POST" else ""
        if not key:
            return view(*args, **kwargs)
        person = context.actor().user_id or 0
        done = _location(person, key)
        if done:
            return redirect(done)
        response = view(*args, **kwargs)
        location = getattr(response, "location", None)
        if not location:
            return response
        try:
            db.session.add(Submission(person=person, key=key, location=location[:300], at=context.now()))
            db.session.flush()
        except IntegrityError:
            # The same form arrived twice at the same moment: the other one won, ours is undone.
            db.session.rollback()
            return redirect(_location(person, key) or location)
        return response

    return wrapper


def _location(person: int, key: str) -> str | None:
    return db.session.scalar(
        select(Submission.location).where(Submission.person == person, Submission.key == key)
    )
