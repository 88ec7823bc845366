"""Pages for trying the market out: mails kept as files, the movable clock, the components. Never in production."""

import email
import email.policy
from datetime import timedelta

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from marketplace.web import context
from marketplace.web.access import public
from marketplace.web.numbers import number

bp = Blueprint("development", __name__, url_prefix="/dev")
_MOST_MAILS = 50
_MOST_DAYS = 400


def register(app: Flask) -> None:
    """Attach the pages."""
    app.register_blueprint(bp)


@bp.get("/outbox")
@public
def outbox():
    """The newest mails, as their readers would see them."""
    folder = context.settings().home / "mail"
    paths = sorted(folder.glob("*.eml"), reverse=True)[:_MOST_MAILS] if folder.exists() else []
    mails = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]
    return render_template(
        "portal/outbox.html",
        mails=[{"to": m["To"], "subject": m["Subject"], "text": m.get_content()} for m in mails],
    )


@bp.route("/clock", methods=["GET", "POST"])
@public
def clock():
    """Move the shared development clock forward by whole days."""
    if request.method == "POST":
        days = number(request.form.get("days"))
        if 1 <= days <= _MOST_DAYS:
            context.clock().move(timedelta(days=days))
            flash(gettext("时钟已前移 %(days)s 天。", days=days), "done")
        else:
            flash(gettext("请填写 1 到 400 之间的天数。"), "attention")
        return redirect(url_for("development.clock"))
    return render_template("portal/clock.html")


@bp.get("/components")
@public
def components():
    """Every component with sample data."""
    return render_template("components/gallery.html")
