"""Pages of matches: the list of one's own listing's matches, the card, accepting and declining."""

from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask_babel import gettext

from marketplace.errors import Invalid
from marketplace.matching import presenters, services
from marketplace.matching.forms import DeclineForm
from marketplace.web import context
from marketplace.web.access import signed_in

bp = Blueprint("matching", __name__)


def register(app: Flask) -> None:
    """Attach the pages."""
    app.register_blueprint(bp)


@bp.get("/my/listings/<number>/matches")
@signed_in
def matches(number: str):
    """The matches of one's own listing, the best one opened."""
    return _page(number, None)


@bp.get("/my/listings/<number>/matches/<other>")
@signed_in
def card(number: str, other: str):
    """One match with its reasons."""
    return _page(number, other)


@bp.route("/my/listings/<number>/matches/<other>/decline", methods=["GET", "POST"])
@signed_in
def decline(number: str, other: str):
    """Say why a match does not fit."""
    session, actor = context.session(), context.actor()
    pair = services.pair_of(session, actor, number, other)
    form = DeclineForm()
    if form.validate_on_submit():
        try:
            services.decide(
                session,
                actor,
                number,
                other,
                "declined",
                now=context.now(),
                reason_code=form.reason_code.data,
                note=form.note.data or "",
            )
        except Invalid as problems:
            form.take(problems)
        else:
            flash(gettext("已记录，原因会告知对方。"), "done")
            return redirect(url_for("matching.matches", number=number))
    own = pair.demand if pair.demand.number == number else pair.achievement
    page = presenters.card(pair, own)
    return (
        render_template("matching/decline.html", form=form, card=page, number=number, other=other),
        422 if form.errors else 200,
    )


def _page(number: str, other: str | None):
    listing, run, pairs = services.matches_of(context.session(), context.actor(), number)
    chosen = next((p for p in pairs if other in (p.demand.number, p.achievement.number)), None)
    if other is not None and chosen is None:
        chosen = services.pair_of(context.session(), context.actor(), number, other)
    opened = chosen or (pairs[0] if pairs else None)
    return render_template(
        "matching/matches.html",
        listing=listing,
        title=listing.accepted_revision.title if listing.accepted_revision else listing.revisions[-1].title,
        run=run,
        rows=[presenters.list_row(pair, listing, pair is opened) for pair in pairs],
        card=presenters.card(opened, listing) if opened else None,
    )
