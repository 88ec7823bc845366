"""Pages of organisations: entering, verifying, colleagues."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from marketplace.accounts import presenters
from marketplace.accounts.forms import (
    ClaimForm,
    DetailsForm,
    EvidenceForm,
    InvitationForm,
    OrganisationForm,
    ReasonForm,
)
from marketplace.accounts.services import colleagues, identity, organisations, people
from marketplace.errors import BadRequest, Invalid, StaleEdit
from marketplace.permissions import Permission
from marketplace.web import context, decisions, organisation_facts
from marketplace.web.access import for_permission, public, signed_in
from marketplace.web.downloads import download
from marketplace.web.numbers import number
from marketplace.web.once import once
from marketplace.web.pagination import PAGE_SIZE, Page, page_number


def attach(bp: Blueprint) -> None:
    """Add these pages to the blueprint of accounts."""
    for rule, view, methods in (
        ("/organisations", my_organisations, ["GET"]),
        ("/organisations/new", enter, ["GET", "POST"]),
        ("/organisations/claim", claim, ["GET", "POST"]),
        ("/organisations/<int:organisation_id>", organisation, ["GET"]),
        ("/organisations/<int:organisation_id>/edit", edit, ["GET", "POST"]),
        ("/organisations/<int:organisation_id>/submit", submit, ["GET", "POST"]),
        ("/organisations/<int:organisation_id>/people", people_page, ["GET", "POST"]),
        ("/organisations/<int:organisation_id>/decide", decide, ["GET", "POST"]),
        ("/evidence/<public_id>", evidence_file, ["GET"]),
        ("/invitations/<int:invitation_id>/accept", accept_invitation, ["POST"]),
        ("/invitations/<int:invitation_id>/revoke", revoke_invitation, ["POST"]),
        ("/claims/<int:claim_id>", decide_claim, ["POST"]),
        ("/memberships/<int:membership_id>/end", remove, ["GET", "POST"]),
        ("/memberships/<int:membership_id>/manage", hand_management, ["POST"]),
        ("/staff/organisations", waiting, ["GET"]),
    ):
        bp.add_url_rule(rule, view_func=view, methods=methods)


@signed_in
def my_organisations():
    """The person's organisations, invitations to him, and requests that wait for him."""
    session, actor = context.session(), context.actor()
    return render_template(
        "accounts/organisations.html",
        organisations=[
            presenters.organisation_page(o, actor) for o in people.organisations_of(session, actor)
        ],
        invitations=colleagues.invitations_for(session, actor, now=context.now()),
        claims=colleagues.claims_waiting(session, actor),
        form=ReasonForm(),
    )


@signed_in
@once
def enter():
    """Enter a new organisation."""
    form = OrganisationForm()
    if form.validate_on_submit():
        try:
            made = organisations.register(
                context.session(), context.actor(), form.values(), now=context.now()
            )
        except Invalid as problems:
            form.take(problems)
        else:
            flash(gettext("单位已登记。请上传证照，提交认证；通过后即可发布信息。"), "done")
            return redirect(url_for("accounts.submit", organisation_id=made.id))
    return render_template(
        "accounts/organisation_form.html", form=form, new=True
    ), 422 if form.errors else 200


@signed_in
def edit(organisation_id: int):
    """Correct an organisation's data."""
    session, actor = context.session(), context.actor()
    found = organisations.view(session, actor, organisation_id, Permission.ORGANISATION_EDIT)
    # A form opened before the verification is taken whole, so that nothing typed in it is lost.
    whole = "name" in request.form or not organisations.identity_is_fixed(found)
    form = OrganisationForm(obj=found) if whole else DetailsForm(obj=found)
    if form.validate_on_submit():
        try:
            organisations.update(
                session, actor, organisation_id, form.values(), version=form.version.data, now=context.now()
            )
        except Invalid as problems:
            form.take(problems)
        except StaleEdit as stale:
            stale.differences = presenters.translated(stale.differences)
            stale.reload_url = request.path
            raise
        else:
            flash(gettext("已保存。"), "done")
            return redirect(url_for("accounts.organisation", organisation_id=organisation_id))
    verified = presenters.identity_facts(found) if not whole else []
    return render_template(
        "accounts/organisation_form.html",
        form=form,
        new=False,
        verified=verified,
        page=presenters.organisation_page(found, actor),
    ), 422 if form.errors else 200


@public
def organisation(organisation_id: int):
    """An organisation's page."""
    session, actor = context.session(), context.actor()
    found = organisations.view(session, actor, organisation_id)
    change = identity.latest(session, actor, found)
    return render_template(
        "accounts/organisation.html",
        page=presenters.organisation_page(found, actor),
        public_facts=organisation_facts.public_facts(organisation_id),
        change=presenters.change_page(change) if change else None,
        refusal=identity.refusal(session, change) if change else None,
        files=[
            presenters.evidence_file(file) for file in organisations.evidence(session, actor, organisation_id)
        ],
    )


@signed_in
def submit(organisation_id: int):
    """Ask for verification with one file."""
    session, actor = context.session(), context.actor()
    found = organisations.view(session, actor, organisation_id, Permission.ORGANISATION_EDIT)
    form = EvidenceForm()

    def act(version: int) -> None:
        upload = form.evidence.data
        organisations.submit(
            session,
            actor,
            organisation_id,
            context.storage(),
            upload.stream if upload else None,
            upload.filename if upload else "",
            version=version,
            now=context.now(),
        )

    said = gettext("已提交认证，平台运营一般在 2 个工作日内办结，结果会通知您。")
    if decisions.taken(form, found.version, act, said=said):
        return redirect(url_for("accounts.organisation", organisation_id=organisation_id))
    page = presenters.organisation_page(found, actor)
    return decisions.asked("accounts/organisation_submit.html", form, page=page)


@for_permission(Permission.USER_RESET_PASSWORD)
def waiting():
    """The operator's queue: organisations to verify, and verified ones that want another identity."""
    session = context.session()
    found, total = organisations.waiting(session, page=page_number(), size=PAGE_SIZE)
    changes = identity.open_changes(session, [o.id for o in found])
    rows = [presenters.waiting_row(o, changes.get(o.id)) for o in found]
    return render_template("accounts/organisations_waiting.html", page=Page(rows, page_number(), total))


@signed_in
def decide(organisation_id: int):
    """The operator verifies, returns, suspends or restores; an open change of identity comes first."""
    session, actor = context.session(), context.actor()
    found = organisations.view(session, actor, organisation_id, Permission.ORGANISATION_VERIFY)
    change = identity.open_changes(session, [organisation_id]).get(organisation_id)
    if request.method == "GET" and change is not None:
        return redirect(url_for("accounts.decide_change", change_id=change.id))
    form = ReasonForm()

    def act(version: int) -> None:
        action, reason = form.action.data or "", form.reason.data
        organisations.decide(
            session, actor, organisation_id, action, version=version, now=context.now(), reason=reason
        )

    if decisions.taken(form, found.version, act, said=gettext("已办理。")):
        return redirect(url_for("accounts.organisation", organisation_id=organisation_id))
    files = organisations.evidence(session, actor, organisation_id)
    return decisions.asked(
        "accounts/organisation_decide.html",
        form,
        page=presenters.organisation_page(found, actor),
        files=[presenters.evidence_file(file) for file in files],
    )


@signed_in
@once
def people_page(organisation_id: int):
    """Colleagues: who belongs here, who is invited; invite another."""
    session, actor = context.session(), context.actor()
    found = organisations.view(session, actor, organisation_id, Permission.ORGANISATION_MANAGE_PEOPLE)
    form = InvitationForm(found.organisation_type)
    if form.validate_on_submit():
        try:
            colleagues.invite(
                session, actor, organisation_id, form.address.data, form.role.data, now=context.now()
            )
        except Invalid as problems:
            form.take(problems)
        else:
            flash(gettext("邀请已发出，14 天内有效。"), "done")
            return redirect(url_for("accounts.people_page", organisation_id=organisation_id))
    members = colleagues.colleagues(session, organisation_id, now=context.now())
    return (
        render_template(
            "accounts/people.html",
            form=form,
            page=presenters.organisation_page(found, actor),
            colleagues=[presenters.colleague(member, actor) for member in members],
            invitations=colleagues.pending_invitations(session, organisation_id),
        ),
        422 if form.errors else 200,
    )


@signed_in
@once
def claim():
    """Ask to belong to an organisation that is here already."""
    form = ClaimForm()
    if form.validate_on_submit():
        try:
            colleagues.claim(
                context.session(),
                context.actor(),
                form.credit_code.data,
                form.role.data,
                form.message.data or "",
                now=context.now(),
            )
        except Invalid as problems:
            form.take(problems)
        else:
            flash(gettext("申请已提交，对方单位处理后会通知您。"), "done")
            return redirect(url_for("accounts.my_organisations"))
    return render_template("accounts/claim.html", form=form), 422 if form.errors else 200


@signed_in
def decide_claim(claim_id: int):
    """Let a person in, or decline with a reason."""
    form = ReasonForm()
    if not form.validate_on_submit():
        raise BadRequest("请从页面上的按钮办理。")
    made = colleagues.decide_claim(
        context.session(),
        context.actor(),
        claim_id,
        form.action.data == "accept",
        form.reason.data or "",
        version=number(form.version.data),
        now=context.now(),
    )
    flash(
        gettext("已同意加入。") if made.state == "accepted" else gettext("已回绝，对方会看到原因。"), "done"
    )
    return redirect(url_for("accounts.my_organisations"))


@signed_in
def accept_invitation(invitation_id: int):
    """Take up an invitation."""
    colleagues.accept_invitation(context.session(), context.actor(), invitation_id, now=context.now())
    flash(gettext("您已加入。"), "done")
    return redirect(url_for("accounts.my_organisations"))


@signed_in
def revoke_invitation(invitation_id: int):
    """Take an invitation back."""
    made = colleagues.revoke_invitation(context.session(), context.actor(), invitation_id, now=context.now())
    return redirect(url_for("accounts.people_page", organisation_id=made.organisation_id))


@signed_in
def remove(membership_id: int):
    """End a colleague's membership, after asking."""
    session, actor = context.session(), context.actor()
    found = colleagues.managed_membership(session, actor, membership_id)
    if request.method == "GET":
        return render_template(
            "accounts/remove.html", colleague=presenters.colleague(found, actor), membership=found
        )
    organisation_id = found.organisation_id
    colleagues.remove(session, actor, membership_id, now=context.now())
    flash(gettext("已移出。"), "done")
    return redirect(url_for("accounts.people_page", organisation_id=organisation_id))


@signed_in
def hand_management(membership_id: int):
    """Let a colleague look after the people, too."""
    made = colleagues.hand_management(context.session(), context.actor(), membership_id, now=context.now())
    return redirect(url_for("accounts.people_page", organisation_id=made.organisation_id))


@signed_in
def evidence_file(public_id: str):
    """One evidence file as a download."""
    attachment = organisations.evidence_file(context.session(), context.actor(), public_id)
    return download(context.storage(), attachment)
