"""Pages of the freshness clock: confirming one's own listings, one or several, and the link of a reminder."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from marketplace.errors import Forbidden, Invalid, NotFound
from marketplace.extensions import limiter
from marketplace.listings import presenters
from marketplace.listings.forms import ClosingForm
from marketplace.listings.services import confirm_links, confirming
from marketplace.web import context
from marketplace.web.access import public, signed_in
from marketplace.web.errors import say
from marketplace.web.numbers import number as as_number
from marketplace.web.once import once


def attach(bp: Blueprint) -> None:
    """Add these pages to the blueprint of listings."""
    for rule, view, methods in (
        ("/my/listings/<number>/confirm", confirm, ["POST"]),
        ("/my/listings/confirm", confirm_all, ["POST"]),
        ("/confirm/<token>", confirm_link, ["GET", "POST"]),
    ):
        bp.add_url_rule(rule, view_func=view, methods=methods)


@signed_in
def confirm(number: str):
    """The owner says that one listing is still valid."""
    confirming.confirm(context.session(), context.actor(), number, now=context.now())
    flash(gettext("已确认仍然有效。"), "done")
    in_list = request.form.get("back") == "list"
    return redirect(url_for("listings.mine") if in_list else url_for("listings.own", number=number))


@signed_in
@once
def confirm_all():
    """The owner says that those which his list named are still valid."""
    numbers = request.form.getlist("number")
    count = confirming.confirm_all(context.session(), context.actor(), numbers, now=context.now())
    flash(gettext("已确认 %(count)s 条仍然有效。", count=count), "done")
    return redirect(url_for("listings.mine"))


@public
@limiter.limit("60 per hour", methods=["POST"])
def confirm_link(token: str):
    """The page of a reminder's link. GET only asks: programs that open the links of a mail must confirm nothing."""
    try:
        question = confirm_links.open_link(
            context.session(), token, current_app.secret_key, now=context.now()
        )
    except (NotFound, Forbidden) as refused:
        return render_template("listings/confirm_refused.html", sentence=say(refused)), refused.status
    form = ClosingForm()
    if request.method == "GET":
        form.version.data = question.listing.version
    elif form.validate_on_submit() and _answered(question, form):
        return redirect(url_for("listings.confirm_link", token=token))
    page = presenters.link_page(question)
    return render_template("listings/confirm_link.html", page=page, form=form), 422 if form.errors else 200


def _answered(question: confirm_links.Question, form: ClosingForm) -> bool:
    """Whether the answer was taken; problems stand in the form."""
    session, now = context.session(), context.now()
    try:
        if request.form.get("answer") == "close":
            reason, note = form.closing.data or "", form.note.data or ""
            version = as_number(form.version.data)
            confirm_links.close(session, question, reason, note, version=version, now=now)
        else:
            confirm_links.confirm(session, question, now=now)
    except Invalid as problems:
        form.take(problems)
        return False
    return True
