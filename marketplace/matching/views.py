"""Pages of matches: the list of one's own listing's matches, the card, accepting and declining."""

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext

from marketplace.errors import Invalid
from marketplace.listings import states
from marketplace.matching import presenters, staff_presenters
from marketplace.matching.forms import DeclineForm
from marketplace.matching.services import decisions, outlook, pairs
from marketplace.matching.services import outcomes as study
from marketplace.web import context
from marketplace.web.access import signed_in
from marketplace.web.once import once
from marketplace.web.transaction import on_read

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
@once
def decline(number: str, other: str):
    """Say why a match does not fit."""
    session, actor = context.session(), context.actor()
    pair = pairs.pair_of(session, actor, number, other)
    form = DeclineForm()
    if form.validate_on_submit():
        try:
            decisions.decide(
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
    page = presenters.card(pair, own, context.today())
    return (
        render_template("matching/decline.html", form=form, card=page, number=number, other=other),
        422 if form.errors else 200,
    )


@bp.get("/staff/matching")
@signed_in
def outcomes():
    """What people did with the matches they were shown, for the market's staff."""
    found = study.outcomes(context.session(), context.actor())
    return render_template("matching/outcomes.html", page=staff_presenters.page(found))


def _page(number: str, other: str | None):
    own = pairs.matches_of(context.session(), context.actor(), number)
    opened = _opened(own, other)
    showings = pairs.new_showings(context.session(), own, context.now())
    if showings:
        on_read(lambda session: pairs.note_showings(session, showings))
    ahead = outlook.of(
        context.session(),
        current_app.extensions["search"],
        context.actor(),
        own.listing,
        today=context.today(),
    )
    near, further = presenters.nearer(own.pairs)

    def row(pair: pairs.Pair):
        return presenters.list_row(pair, own.listing, pair is opened, context.today())

    return render_template(
        "matching/matches.html",
        listing=own.listing,
        decides=own.decides,
        title=own.listing.title,
        facts=presenters.own_facts(own.listing),
        chosen=other is not None,
        place=presenters.place_of(opened, [*near, *further]),
        published=own.listing.state == states.PUBLISHED,
        run=own.run,
        rows=[row(pair) for pair in near],
        further=[row(pair) for pair in further],
        declined=[row(pair) for pair in own.declined],
        card=presenters.card(opened, own.listing, context.today()) if opened else None,
        outlook=presenters.outlook(ahead),
    )


def _opened(own: pairs.OwnMatches, other: str | None) -> pairs.Pair | None:
    """The pair whose card is open: the one asked for, else the best, else the last one declined."""
    if other is None:
        return next(iter([*own.pairs, *own.declined]), None)
    return pairs.pair_in(own, other)
