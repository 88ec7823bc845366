"""Pages of applicants: their applications, one application with its amount, claiming payments, handing in."""

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from marketplace.contracts.services import payments
from marketplace.errors import Invalid
from marketplace.subsidies import (
    calculation_presenters,
    payment_views,
    presenters,
    public_views,
    staff_views,
)
from marketplace.subsidies.forms import ApplicationForm, StartForm
from marketplace.subsidies.services import applications, calculation, facts, reading
from marketplace.web import context
from marketplace.web.access import signed_in
from marketplace.web.forms import choices
from marketplace.web.numbers import number as as_number
from marketplace.web.once import once
from marketplace.web.pagination import PAGE_SIZE, Page, page_number
from marketplace.workflow import history

bp = Blueprint("subsidies", __name__)
for part in (payment_views, public_views, staff_views):
    part.attach(bp)


def register(app: Flask) -> None:
    """Attach the pages."""
    app.register_blueprint(bp)


@bp.get("/subsidies")
@signed_in
def mine():
    """The applications of the person's organisations, and batches that take more."""
    session, actor = context.session(), context.actor()
    rows, total = reading.mine(session, actor, page=page_number(), size=PAGE_SIZE)
    page = Page([presenters.row(application) for application in rows], page_number(), total)
    return render_template("subsidies/mine.html", page=page, open_batches=_open_batches())


@bp.route("/subsidies/start", methods=["GET", "POST"])
@signed_in
@once
def start():
    """Choose contract and batch; the draft begins."""
    session, actor = context.session(), context.actor()
    form = StartForm(request.form if request.method == "POST" else request.args)
    batches = reading.taking(session, context.today())
    options = _start_options(batches)
    form.batch.choices = choices((batch.number, batch.title) for batch in batches)
    # A contract that got its application meanwhile is no wrong choice: the service says which one it is.
    form.contract.choices = choices(options.every)
    if request.method == "POST" and form.validate():
        contract_number, _, arm = form.contract.data.partition(":")
        made = applications.start(session, actor, form.batch.data, contract_number, arm, now=context.now())
        return redirect(url_for("subsidies.edit", number=made.number))
    form.contract.choices = choices(options.open)
    return (
        render_template("subsidies/start.html", form=form, batches=batches, options=options),
        422 if form.errors else 200,
    )


@bp.get("/subsidies/applications/<number>")
@signed_in
def application(number: str):
    """One application: the amount with its arithmetic, the vouchers, what is missing, what happened."""
    found = reading.view(context.session(), context.actor(), number)
    return render_template("subsidies/application.html", page=_page(found))


@bp.route("/subsidies/applications/<number>/edit", methods=["GET", "POST"])
@signed_in
def edit(number: str):
    """Tick payments, declare, commit."""
    session, actor = context.session(), context.actor()
    found = applications.writable(session, actor, number)
    form = ApplicationForm()
    options = applications.choices(session, found)
    if request.method == "GET":
        form.fill(found)
    elif form.validate():
        try:
            applications.save(
                session,
                actor,
                number,
                form.payments.data or [],
                form.declaration(),
                version=as_number(form.version.data),
                now=context.now(),
            )
        except Invalid as problems:
            form.take(problems)
        else:
            return redirect(url_for("subsidies.application", number=number))
    ticked = form.payments.data or []
    page = render_template(
        "subsidies/edit.html",
        form=form,
        page=presenters.head(found),
        payments=[presenters.choice(option) | {"ticked": option.payment.id in ticked} for option in options],
        window=facts.window(found.batch),
        payments_url=url_for("subsidies.payments", number=found.contract.number),
    )
    return page, 422 if form.errors or form.form_errors else 200


@bp.route("/subsidies/applications/<number>/submit", methods=["GET", "POST"])
@signed_in
def submit(number: str):
    """The estimate once more, then hand it in."""
    session, actor = context.session(), context.actor()
    missing: Invalid | None = None
    if request.method == "POST":
        version = as_number(request.form.get("version"))
        try:
            applications.submit(session, actor, number, version=version, now=context.now())
        except Invalid as problems:
            missing = problems
        else:
            flash(gettext("已提交，由旗县（区）开始审核，进展会通知您。"), "done")
            return redirect(url_for("subsidies.application", number=number))
    found = applications.writable(session, actor, number)
    return (
        render_template("subsidies/submit.html", page=_page(found)),
        422 if missing else 200,
    )


@bp.get("/subsidies/applications/<number>/award")
@signed_in
def award(number: str):
    """The award with its trace, to print."""
    found = reading.award(context.session(), context.actor(), number)
    sheet = calculation_presenters.stored(found.final, found.contract.number, presenters.refusals(found))
    return render_template("subsidies/award.html", page=presenters.head(found), sheet=sheet)


def _start_options(batches):
    session, actor = context.session(), context.actor()
    contracts = reading.fundable_contracts(session, actor)
    begun = reading.begun(session, [contract for contract, _arm in contracts], batches)
    return presenters.start_options(contracts, batches, begun, actor.houses())


def _page(found):
    session, actor = context.session(), context.actor()
    may_edit = applications.editable(found, actor)
    return presenters.application_page(
        found,
        _sheet(found, may_edit),
        history(session, "subsidy_application", found.id),
        payments.files(session, [claim.payment_id for claim in found.claims]),
        applications.obstacles(session, found, context.today()) if may_edit else {},
        may_edit=may_edit,
        today=context.today(),
    )


def _sheet(found, may_edit: bool):
    """The newest amount; of a draft what it would be now."""
    session, refused = context.session(), presenters.refusals(found)
    if may_edit:
        weighing = calculation.preview(session, found)
        return calculation_presenters.preview(weighing, found.contract.number, context.now(), refused)
    newest = calculation.latest(session, [found.id]).get(found.id)
    return calculation_presenters.stored(newest, found.contract.number, refused) if newest else None


def _open_batches() -> list[dict]:
    found = reading.taking(context.session(), context.today())
    return [presenters.batch_row(batch, context.today()) for batch in found]
