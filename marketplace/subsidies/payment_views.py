"""Pages of a contract's payments: the list, one payment with its scans, and every scan as a download."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from marketplace.contracts.services import payments as services
from marketplace.errors import Invalid
from marketplace.subsidies import presenters
from marketplace.subsidies.forms import PaymentForm
from marketplace.subsidies.services import reading
from marketplace.web import context
from marketplace.web.access import signed_in
from marketplace.web.downloads import download
from marketplace.web.numbers import number as as_number
from marketplace.web.once import once


def attach(bp: Blueprint) -> None:
    """Add these pages to the blueprint of subsidies."""
    bp.add_url_rule("/contracts/<number>/payments", view_func=payments, methods=["GET"])
    bp.add_url_rule("/contracts/<number>/payments/new", view_func=new_payment, methods=["GET", "POST"])
    bp.add_url_rule(
        "/contracts/<number>/payments/<int:payment_id>", view_func=payment, methods=["GET", "POST"]
    )
    bp.add_url_rule(
        "/contracts/<number>/payments/<int:payment_id>/remove",
        view_func=remove_payment,
        methods=["GET", "POST"],
    )
    bp.add_url_rule("/subsidies/files/<public_id>", view_func=evidence, methods=["GET"])


@signed_in
def payments(number: str):
    """The payments of a contract."""
    session, actor = context.session(), context.actor()
    contract, rows = services.of_contract(session, actor, number)
    scans = services.files(session, [p.id for p in rows])
    may_enter = services.may_enter(contract, actor)
    shown = [presenters.payment_row(p, contract, scans.get(p.id, {}), may_enter) for p in rows]
    return render_template(
        "subsidies/payments.html",
        contract=presenters.contract_head(contract),
        rows=shown,
        may_enter=may_enter,
        total_fen=sum(p.amount_fen for p in rows),
    )


@signed_in
@once
def new_payment(number: str):
    """Enter a payment."""
    session, actor = context.session(), context.actor()
    contract, _rows = services.of_contract(session, actor, number)
    services.ensure_payable(contract, actor)
    form = PaymentForm()

    def enter() -> int:
        return services.enter(session, actor, number, form.given(), now=context.now()).id

    if form.validate_on_submit() and _saved(form, number, enter):
        flash(gettext("付款已录入。"), "done")
        return redirect(url_for("subsidies.payments", number=number))
    return _form_page(form, contract, None)


@signed_in
def payment(number: str, payment_id: int):
    """Change a payment, add its scans."""
    session, actor = context.session(), context.actor()
    contract, _rows = services.of_contract(session, actor, number)
    found = services.one(session, actor, number, payment_id)
    form = PaymentForm()
    if request.method == "GET":
        form.fill(found)

    def change() -> int:
        given, version = form.given(), as_number(form.version.data)
        services.change(session, actor, number, payment_id, given, version=version, now=context.now())
        return payment_id

    if form.validate_on_submit() and _saved(form, number, change):
        flash(gettext("已保存。"), "done")
        return redirect(url_for("subsidies.payments", number=number))
    return _form_page(form, contract, found)


@signed_in
def remove_payment(number: str, payment_id: int):
    """Ask, then delete a payment that nothing refers to."""
    session, actor = context.session(), context.actor()
    contract, _rows = services.of_contract(session, actor, number)
    found = services.one(session, actor, number, payment_id)
    if request.method == "POST":
        version = as_number(request.form.get("version"))
        services.remove(session, actor, number, payment_id, version=version, now=context.now())
        flash(gettext("付款已删除。"), "done")
        return redirect(url_for("subsidies.payments", number=number))
    return render_template(
        "subsidies/payment_remove.html",
        contract=presenters.contract_head(contract),
        row=presenters.payment_row(found, contract, {}, True),
    )


@signed_in
def evidence(public_id: str):
    """A scan as a download, for the parties and the reviewers."""
    return download(context.storage(), reading.evidence(context.session(), context.actor(), public_id))


def _saved(form: PaymentForm, number: str, write: Callable[[], int]) -> bool:
    """Whether what was typed, and its scans, could be stored; otherwise the form says why not."""
    try:
        _keep_scans(form, number, write())
    except Invalid as problems:
        form.take(problems)
        return False
    return True


def _keep_scans(form: PaymentForm, number: str, payment_id: int) -> None:
    """Store what was uploaded into its slot."""
    for slot in services.SLOTS:
        upload = form[slot].data
        if upload and upload.filename:
            services.attach(
                context.session(),
                context.storage(),
                context.actor(),
                number,
                payment_id,
                slot,
                upload.stream,
                upload.filename,
                now=context.now(),
            )


def _form_page(form: PaymentForm, contract, found):
    scans = services.files(context.session(), [found.id]).get(found.id, {}) if found else {}
    page = render_template(
        "subsidies/payment.html",
        form=form,
        contract=presenters.contract_head(contract),
        payment_id=found.id if found else None,
        rejection=found.rejection if found else None,
        files={slot: [presenters.file(scans[slot], slot)] for slot in scans},
    )
    return page, 422 if form.errors or form.form_errors else 200
