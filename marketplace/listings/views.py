"""Pages of listings: the public page, the owner's list and page, approval and review."""

from datetime import timedelta

from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from flask_babel import gettext

from marketplace.accounts.forms import ReasonForm
from marketplace.errors import Forbidden, NotFound
from marketplace.listings import draft_views, freshness_views, presenters
from marketplace.listings.content import Kind
from marketplace.listings.forms import ClosingForm
from marketplace.listings.services import (
    attaching,
    confirming,
    drafts,
    freshness_figures,
    publication,
    reading,
    resemblance,
    shared_rights,
)
from marketplace.permissions import Permission, Role, can
from marketplace.web import context, organisation_facts
from marketplace.web.access import for_roles, public, signed_in
from marketplace.web.decisions import asked, taken
from marketplace.web.downloads import download
from marketplace.web.pagination import PAGE_SIZE, Page, page_number
from marketplace.web.transaction import on_read
from marketplace.workflow import history

bp = Blueprint("listings", __name__)
draft_views.attach(bp)
freshness_views.attach(bp)
_RECENT = timedelta(days=30)
_REVIEWERS = {"unit": Role.UNIT_MANAGER, "staff": Role.OPERATOR}


def register(app: Flask) -> None:
    """Attach the pages, and what an organisation's page says of its listings."""
    app.register_blueprint(bp)
    organisation_facts.contribute(app, _freshness_of)


@bp.get("/listings/<number>")
@public
def detail(number: str):
    """A listing as everybody may see it."""
    session, today = context.session(), context.today()
    found = reading.public(session, context.actor(), number)
    if not found.may_manage:
        listing_id = found.listing.id
        on_read(lambda session: reading.count_view(session, listing_id, today))
    return render_template(
        "listings/detail.html",
        page=presenters.detail_page(found, today),
        freshness=_freshness_of(found.listing.organisation_id) if found.sees_owner else [],
    )


def _freshness_of(organisation_id: int) -> list[tuple[str, str]]:
    """An organisation's public freshness as facts."""
    found = freshness_figures.of_organisations(context.session(), [organisation_id], context.today())
    return presenters.figure_facts(found.get(organisation_id))


@bp.get("/files/<public_id>")
@public
def file(public_id: str):
    """A listing's file as a download."""
    return download(context.storage(), reading.attachment(context.session(), context.actor(), public_id))


@bp.get("/my/listings")
@signed_in
def mine():
    """The person's own listings."""
    session, actor, today = context.session(), context.actor(), context.today()
    kind = request.args.get("kind")
    chosen = Kind(kind) if kind in list(Kind) else None
    rows, total = reading.mine(session, actor, chosen, page=page_number(), size=PAGE_SIZE)
    views = reading.views(session, [listing.id for listing in rows])
    shown = [presenters.own_row(listing, views.get(listing.id, 0), today) for listing in rows]
    waiting, waiting_total = confirming.waiting(session, actor, today)
    told = confirming.last_notices(session, waiting)
    return render_template(
        "listings/mine.html",
        page=Page(shown, page_number(), total),
        kind=chosen,
        waiting=[presenters.waiting_row(listing, today, told.get(listing.id)) for listing in waiting],
        waiting_total=waiting_total,
        closings=presenters.closing_counts(freshness_figures.closings(session, actor)),
    )


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
        last_notice_on=confirming.last_notices(session, [listing]).get(listing.id),
    )
    return render_template("listings/own.html", page=page)


@bp.post("/my/listings/<number>/edit")
@signed_in
def edit(number: str):
    """Go on writing, on a new revision where the last one has been accepted."""
    revision = drafts.edit(context.session(), context.actor(), number, now=context.now())
    return redirect(url_for("listings.step_page", revision_id=revision.id, step="about"))


@bp.route("/my/listings/<number>/<any(pause, resume, withdraw):action>", methods=["GET", "POST"])
@signed_in
def move(number: str, action: str):
    """Pause, resume or withdraw a listing, after asking."""
    listing = reading.own(context.session(), context.actor(), number, Permission.LISTING_MANAGE)
    form = ClosingForm() if action == "withdraw" else ReasonForm()

    def act(version: int) -> None:
        _MOVES[action](context.session(), context.actor(), number, form, version=version, now=context.now())

    if taken(form, listing.version, act, said=gettext("已办理。")):
        return redirect(url_for("listings.own", number=number))
    title = listing.revisions[-1].title
    return asked("listings/move.html", form, action=action, number=number, title=title)


def _pause(session, actor, number: str, form: ReasonForm, **kwargs) -> None:
    publication.pause(session, actor, number, form.reason.data or "", **kwargs)


def _resume(session, actor, number: str, _form: ReasonForm, **kwargs) -> None:
    publication.resume(session, actor, number, **kwargs)


def _withdraw(session, actor, number: str, form: ClosingForm, **kwargs) -> None:
    reason, note = form.closing.data or "", form.note.data or ""
    publication.withdraw(session, actor, number, reason, note=note, **kwargs)


_MOVES = {"pause": _pause, "resume": _resume, "withdraw": _withdraw}


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
        side=presenters.posted_before(revision, shared_rights.shared(session, actor, revision), alike),
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
