"""Pages of deals: the list, the room, terms, and the publicity of prices."""

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from marketplace.accounts.services import people
from marketplace.deals import presenters
from marketplace.deals.forms import DecisionForm, EnquiryForm, MessageForm, PostPublicityForm, TermsForm
from marketplace.deals.services import opening, reading, talking
from marketplace.deals.services import publicity as publicities
from marketplace.errors import Invalid, NotFound
from marketplace.listings.services import reading as listings
from marketplace.web import context, decisions
from marketplace.web.access import public, signed_in
from marketplace.web.forms import choices
from marketplace.web.numbers import number as as_number
from marketplace.web.once import once
from marketplace.web.pagination import PAGE_SIZE, Page, page_number
from marketplace.workflow import history

bp = Blueprint("deals", __name__)


def register(app: Flask) -> None:
    """Attach the pages."""
    app.register_blueprint(bp)


@bp.post("/my/listings/<number>/matches/<other>/accept")
@signed_in
@once
def accept_match(number: str, other: str):
    """Accept a match: a deal is opened with the other side."""
    deal = opening.accept_match(context.session(), context.actor(), number, other, now=context.now())
    flash(gettext("已接受，洽谈已打开，对方会收到通知。"), "done")
    return redirect(url_for("deals.deal", number=deal.number))


@bp.route("/listings/<number>/enquire", methods=["GET", "POST"])
@signed_in
@once
def enquire(number: str):
    """Ask the owner of a listing."""
    session, actor = context.session(), context.actor()
    found = listings.public(session, actor, number)
    form = EnquiryForm()
    houses = [o for o in people.organisations_of(session, actor) if o.state == "verified"]
    form.organisation_id.choices = choices((str(o.id), o.name) for o in houses)
    if form.validate_on_submit():
        try:
            deal = opening.enquire(
                session,
                actor,
                number,
                as_number(form.organisation_id.data),
                form.text.data or "",
                now=context.now(),
            )
        except Invalid as problems:
            form.take(problems)
        else:
            flash(gettext("意向已送达，对方会收到通知。"), "done")
            return redirect(url_for("deals.deal", number=deal.number))
    return (
        render_template(
            "deals/enquire.html", form=form, number=number, title=found.content.title, houses=houses
        ),
        422 if form.errors else 200,
    )


@bp.get("/deals")
@signed_in
def mine():
    """The person's deals."""
    rows, total = reading.mine(context.session(), context.actor(), page=page_number(), size=PAGE_SIZE)
    page = Page([presenters.row(deal, context.actor()) for deal in rows], page_number(), total)
    return render_template("deals/mine.html", page=page)


@bp.route("/deals/<number>", methods=["GET", "POST"])
@signed_in
@once
def deal(number: str):
    """The room of a deal; posting adds a message."""
    session, actor = context.session(), context.actor()
    form = MessageForm()
    if form.validate_on_submit():
        try:
            talking.post_message(session, actor, number, form.text.data or "", now=context.now())
        except Invalid as problems:
            form.take(problems)
        else:
            return redirect(url_for("deals.deal", number=number))
    opened = reading.view(session, actor, number)
    moves = history(session, "deal", opened.deal.id)
    page = presenters.page(opened, actor, moves, context.today())
    return render_template("deals/deal.html", page=page, form=form), 422 if form.errors else 200


@bp.route("/deals/<number>/terms", methods=["GET", "POST"])
@signed_in
@once
def propose(number: str):
    """Propose terms, starting from the last ones."""
    session, actor = context.session(), context.actor()
    opened = reading.view(session, actor, number)
    form = TermsForm(obj=opened.deal.terms[-1] if opened.deal.terms else None)
    if form.validate_on_submit():
        terms = {name: form[name].data for name in ("price_fen", "mode", "payment_mode", "ip_terms", "note")}
        try:
            talking.propose(session, actor, number, terms, now=context.now())
        except Invalid as problems:
            form.take(problems)
        else:
            flash(gettext("条款已提出，等对方同意。"), "done")
            return redirect(url_for("deals.deal", number=number))
    title = presenters.title_of(opened.deal)
    return render_template(
        "deals/terms.html", form=form, number=number, title=title
    ), 422 if form.errors else 200


@bp.post("/deals/<number>/agree")
@signed_in
def agree(number: str):
    """Agree to the terms the other side proposed."""
    deal = talking.agree(
        context.session(),
        context.actor(),
        number,
        as_number(request.form.get("terms")),
        version=as_number(request.form.get("version")),
        now=context.now(),
    )
    flash(
        gettext("条款双方已同意。单位发布价格公示、期满后可以起草合同。")
        if publicities.required(deal)
        else gettext("条款双方已同意，可以起草合同了。"),
        "done",
    )
    return redirect(url_for("deals.deal", number=number))


@bp.post("/deals/<number>/contact")
@signed_in
def show_contact(number: str):
    """Consent to show one's contact."""
    talking.show_contact(context.session(), context.actor(), number, now=context.now())
    flash(gettext("您已同意公开联系方式；双方都同意后互相可见。"), "done")
    return redirect(url_for("deals.deal", number=number))


@bp.route("/deals/<number>/<any(close, reopen):action>", methods=["GET", "POST"])
@signed_in
def end(number: str, action: str):
    """End a deal, or negotiate again, with the reason."""
    session, actor = context.session(), context.actor()
    opened = reading.view(session, actor, number)
    form = DecisionForm()

    def act(version: int) -> None:
        ending = talking.close if action == "close" else talking.reopen
        ending(session, actor, number, form.reason.data or "", version=version, now=context.now())

    if decisions.taken(form, opened.deal.version, act, said=gettext("已办理，对方会收到通知。")):
        return redirect(url_for("deals.deal", number=number))
    title = presenters.title_of(opened.deal)
    return decisions.asked("deals/end.html", form, number=number, action=action, title=title)


@bp.get("/publicity")
@public
def publicity_list():
    """Prices that are or were published."""
    rows, total = reading.publicities(context.session(), page=page_number(), size=PAGE_SIZE)
    page = Page([presenters.publicity_row(r, context.today()) for r in rows], page_number(), total)
    return render_template("deals/publicity_list.html", page=page)


@bp.get("/publicity/<number>")
@public
def publicity(number: str):
    """One publicity: the sheet, the days, the record."""
    session, actor = context.session(), context.actor()
    record = reading.publicity(session, actor, number)
    moves = history(session, "price_publicity", record.id)
    page = presenters.publicity_page(record, actor, moves, context.today())
    return render_template("deals/publicity.html", page=page)


@bp.route("/publicity/<number>/post", methods=["GET", "POST"])
@signed_in
def post_publicity(number: str):
    """The unit publishes the agreed price."""
    session, actor = context.session(), context.actor()
    record = reading.publicity(session, actor, number)
    form = PostPublicityForm()

    def act(version: int) -> None:
        interested = form.interested_buyer.data
        publicities.post(
            session, actor, number, interested_buyer=interested, version=version, now=context.now()
        )

    if decisions.taken(form, record.version, act, said=gettext("公示已发布，天数从明天起算。")):
        return redirect(url_for("deals.publicity", number=number))
    page = presenters.publicity_page(record, actor, [], context.today())
    return decisions.asked("deals/publicity_post.html", form, page=page)


@bp.route("/publicity/<number>/<any(object, resolve, interrupt):action>", methods=["GET", "POST"])
@signed_in
def act_on_publicity(number: str, action: str):
    """Note an objection, settle it, or take the publicity down."""
    session, actor = context.session(), context.actor()
    record = reading.publicity(session, actor, number)
    if not presenters.publicity_box(record, actor, context.today()).may_manage:
        raise NotFound
    form = DecisionForm()

    def act(version: int) -> None:
        reason = form.reason.data or ""
        publicities.act(session, actor, number, action, reason, version=version, now=context.now())

    if decisions.taken(form, record.version, act, said=gettext("已办理。")):
        return redirect(url_for("deals.publicity", number=number))
    page = presenters.publicity_page(record, actor, [], context.today())
    return decisions.asked("deals/publicity_act.html", form, page=page, action=action)
