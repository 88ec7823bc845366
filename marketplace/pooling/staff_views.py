"""Staff's pages of clusters: the list, one with its members, wording it, and the acts that are asked about first."""

from collections.abc import Callable, Iterable

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext

from marketplace.errors import Invalid, NotFound
from marketplace.permissions import Permission
from marketplace.pooling import presenters, staff_presenters, states
from marketplace.pooling.forms import DecisionForm, MergeForm, WordingForm
from marketplace.pooling.services import asking, managing, merging, responding
from marketplace.web import context, decisions
from marketplace.web.access import for_permission
from marketplace.web.numbers import number
from marketplace.web.once import once
from marketplace.web.pagination import PAGE_SIZE, Page, page_number
from marketplace.workflow import history

_staff = for_permission(Permission.POOL_MANAGE)
_ONE = "/staff/pooled-demands/<int:cluster_id>"


def attach(bp: Blueprint) -> None:
    """Add the pages to the blueprint of common demands."""
    both = ["GET", "POST"]
    bp.add_url_rule("/staff/pooled-demands", view_func=staff_clusters)
    bp.add_url_rule(_ONE, view_func=staff_cluster)
    bp.add_url_rule(f"{_ONE}/words", view_func=word, methods=both)
    bp.add_url_rule(f"{_ONE}/merge", view_func=merge, methods=both)
    bp.add_url_rule(f"{_ONE}/<any(ask, publish, close):action>", view_func=act_on_cluster, methods=both)
    bp.add_url_rule(f"{_ONE}/members/<int:member_id>/remove", view_func=remove_member, methods=both)
    bp.add_url_rule(
        f"{_ONE}/responses/<int:response_id>/<any(forward, aside):action>",
        view_func=act_on_response,
        methods=both,
    )


@_staff
def staff_clusters():
    """Clusters of near-duplicate demands, by state."""
    session, actor = context.session(), context.actor()
    chosen = request.args.get("state")
    state = chosen if chosen in states.CLUSTER.labels else None
    clusters, total = managing.listed(session, actor, state, page=page_number(), size=PAGE_SIZE)
    page = Page([staff_presenters.row(cluster) for cluster in clusters], page_number(), total)
    tabs = staff_presenters.tabs(managing.counts(session, actor), state)
    return render_template("pooling/staff/list.html", page=page, tabs=tabs)


@_staff
def staff_cluster(cluster_id: int):
    """One cluster: members, shared words, answers, responses, what was done."""
    session = context.session()
    cluster = managing.opened(session, context.actor(), cluster_id)
    moves = history(session, "demand_cluster", cluster.id)
    return render_template("pooling/staff/cluster.html", page=staff_presenters.page(cluster, moves))


@_staff
@once
def word(cluster_id: int):
    """Write the neutral title and summary by hand."""
    session, actor = context.session(), context.actor()
    cluster = managing.opened(session, actor, cluster_id)
    form = WordingForm(obj=cluster)

    def act(version: int) -> None:
        typed = form.title.data or "", form.summary.data or ""
        managing.word(session, actor, cluster, *typed, version=version, now=context.now())

    if decisions.taken(form, cluster.version, act, said=gettext("已保存，以后不再自动改写。")):
        return redirect(url_for("pooling.staff_cluster", cluster_id=cluster_id))
    agreed = sum(member.state == states.AGREED for member in cluster.live_members)
    return decisions.asked(
        "pooling/staff/words.html", form, cluster_id=cluster_id, words=cluster.words, agreed=agreed
    )


@_staff
@once
def act_on_cluster(cluster_id: int, action: str):
    """Ask the firms, publish, or close, after asking."""
    session, actor = context.session(), context.actor()
    cluster = managing.opened(session, actor, cluster_id)
    form = DecisionForm()

    def act(version: int) -> None:
        now, reason = context.now(), form.reason.data or ""
        if action == "ask":
            asking.ask(session, actor, cluster, version=version, now=now)
        elif action == "publish":
            managing.publish(session, actor, cluster, version=version, now=now)
        else:
            managing.close(session, actor, cluster, reason, version=version, now=now)

    about = [(gettext("共性需求"), presenters.question(cluster))]
    return _decided(form, cluster.version, act, action, about, cluster_id)


@_staff
@once
def merge(cluster_id: int):
    """Choose another cluster, then put it into this one after asking."""
    session, actor = context.session(), context.actor()
    cluster = managing.opened(session, actor, cluster_id)
    typed = request.args.get("other", "").strip()
    if not typed:
        return _choice(cluster)
    try:
        other = managing.opened(session, actor, number(typed))
        merging.check(cluster, other)
    except NotFound:
        return _choice(cluster, [gettext("没有这个组号，请核对后再填。")], typed)
    except Invalid as problems:
        return _choice(cluster, [gettext(sentence) for sentence in problems.problems[""]], typed)
    form = MergeForm()
    if request.method == "GET":
        form.other_version.data = other.version
        form.demands.data = _listed(merging.demands_of(cluster, other))

    def act(version: int) -> None:
        demands = merging.demands_of(cluster, other)
        as_seen = demands if form.demands.data == _listed(demands) else frozenset()
        seen = merging.Seen(version, number(form.other_version.data), as_seen)
        reason = form.reason.data or ""
        merging.merge(session, actor, cluster, other, reason, seen=seen, now=context.now())

    said = gettext("已合并。请核对对外的说法，再征求各家意见。")
    if decisions.taken(form, cluster.version, act, said=said):
        return redirect(url_for("pooling.staff_cluster", cluster_id=cluster_id))
    facts = staff_presenters.merge_facts(cluster, other)
    return _question("merge", form, facts, cluster_id, needs_reason=True)


def _choice(cluster, problems: list[str] | None = None, typed: str = ""):
    offers = merging.offers(context.session(), context.actor(), cluster)
    page = staff_presenters.merge_page(cluster, offers)
    shown = render_template("pooling/staff/merge.html", page=page, problems=problems or [], typed=typed)
    return shown, 422 if problems else 200


def _listed(demands: Iterable[int]) -> str:
    return ",".join(map(str, sorted(demands)))


@_staff
@once
def remove_member(cluster_id: int, member_id: int):
    """“This one does not belong”, after asking."""
    session, actor = context.session(), context.actor()
    cluster = managing.opened(session, actor, cluster_id)
    member = managing.member_of(cluster, member_id)
    form = DecisionForm()

    def act(version: int) -> None:
        reason = form.reason.data or ""
        managing.remove(session, actor, member, reason, version=version, now=context.now())

    about = [
        (gettext("企业"), member.organisation.name),
        (gettext("需求"), member.listing.accepted_revision.title),
    ]
    return _decided(form, member.version, act, "remove", about, cluster_id)


@_staff
@once
def act_on_response(cluster_id: int, response_id: int, action: str):
    """Pass a response on to the firms, or not, after asking."""
    session, actor = context.session(), context.actor()
    cluster = managing.opened(session, actor, cluster_id)
    response = responding.response_of(cluster, response_id)
    form = DecisionForm()

    def act(version: int) -> None:
        if action == "forward":
            responding.forward(session, actor, response, version=version, now=context.now())
        else:
            reason = form.reason.data or ""
            responding.set_aside(session, actor, response, reason, version=version, now=context.now())

    about = [
        (gettext("成果"), response.achievement.accepted_revision.title),
        (gettext("回应单位"), response.organisation.name),
    ]
    return _decided(form, response.version, act, action, about, cluster_id)


def _decided(
    form: DecisionForm,
    version: int,
    act: Callable[[int], object],
    action: str,
    about: list[tuple[str, str]],
    cluster_id: int,
):
    """The page that asks, or back to the cluster once it has been done."""
    if decisions.taken(form, version, act, said=gettext("已办理。")):
        return redirect(url_for("pooling.staff_cluster", cluster_id=cluster_id))
    needs_reason = action in ("close", "remove", "aside")
    return _question(action, form, about, cluster_id, needs_reason=needs_reason)


def _question(action: str, form, about: list[tuple[str, str]], cluster_id: int, *, needs_reason: bool):
    question, consequence, button = staff_presenters.QUESTIONS[action]
    return decisions.asked(
        "pooling/staff/act.html",
        form,
        question=question,
        consequence=consequence,
        button=button,
        about=about,
        cluster_id=cluster_id,
        needs_reason=needs_reason,
    )
