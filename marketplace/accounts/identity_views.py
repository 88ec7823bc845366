"""Pages of a verified organisation's change of identity: asking, withdrawing, the operator's decision."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from marketplace.accounts import presenters
from marketplace.accounts.forms import IdentityChangeForm, ReasonForm
from marketplace.accounts.services import identity, organisations
from marketplace.errors import Invalid, StaleEdit
from marketplace.permissions import Permission
from marketplace.web import context, decisions
from marketplace.web.access import signed_in
from marketplace.web.numbers import number
from marketplace.web.once import once


def attach(bp: Blueprint) -> None:
    """Add these pages to the blueprint of accounts."""
    for rule, view, methods in (
        ("/organisations/<int:organisation_id>/identity", change_identity, ["GET", "POST"]),
        ("/identity-changes/<int:change_id>/decide", decide_change, ["GET", "POST"]),
        ("/identity-changes/<int:change_id>/withdraw", withdraw_change, ["POST"]),
    ):
        bp.add_url_rule(rule, view_func=view, methods=methods)


@signed_in
@once
def change_identity(organisation_id: int):
    """Ask for another name, code or legal form, with one file."""
    session, actor = context.session(), context.actor()
    found = organisations.view(session, actor, organisation_id, Permission.ORGANISATION_EDIT)
    last = identity.latest(session, actor, found)
    start = {**identity.asked_for(found, last), "version": found.version}
    form = IdentityChangeForm(data=start)
    if form.validate_on_submit() and _asked(form, organisation_id):
        flash(
            gettext(
                "变更申请已提交，平台运营一般在 2 个工作日内办结，结果会通知您。通过之前，原信息继续有效。"
            ),
            "done",
        )
        return redirect(url_for("accounts.organisation", organisation_id=organisation_id))
    page = presenters.organisation_page(found, actor)
    if request.method == "GET" and (identity.waits(last) or not page.may_change):
        return redirect(url_for("accounts.organisation", organisation_id=organisation_id))
    shown = render_template("accounts/identity_change_form.html", form=form, page=page)
    return shown, 422 if form.errors else 200


def _asked(form: IdentityChangeForm, organisation_id: int) -> bool:
    """Whether the request was taken; problems stand in the form."""
    upload = form.evidence.data
    try:
        identity.ask(
            context.session(),
            context.actor(),
            organisation_id,
            form.values(),
            context.storage(),
            upload.stream if upload else None,
            upload.filename if upload else "",
            version=number(form.version.data),
            now=context.now(),
        )
    except Invalid as problems:
        form.take(problems)
    except StaleEdit as stale:
        stale.differences = presenters.translated(stale.differences)
        stale.reload_url = request.path
        raise
    else:
        return True
    return False


@signed_in
def decide_change(change_id: int):
    """The operator accepts or refuses a change, old beside new."""
    session, actor = context.session(), context.actor()
    change = identity.view(session, actor, change_id, Permission.ORGANISATION_VERIFY)
    form = ReasonForm()

    def act(version: int) -> None:
        action, reason = form.action.data or "", form.reason.data
        identity.decide(session, actor, change_id, action, version=version, now=context.now(), reason=reason)

    if decisions.taken(form, change.version, act, said=gettext("已办理。")):
        return redirect(url_for("accounts.waiting"))
    page = presenters.change_page(change)
    return decisions.asked("accounts/identity_change_decide.html", form, page=page)


@signed_in
def withdraw_change(change_id: int):
    """The owner takes his request back."""
    change = identity.decide(
        context.session(),
        context.actor(),
        change_id,
        "withdraw",
        version=number(request.form.get("version")),
        now=context.now(),
    )
    flash(gettext("变更申请已撤回，原信息继续有效。"), "done")
    return redirect(url_for("accounts.organisation", organisation_id=change.organisation_id))
