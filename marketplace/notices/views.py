"""The inbox: what a person has been told."""

from flask import Blueprint, Flask, redirect, render_template, url_for

from marketplace.notices import presenters, services
from marketplace.web import context
from marketplace.web.access import signed_in
from marketplace.web.pagination import PAGE_SIZE, Page, page_number

bp = Blueprint("notices", __name__)


def register(app: Flask) -> None:
    """Attach the pages."""
    app.register_blueprint(bp)


@bp.get("/notices")
@signed_in
def inbox():
    """Everything this person has been told, newest first."""
    rows, total = services.inbox(context.session(), context.actor(), page=page_number(), size=PAGE_SIZE)
    page = Page([presenters.line(notice) for notice in rows], page_number(), total)
    return render_template("notices/inbox.html", page=page)


@bp.post("/notices/<int:notice_id>/open")
@signed_in
def open_notice(notice_id: int):
    """Mark it read and go to the page it is about."""
    notice = services.read(context.session(), context.actor(), notice_id, now=context.now())
    return redirect(notice.path)


@bp.post("/notices/read-all")
@signed_in
def read_all():
    """Mark everything read."""
    services.read_all(context.session(), context.actor(), now=context.now())
    return redirect(url_for("notices.inbox"))
