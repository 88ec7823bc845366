"""Pages of listings: the public page, the owner's list and page, approval and review."""

from datetime import timedelta

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from marketplace.accounts.forms import ReasonForm
from marketplace.errors import Forbidden, NotFound
from marketplace.listings import draft_views, presenters
from marketplace.listings.content import Kind
from marketplace.listings.services import attaching, drafts, publication, reading, resemblance
from marketplace.permissions import Permission, Role, can
from marketplace.web import context
from marketplace.web.access import for_roles, public, signed_in
from marketplace.web.decisions import asked, taken
from marketplace.web.downloads import download
from marketplace.web.pagination import PAGE_SIZE, Page, page_number
from marketplace.web.transaction import on_read
from marketplace.workflow import history

bp = Blueprint("listings", __name__)
draft_views.attach(bp)
_RECENT = timedelta(days=30)
_REVIEWERS = {"unit": Role.UNIT_MANAGER, "staff": Role.OPERATOR}
_ACTIONS = {"pause": publication.pause, "withdraw": publication.withdraw, "resume": publication.resume}


def register(app: Flask) -> None:
    """Attach the pages."""
    app.register_blueprint(bp)


@bp.get("/listings/<number>")
@public
def detail(number: str):
    """A listing as everybody may see it."""
    found = reading.public(context.session(), context.actor(), number)
    if not found.may_manage:
        listing_id, day = found.listing.id, context.today()
        on_read(lambda session: reading.count_view(session, listing_id, day))
    return render_template("listings/detail.html", page=presenters.detail_page(found, context.today()))


@bp.get("/files/<public_id>")
@public
def file(public_id: str):
    """A listing's file as a download."""
    return download(context.storage(), reading.attachment(context.session(), context.actor(), public_id))


@bp.get("/my/listings")
@signed_in
def mine():
    """The person's own listings."""
    kind = request.args.get("kind")
    chosen = Kind(kind) if kind in list(Kind) else None
    rows, total = reading.mine(context.session(), context.actor(), chosen, page=page_number(), size=PAGE_SIZE)
    views = reading.views(context.session(), [listing.id for listing in rows])
    shown = [presenters.own_row(listing, views.get(listing.id, 0)) for listing in rows]
    return render_template("listings/mine.html", page=Page(shown, page_number(), total), kind=chosen)


@bp.get("/my/listings/<number>")
@signed_in
def own(number: str):
    """The owner's page of a listing."""
    session, actor, today = context.session(), context.actor(), context.today()
    listing = reading.own(session, actor, number)
    moves = history(session, "listing", listing.id)
    for revision in listing.revisions:
        moves += history(session, "revision", revision.id)
    page = presenters.own_page(
        listing,
        views=reading.views(session, [listing.id]).get(listing.id, 0),
        recent_views=reading.views(session, [listing.id], today - _RECENT).get(listing.id, 0),
        history=sorted(moves, key=lambda move: move.id, reverse=True),
        may_edit=can(actor, Permission.LISTING_EDIT, listing.permission_subject()),
        may_manage=can(actor, Permission.LISTING_MANAGE, listing.permission_subject()),
        today=today,
    )
    return render_template("listings/own.html", page=page)


@bp.post("/my/listings/<number>/edit")
@signed_in
def edit(number: str):
    """Go on writing, on a new revision where the last one has been accepted."""
    revision = drafts.edit(context.session(), context.actor(), number, now=context.now())
    return redirect(url_for("listings.step_page", revision_id=revision.id, step="about"))


@bp.post("/my/listings/<number>/confirm")
@signed_in
def confirm(number: str):
    """The owner says it is still valid."""
    publication.confirm(context.session(), context.actor(), number, now=context.now())
    flash(gettext("已确认仍然有效。"), "done")
    return redirect(url_for("listings.own", number=number))


@bp.route("/my/listings/<number>/<any(pause, resume, withdraw):action>", methods=["GET", "POST"])
@signed_in
def move(number: str, action: str):
    """Pause, resume or withdraw a listing, after asking."""
    session, actor = context.session(), context.actor()
    listing = reading.own(session, actor, number, Permission.LISTING_MANAGE)
    form = ReasonForm()

    def act(version: int) -> None:
        reason = () if action == "resume" else (form.reason.data or "",)
        _ACTIONS[action](session, actor, number, *reason, version=version, now=context.now())

    if taken(form, listing.version, act, said=gettext("已办理。")):
        return redirect(url_for("listings.own", number=number))
    title = listing.revisions[-1].title
    return asked("listings/move.html", form, action=action, number=number, title=title)


@bp.get("/unit/approvals")
@for_roles(Role.UNIT_MANAGER)
def unit_queue():
    """What waits for the unit's manager."""
    rows, total = reading.awaiting_unit(
        context.session(), context.actor(), page=page_number(), size=PAGE_SIZE
    )
    page = Page([presenters.review_row(r) for r in rows], page_number(), total)
    return render_template("listings/queue.html", page=page, whose="unit")


@bp.get("/staff/review")
@for_roles(Role.OPERATOR)
def staff_queue():
    """What waits for the market's staff."""
    rows, total = reading.awaiting_staff(
        context.session(), context.actor(), page=page_number(), size=PAGE_SIZE
    )
    page = Page([presenters.review_row(r) for r in rows], page_number(), total)
    return render_template("listings/queue.html", page=page, whose="staff")


@bp.route("/<any(unit, staff):whose>/review/<int:revision_id>", methods=["GET", "POST"])
@for_roles(Role.UNIT_MANAGER, Role.OPERATOR)
def review(whose: str, revision_id: int):
    """Approve or return a revision."""
    session, actor, now = context.session(), context.actor(), context.now()
    if _REVIEWERS[whose] not in actor.roles():
        raise Forbidden
    revision = reading.revision(session, actor, revision_id)
    form = ReasonForm()
    done = gettext("已办理。")
    if taken(form, revision.version, lambda seen: _decide(whose, revision_id, form, seen, now), said=done):
        return redirect(url_for(f"listings.{whose}_queue"))
    files = attaching.of_draft(session, revision)
    alike = resemblance.look_alikes(session, current_app.extensions["search"], actor, revision)
    return asked(
        "listings/review.html",
        form,
        page=presenters.review_page(revision, files),
        look_alikes=[presenters.look_alike_row(one) for one in alike],
        whose=whose,
    )


def _decide(whose: str, revision_id: int, form: ReasonForm, version: int, now) -> None:
    session, actor = context.session(), context.actor()
    decisions = {
        ("unit", "approve"): lambda: publication.approve_by_unit(
            session, actor, revision_id, version=version, now=now
        ),
        ("unit", "return"): lambda: publication.return_by_unit(
            session, actor, revision_id, form.reason.data or "", version=version, now=now
        ),
        ("staff", "approve"): lambda: publication.accept(
            session, actor, revision_id, version=version, now=now
        ),
        ("staff", "return"): lambda: publication.return_by_staff(
            session, actor, revision_id, form.reason.data or "", version=version, now=now
        ),
    }
    decide = decisions.get((whose, form.action.data or ""))
    if decide is None:
        raise NotFound
    decide()
