"""Notices as sentences in the reader's language."""

from types import SimpleNamespace

from flask import url_for
from flask_babel import gettext

from marketplace.notices.kinds import SENTENCES
from marketplace.notices.models import Notice


def line(notice: Notice) -> SimpleNamespace:
    """One notice as a line of the inbox or of the workbench."""
    return SimpleNamespace(
        id=notice.id,
        text=gettext(SENTENCES[notice.kind]) % notice.params,
        on=notice.created_at,
        unread=notice.read_at is None,
        open_url=url_for("notices.open_notice", notice_id=notice.id),
    )
