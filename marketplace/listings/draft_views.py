"""The step form: starting a listing, one topic per page, checking the answers, handing it in."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from marketplace.accounts.services import people
from marketplace.errors import N_, BadRequest, Forbidden, Invalid, NotFound, TooLarge
from marketplace.listings import presenters
from marketplace.listings.content import Kind
from marketplace.listings.forms import STEPS, StepForm
from marketplace.listings.services import attaching, drafts, extraction, resemblance, shared_rights
from marketplace.permissions import Permission, can
from marketplace.web import context, steps
from marketplace.web.access import signed_in
from marketplace.web.numbers import number
from marketplace.web.once import once


def attach(bp: Blueprint) -> None:
    """Add these pages to the blueprint of listings."""
    bp.add_url_rule("/listings/new/<kind>", view_func=start, methods=["GET", "POST"])
    bp.add_url_rule("/drafts/<int:revision_id>/check", view_func=check, methods=["GET", "POST"])
    bp.add_url_rule("/drafts/<int:revision_id>/<step>", view_func=step_page, methods=["GET", "POST"])
    bp.add_url_rule(
        "/drafts/<int:revision_id>/files/<public_id>/remove", view_func=remove_file, methods=["POST"]
    )


@signed_in
@once
def start(kind: str):
    """The first page of a new listing; the draft begins when it is saved."""
    steps_of_kind = STEPS.get(kind)
    if steps_of_kind is None:
        raise NotFound
    houses = _houses()
    first = steps_of_kind[0]
    form = first.form()
    begun = request.method == "GET" and form.begin_with(request.args)
    if request.method == "POST" and form.validate():
        session, actor, now = context.session(), context.actor(), context.now()
        revision = drafts.start(session, actor, Kind(kind), _house(houses), now=now)
        drafts.save(session, actor, revision.id, form.changes(), version=revision.version, now=now)
        return redirect(_next_url(steps_of_kind, first, revision.id, revision.listing.number))
    return (
        render_template(
            f"listings/{kind}/{first.name}.html",
            form=form,
            steps=steps.progress(steps_of_kind, first, lambda _: None, lambda _: False),
            houses=houses,
            begun=begun,
        ),
        422 if form.errors else 200,
    )


@signed_in
def step_page(revision_id: int, step: str):
    """One step of a draft."""
    session, actor = context.session(), context.actor()
    revision = drafts.writable(session, actor, revision_id)
    steps_of_kind = STEPS[str(revision.listing.kind)]
    current = steps.find(steps_of_kind, step)
    if current is None:
        raise NotFound
    content = revision.typed_content()
    form: StepForm = current.form()
    if request.method == "GET":
        form.fill(content)
        form.version = revision.version
    elif _rows_changed(form) or _taken_over(form, content):
        form.version = number(request.form.get("version"))
    elif form.validate():
        try:
            _save(form, revision)
        except Invalid as problems:
            form.take(problems)
        except TooLarge as refused:
            form.take(Invalid({"files": [str(refused)]}))
        except drafts.StaleDraft as stale:
            stale.differences = presenters.differences(stale)
            stale.reload_url = request.path
            raise
        else:
            return redirect(_next_url(steps_of_kind, current, revision.id, revision.listing.number))
    return _step_response(revision, current, form)


@signed_in
@once
def check(revision_id: int):
    """Check the answers and hand the draft in."""
    session, actor = context.session(), context.actor()
    revision = drafts.writable(session, actor, revision_id)
    missing: Invalid | None = None
    if request.method == "POST":
        try:
            drafts.submit(
                session, actor, revision_id, version=number(request.form.get("version")), now=context.now()
            )
        except Invalid as problems:
            missing = problems
        else:
            flash(gettext("已提交审核，结果会通知您。"), "done")
            return redirect(url_for("listings.own", number=revision.listing.number))
    return (
        render_template(
            "listings/check.html",
            page=presenters.check_page(revision, missing, attaching.of_draft(session, revision)),
            steps=_progress(revision, STEPS[str(revision.listing.kind)][-1]),
            side=presenters.draft_side(revision, *_posted_before(revision)),
        ),
        422 if missing else 200,
    )


@signed_in
def remove_file(revision_id: int, public_id: str):
    """Take a file out of a draft; what was published keeps it."""
    revision = drafts.writable(context.session(), context.actor(), revision_id)
    attaching.remove(context.session(), context.actor(), revision, public_id, now=context.now())
    back = "rights" if revision.listing.kind == Kind.ACHIEVEMENT else "audience"
    return redirect(url_for("listings.step_page", revision_id=revision_id, step=back))


def _save(form: StepForm, revision) -> None:
    """Store the step, and the files that came with it."""
    session, actor, now = context.session(), context.actor(), context.now()
    changes = form.changes()
    uploads = [(f.stream, f.filename) for f in request.files.getlist("files") if f.filename]
    saved = drafts.save(
        session, actor, revision.id, changes, version=number(request.form.get("version")), now=now
    )
    if uploads:
        attaching.add(session, actor, context.storage(), saved, uploads, now=now)


def _rows_changed(form: StepForm) -> bool:
    return any(
        steps.change_rows(form[name], prefix) for name, _type, prefix in getattr(form, "row_lists", ())
    )


def _taken_over(form: StepForm, content) -> bool:
    """Put the indicators confirmed by a button into the rows; tells whether there was one."""
    if "take" not in request.form or "indicators" not in form:
        return False
    found = extraction.suggestions(content)
    place = number(request.form["take"])
    chosen = found if request.form["take"] == "all" else found[place : place + 1] if place >= 0 else []
    form.take_over("indicators", [extraction.as_row(one, content) for one in chosen])
    return True


def _step_response(revision, current: steps.Step, form: StepForm):
    kind = str(revision.listing.kind)
    version = getattr(form, "version", None)
    template = render_template(
        f"listings/{kind}/{current.name}.html",
        form=form,
        version=request.form.get("version", "") if version is None else version,
        steps=_progress(revision, current),
        revision=presenters.draft_head(revision),
        files=[
            presenters.draft_file(f, revision.id) for f in attaching.of_draft(context.session(), revision)
        ],
        side=presenters.draft_side(revision, *_posted_before(revision)),
        suggestions=_suggestions(revision, form),
        back_url=_back_url(STEPS[kind], current, revision.id),
    )
    return template, 422 if form.errors else 200


def _posted_before(revision):
    """Other listings with the same rights, and those that look like this one."""
    session, actor = context.session(), context.actor()
    alike = resemblance.look_alikes(session, current_app.extensions["search"], actor, revision)
    return shared_rights.shared(session, actor, revision), alike


def _suggestions(revision, form: StepForm) -> list:
    """Indicators read from the text that the rows on the page do not have yet."""
    if "indicators" not in form:
        return []
    shown = {(row.data["name"], row.data["unit"]) for row in form.indicators}
    return presenters.suggested_rows(extraction.suggestions(revision.typed_content()), shown)


def _progress(revision, current: steps.Step) -> list[dict]:
    steps_of_kind = STEPS[str(revision.listing.kind)]
    reached = presenters.steps_with_answers(revision)
    return steps.progress(
        steps_of_kind, current, lambda step: _url(step, revision.id), lambda step: step.name in reached
    )


def _url(step: steps.Step, revision_id: int) -> str:
    if step.form is None:
        return url_for("listings.check", revision_id=revision_id)
    return url_for("listings.step_page", revision_id=revision_id, step=step.name)


def _next_url(all_steps, current: steps.Step, revision_id: int, listing_number: str) -> str:
    if "save_draft" in request.form:
        flash(gettext("草稿已保存，可以随时回来接着填。"), "done")
        return url_for("listings.own", number=listing_number)
    if "to_check" in request.form:
        return _url(all_steps[-1], revision_id)
    return _url(steps.after(all_steps, current), revision_id)


def _back_url(all_steps, current: steps.Step, revision_id: int) -> str | None:
    earlier = steps.before(all_steps, current)
    return _url(earlier, revision_id) if earlier else None


def _houses() -> list:
    """The organisations this person may post for; a clear way on when there is none."""
    if not can(context.actor(), Permission.LISTING_CREATE):
        raise Forbidden(
            N_("发布信息要先加入一家已认证的单位。请在“我的单位”里登记或加入单位，认证通过后再来。")
        )
    allowed = {
        m.organisation_id
        for m in context.actor().members
        if m.verified and m.role in presenters.POSTING_ROLES
    }
    return [o for o in people.organisations_of(context.session(), context.actor()) if o.id in allowed]


def _house(houses: list) -> int:
    chosen = number(request.form.get("organisation_id")) if len(houses) > 1 else houses[0].id
    if chosen not in {house.id for house in houses}:
        raise BadRequest(N_("请选择以哪个单位的名义发布。"))
    return chosen
