"""Pages of reviewers: queues by level, one application beside its evidence, batches and their lists."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from marketplace.contracts.services import drafting, payments
from marketplace.errors import Invalid, NotFound
from marketplace.permissions import Permission, Role
from marketplace.subsidies import calculation_presenters, presenters, staff_presenters, states
from marketplace.subsidies.services import batches as batch_services
from marketplace.subsidies.services import calculation, reading
from marketplace.subsidies.services import review as review_services
from marketplace.subsidies.staff_forms import BatchActForm, BatchForm, OpinionForm, VerdictForm
from marketplace.web import context, decisions
from marketplace.web.access import for_permission, for_roles
from marketplace.web.once import once
from marketplace.web.pagination import PAGE_SIZE, Page, page_number
from marketplace.workflow import history

_REVIEWERS = (Role.REVIEWER_COUNTY, Role.REVIEWER_LEAGUE, Role.REVIEWER_REGION, Role.FINANCE)
#: A board shows applicants of every place.
_WHOLE_REGION = (Role.REVIEWER_REGION, Role.FINANCE)
_DECISIONS = {
    "pass": review_services.advance,
    "return": review_services.send_back,
    "reject": review_services.reject,
    "object": review_services.note_objection,
    "resolve": review_services.resolve_objection,
}
_BATCH_ACTS = {
    "propose": batch_services.propose,
    "publish": batch_services.publish,
    "approve": batch_services.approve,
    "withdraw": batch_services.withdraw,
}


def attach(bp: Blueprint) -> None:
    """Add these pages to the blueprint of subsidies."""
    both = ["GET", "POST"]
    bp.add_url_rule("/subsidies/review", view_func=review_queue)
    bp.add_url_rule("/subsidies/review/<number>", view_func=review)
    bp.add_url_rule(
        "/subsidies/review/<number>/<any(pass, return, reject, object, resolve):action>",
        view_func=decide,
        methods=both,
    )
    bp.add_url_rule("/subsidies/review/<number>/payments/<int:payment_id>", view_func=verdict, methods=both)
    bp.add_url_rule("/subsidies/batches", view_func=batches)
    bp.add_url_rule("/subsidies/batches/new", view_func=new_batch, methods=both)
    bp.add_url_rule("/subsidies/batches/<number>", view_func=board)
    bp.add_url_rule(
        "/subsidies/batches/<number>/<any(propose, publish, approve, withdraw):action>",
        view_func=batch_act,
        methods=both,
    )


@for_roles(*_REVIEWERS)
def review_queue():
    """What waits for this person, one level at a time."""
    session, actor = context.session(), context.actor()
    levels, counts = reading.levels_of(actor), reading.queue_counts(session, actor)
    asked = request.args.get("level")
    level = next((each for each in levels if each.name == asked), levels[0])
    rows, total = reading.queue(session, actor, level, page=page_number(), size=PAGE_SIZE)
    page = Page([staff_presenters.queue_row(a) for a in rows], page_number(), total)
    tabs = staff_presenters.level_tabs(levels, counts, level.name)
    return render_template("subsidies/staff/queue.html", page=page, tabs=tabs)


@for_roles(*_REVIEWERS)
def review(number: str):
    """One application beside its evidence."""
    return render_template("subsidies/staff/review.html", page=_review_page(number))


@for_roles(*_REVIEWERS)
def decide(number: str, action: str):
    """Ask, then take one decision with its opinion."""
    session, actor = context.session(), context.actor()
    found = reading.view(session, actor, number)
    form = OpinionForm()

    def act(version: int) -> None:
        opinion = form.reason.data or ""
        _DECISIONS[action](session, actor, number, opinion, version=version, now=context.now())

    if decisions.taken(form, found.version, act, said=gettext("已办理。")):
        return redirect(url_for("subsidies.review_queue"))
    _label, consequence, kind = staff_presenters.ACTS[action]
    return decisions.asked(
        "subsidies/staff/decide.html",
        form,
        page=presenters.head(found),
        label=staff_presenters.act_label(found, action),
        consequence=gettext(consequence),
        danger=kind == "danger",
    )


@for_roles(Role.FINANCE)
def verdict(number: str, payment_id: int):
    """The finance office decides on one voucher."""
    session, actor = context.session(), context.actor()
    page = _review_page(number)
    row = next((p for p in page.payments if p["id"] == payment_id), None)
    if row is None:
        raise NotFound
    form = VerdictForm()

    def act(version: int) -> None:
        found = form.verdict.data, form.reason.data
        review_services.decide_payment(
            session, actor, number, payment_id, *found, version=version, now=context.now()
        )

    if decisions.taken(form, row["version"], act):
        return redirect(url_for("subsidies.review", number=number, _anchor="vouchers"))
    return decisions.asked("subsidies/staff/verdict.html", form, page=page, row=row)


@for_roles(*_WHOLE_REGION)
def batches():
    """All batches."""
    found, total = reading.batches(context.session(), page=page_number(), size=PAGE_SIZE)
    rows = [presenters.batch_row(batch, context.today()) for batch in found]
    may_open = Role.REVIEWER_REGION in context.actor().roles()
    page = Page(rows, page_number(), total)
    return render_template("subsidies/staff/batches.html", page=page, may_open=may_open)


@for_permission(Permission.SUBSIDY_BATCH)
@once
def new_batch():
    """Call for applications."""
    form = BatchForm()
    names = ("programme_year", "title", "opens_on", "closes_on", "budget_fen", "parameters")
    if form.validate_on_submit():
        try:
            given = {name: form[name].data for name in names} | {"title": form.title.data or ""}
            made = batch_services.open_batch(context.session(), context.actor(), now=context.now(), **given)
        except Invalid as problems:
            form.take(problems)
        else:
            flash(gettext("批次已开，征集期内可以申报。"), "done")
            return redirect(url_for("subsidies.board", number=made.number))
    return render_template("subsidies/staff/batch_form.html", form=form), 422 if form.errors else 200


@for_roles(*_WHOLE_REGION)
def board(number: str):
    """A batch: budget, stages, the applications of one stage."""
    session = context.session()
    batch = reading.batch(session, number)
    asked = request.args.get("state")
    chosen = asked if asked in staff_presenters.STAGES else None
    rows, total = reading.of_batch(session, batch.id, chosen, page=page_number(), size=PAGE_SIZE)
    newest = calculation.latest(session, [a.id for a in rows])
    sums = reading.sums(session, batch.id)
    found = staff_presenters.board(batch, sums, rows, newest, chosen, context.today())
    may_act = Role.REVIEWER_REGION in context.actor().roles()
    page = Page(found.table, page_number(), total)
    return render_template("subsidies/staff/board.html", batch=found, page=page, may_act=may_act)


@for_permission(Permission.SUBSIDY_BATCH)
def batch_act(number: str, action: str):
    """Ask, then move the list of a batch."""
    session, actor = context.session(), context.actor()
    batch = reading.batch(session, number)
    form = BatchActForm()

    def act(version: int) -> None:
        more = {"reason": form.reason.data or ""} if action == "withdraw" else {}
        _BATCH_ACTS[action](session, actor, number, version=version, now=context.now(), **more)

    if decisions.taken(form, batch.version, act, said=gettext("已办理。")):
        return redirect(url_for("subsidies.board", number=number))
    label, consequence = staff_presenters.BATCH_ACTS[action]
    sums = reading.sums(session, batch.id)
    return decisions.asked(
        "subsidies/staff/batch_act.html",
        form,
        batch=presenters.batch_row(batch, context.today()),
        action=action,
        label=gettext(label),
        consequence=gettext(consequence),
        waiting=sum(sums[s].count for s in states.UNDER_REVIEW if s in sums),
        ready=sums[states.FINANCE_CHECKED].count if states.FINANCE_CHECKED in sums else 0,
    )


def _review_page(number: str):
    session, actor = context.session(), context.actor()
    found = reading.view(session, actor, number)
    newest = calculation.latest(session, [found.id]).get(found.id)
    refused = presenters.refusals(found)
    sheet = calculation_presenters.stored(newest, found.contract.number, refused) if newest else None
    moves = history(session, "subsidy_application", found.id)
    return staff_presenters.review_page(
        found,
        actor,
        sheet,
        moves,
        payments.files(session, [claim.payment_id for claim in found.claims]),
        drafting.signed_copies(session, found.contract),
        reading.names(session, [entry.actor_id for entry in moves]),
    )
