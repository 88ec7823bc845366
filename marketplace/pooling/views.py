"""Pages of common demands: the public list and page, responding, and a firm's own answer."""

from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask_babel import gettext

from marketplace.errors import Conflict, Forbidden, Invalid
from marketplace.pooling import gap_views, presenters, staff_views
from marketplace.pooling.forms import AnswerForm, ResponseForm
from marketplace.pooling.services import asking, pooled, responding
from marketplace.web import context, decisions
from marketplace.web.access import public, signed_in
from marketplace.web.errors import say
from marketplace.web.forms import choices
from marketplace.web.once import once
from marketplace.web.pagination import PAGE_SIZE, Page, page_number

bp = Blueprint("pooling", __name__)
staff_views.attach(bp)
gap_views.attach(bp)


def register(app: Flask) -> None:
    """Attach the pages."""
    app.register_blueprint(bp)


@bp.get("/pooled-demands")
@public
def pooled_demands():
    """Published common demands."""
    pools, total = pooled.published(context.session(), page=page_number(), size=PAGE_SIZE)
    page = Page([presenters.row(pool) for pool in pools], page_number(), total)
    return render_template("pooling/list.html", page=page)


@bp.get("/pooled-demands/<number>")
@public
def pooled_demand(number: str):
    """One common demand; nothing on the page says who stands behind it unless all agreed to be named."""
    pool = pooled.find(context.session(), context.actor(), number)
    return render_template("pooling/detail.html", page=presenters.page(pool))


@bp.route("/pooled-demands/<number>/respond", methods=["GET", "POST"])
@signed_in
@once
def respond(number: str):
    """“I can solve this”, with one of one's own achievements."""
    session, actor = context.session(), context.actor()
    pool = pooled.find(session, actor, number)
    if not pooled.may_respond(actor, pool.cluster):
        raise Forbidden
    offered = responding.offered_by(session, actor)
    form, status = ResponseForm(), 200
    form.achievement.choices = choices([("", gettext("请选择")), *presenters.achievement_choices(offered)])
    if form.validate_on_submit():
        try:
            responding.respond(
                session,
                actor,
                pool.cluster,
                form.achievement.data or "",
                form.text.data or "",
                now=context.now(),
            )
        except Invalid as problems:
            form.take(problems)
        except Conflict as clash:
            form.form_errors.append(say(clash))
            status = clash.status
        else:
            flash(gettext("已收到，平台会转给各家企业；有意的企业会与您联系。"), "done")
            return redirect(url_for("pooling.pooled_demand", number=number))
    page = render_template(
        "pooling/respond.html", form=form, page=presenters.page(pool), has_offers=bool(offered)
    )
    return page, 422 if form.errors and status == 200 else status


@bp.get("/my/pooled-demands")
@signed_in
def mine():
    """Where the person's demands were found to be like those of other firms."""
    rows, total = asking.mine(context.session(), context.actor(), page=page_number(), size=PAGE_SIZE)
    page = Page([presenters.own_row(member) for member in rows], page_number(), total)
    return render_template("pooling/mine.html", page=page)


@bp.route("/my/pooled-demands/<int:member_id>", methods=["GET", "POST"])
@signed_in
@once
def answer(member_id: int):
    """What a firm says to publishing its problem together with others."""
    session, actor = context.session(), context.actor()
    member = asking.member_for(session, actor, member_id)
    form = AnswerForm(data=presenters.given(member))

    def act(version: int) -> None:
        asking.answer(session, actor, member_id, form.said(), version=version, now=context.now())

    if decisions.taken(form, member.version, act):
        flash(presenters.thanks(form.act.data), "done")
        return redirect(url_for("pooling.answer", member_id=member_id))
    return decisions.asked("pooling/answer.html", form, page=presenters.own_page(member))
