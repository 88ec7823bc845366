"""Pages of contracts for the parties: the draft in steps, the contract's page, the certificate and its check."""

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from marketplace.contracts import presenters, registry_views
from marketplace.contracts.forms import STEPS, AmountsForm, ContractStep, CopyForm, DecisionForm, VerifyForm
from marketplace.contracts.services import drafting, reading, registration
from marketplace.errors import N_, Conflict, Invalid, NotFound
from marketplace.extensions import limiter
from marketplace.web import context, decisions, steps
from marketplace.web.access import public, signed_in
from marketplace.web.downloads import download
from marketplace.web.numbers import number as as_number
from marketplace.web.once import once
from marketplace.web.pagination import PAGE_SIZE, Page, page_number
from marketplace.workflow import history

bp = Blueprint("contracts", __name__)
registry_views.attach(bp)


def register(app: Flask) -> None:
    """Attach the pages."""
    app.register_blueprint(bp)


@bp.post("/deals/<number>/contract")
@signed_in
@once
def draft(number: str):
    """A contract from the agreed terms of a deal."""
    made = drafting.draft(context.session(), context.actor(), number, now=context.now())
    flash(gettext("合同已按条款起草，双方信息和价格不用再填。"), "done")
    return redirect(url_for("contracts.contract", number=made.number))


@bp.get("/contracts")
@signed_in
def mine():
    """The contracts of the person's organisations."""
    rows, total = reading.mine(context.session(), context.actor(), page=page_number(), size=PAGE_SIZE)
    page = Page([presenters.row(c, context.today()) for c in rows], page_number(), total)
    return render_template("contracts/mine.html", page=page)


@bp.get("/contracts/<number>")
@signed_in
def contract(number: str):
    """A contract for its parties."""
    session, actor = context.session(), context.actor()
    found = reading.view(session, actor, number)
    page = presenters.page(
        found,
        actor,
        drafting.signed_copies(session, found),
        history(session, "contract", found.id),
        context.today(),
    )
    return render_template("contracts/contract.html", page=page)


@bp.route("/contracts/<number>/edit/<step>", methods=["GET", "POST"])
@signed_in
def step_page(number: str, step: str):
    """One step of the draft."""
    session, actor = context.session(), context.actor()
    found = reading.view(session, actor, number)
    current = steps.find(STEPS, step)
    if current is None:
        raise NotFound
    if not presenters.page(found, actor, [], [], context.today()).may_edit:
        raise Conflict(N_("合同已提交或不归您填写，现在不能修改。"))
    if current.form is None:
        return _check(found)
    form = current.form()
    if request.method == "GET":
        form.fill(found)
    elif isinstance(form, AmountsForm) and (
        steps.change_rows(form.items, "item-") or steps.change_rows(form.instalments, "plan-")
    ):
        pass
    elif form.validate():
        try:
            _save(found, form)
        except Invalid as problems:
            form.take(problems)
        else:
            return redirect(_url(steps.after(STEPS, current), number))
    return _step(found, current, form)


@bp.route("/contracts/<number>/withdraw", methods=["GET", "POST"])
@signed_in
def withdraw(number: str):
    """Take the application back."""
    session, actor = context.session(), context.actor()
    found = reading.view(session, actor, number)
    form = DecisionForm()

    def act(version: int) -> None:
        reason = form.reason.data or ""
        registration.withdraw(session, actor, number, reason, version=version, now=context.now())

    if decisions.taken(form, found.version, act, said=gettext("申请已撤回。")):
        return redirect(url_for("contracts.contract", number=number))
    return decisions.asked("contracts/withdraw.html", form, number=number, title=found.title)


@bp.get("/contract-files/<public_id>")
@signed_in
def file(public_id: str):
    """A contract's file as a download."""
    return download(context.storage(), reading.attachment(context.session(), context.actor(), public_id))


@bp.get("/contracts/<number>/certificate")
@signed_in
def certificate(number: str):
    """The certificate of a registered contract, for print."""
    found = reading.view(context.session(), context.actor(), number)
    if found.state not in reading.REGISTERED:
        raise NotFound(N_("这份合同还没有登记证明。"))
    sheet = presenters.certificate(found, demo=not context.settings().production)
    return render_template("contracts/certificate.html", sheet=sheet, number=number)


@bp.get("/verify")
@public
@limiter.limit("60 per hour")
def verify():
    """Check a certificate: number and code must fit together."""
    form = VerifyForm(request.args)
    asked = bool(request.args.get("number") or request.args.get("code"))
    found = None
    if asked and form.validate():
        found = reading.by_certificate(context.session(), form.number.data or "", form.code.data or "")
    return render_template(
        "contracts/verify.html",
        form=form,
        asked=asked,
        found=presenters.verification(found) if found else None,
    )


def _save(found, form: ContractStep) -> None:
    session, actor, now = context.session(), context.actor(), context.now()
    version = as_number(request.form.get("version"))
    if isinstance(form, AmountsForm):
        saved = drafting.save_plan(
            session, actor, found.number, form.rows("instalments"), version=version, now=now
        )
        drafting.save_items(session, actor, found.number, form.rows("items"), version=saved.version, now=now)
    elif isinstance(form, CopyForm):
        upload = form.file.data
        if upload and upload.filename:
            drafting.upload(
                session, actor, context.storage(), found.number, upload.stream, upload.filename, now=now
            )
    else:
        drafting.save(session, actor, found.number, form.changes(), version=version, now=now)


def _step(found, current: steps.Step, form: ContractStep):
    earlier = steps.before(STEPS, current)
    copies = drafting.signed_copies(context.session(), found)
    return (
        render_template(
            f"contracts/{current.name}.html",
            form=form,
            version=request.form.get("version", found.version),
            steps=_progress(current, found.number),
            number=found.number,
            amounts=presenters.amounts(found),
            copies=[presenters.file(copy) for copy in copies],
            back_url=_url(earlier, found.number)
            if earlier
            else url_for("contracts.contract", number=found.number),
        ),
        422 if form.errors else 200,
    )


def _check(found):
    """Check the answers; posting hands the contract in."""
    session, actor = context.session(), context.actor()
    missing: Invalid | None = None
    if request.method == "POST":
        act = registration.resubmit if found.state == "SUPPLEMENT" else drafting.submit
        try:
            act(
                session,
                actor,
                found.number,
                version=as_number(request.form.get("version")),
                now=context.now(),
            )
        except Invalid as problems:
            missing = problems
        else:
            flash(gettext("已提交登记机构，结果会通知您。"), "done")
            return redirect(url_for("contracts.contract", number=found.number))
    page = presenters.page(found, actor, drafting.signed_copies(session, found), [], context.today())
    return (
        render_template(
            "contracts/check.html",
            page=page,
            problems=presenters.problems(missing.problems, found.number) if missing else [],
            steps=_progress(STEPS[-1], found.number),
        ),
        422 if missing else 200,
    )


def _progress(current: steps.Step, number: str) -> list[dict]:
    place = STEPS.index(current)
    return steps.progress(STEPS, current, lambda s: _url(s, number), lambda s: STEPS.index(s) < place)


def _url(step: steps.Step, number: str) -> str:
    return url_for("contracts.step_page", number=number, step=step.name)
