"""Pages of saved searches: keeping one, the person's list, a digest, and unsubscribing from a mail."""

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from marketplace.discovery import forms as addresses
from marketplace.discovery.presenters import left_out
from marketplace.discovery.saved import asking, counting, presenters
from marketplace.discovery.saved.forms import SavedSearchForm
from marketplace.discovery.saved.services import digests, keeping, unsubscribing
from marketplace.errors import Conflict, Invalid
from marketplace.extensions import csrf, limiter
from marketplace.listings.services import reading
from marketplace.web import context, decisions
from marketplace.web.access import public, signed_in
from marketplace.web.errors import say
from marketplace.web.numbers import number
from marketplace.web.once import once
from marketplace.web.pagination import PAGE_SIZE, Page, page_number
from marketplace.web.transaction import on_read


def attach(bp: Blueprint) -> None:
    """Add the pages to the blueprint of discovery."""
    both = ["GET", "POST"]
    bp.add_url_rule("/my/searches", view_func=saved_searches)
    bp.add_url_rule("/my/searches/new", view_func=keep_search, methods=both)
    bp.add_url_rule("/my/searches/<int:search_id>/run", view_func=run_saved_search)
    bp.add_url_rule("/my/searches/<int:search_id>/edit", view_func=change_saved_search, methods=both)
    bp.add_url_rule("/my/searches/<int:search_id>/delete", view_func=delete_saved_search, methods=both)
    bp.add_url_rule("/my/digests/<int:digest_id>", view_func=search_digest)
    bp.add_url_rule("/unsubscribe/<token>", view_func=unsubscribe, methods=both)


@signed_in
def saved_searches():
    """The person's saved searches, with what is new since he last looked."""
    session, actor = context.session(), context.actor()
    rows, total = keeping.mine(session, actor, page=page_number(), size=PAGE_SIZE)
    counts = counting.new_since_seen(
        session, current_app.extensions["search"], actor, rows, today=context.today()
    )
    page = Page(
        [presenters.row(search, (counts or {}).get(search.id)) for search in rows], page_number(), total
    )
    return render_template(
        "discovery/saved/list.html", page=page, counted=counts is not None, most=keeping.MOST_KEPT
    )


@signed_in
@once
def keep_search():
    """Save the search of this address under a name."""
    session, actor = context.session(), context.actor()
    asked = addresses.read(request.args)
    fingerprint = asking.fingerprint(asked)
    form, status = SavedSearchForm(), 200
    if request.method == "GET":
        form.name.data = presenters.suggested_name(asked)
    elif form.validate_on_submit():
        try:
            _keep(form, asked, fingerprint)
        except Invalid as problems:
            form.take(problems)
        except Conflict as clash:
            form.form_errors.append(say(clash))
            status = clash.status
        else:
            flash(gettext("已订阅。"), "done")
            return redirect(url_for("discovery.saved_searches"))
    page = render_template(
        "discovery/saved/keep.html",
        form=form,
        conditions=presenters.conditions(asked),
        left_out=left_out(asked),
        twin=keeping.same(session, actor, fingerprint),
        back=presenters.search_url(asked),
    )
    return page, 422 if form.errors and status == 200 else status


def _keep(form: SavedSearchForm, asked: addresses.Asked, fingerprint: str) -> None:
    if not asking.asks_for_something(asked):
        raise Invalid({"search": [asking.NOTHING_ASKED]})
    wish = keeping.Wish(*form.wish(), asking.stored(asked), fingerprint)
    keeping.keep(context.session(), context.actor(), wish, now=context.now())


@signed_in
def run_saved_search(search_id: int):
    """Go to the results, and count what is new from now on."""
    search = keeping.own(context.session(), context.actor(), search_id)
    now = context.now()
    on_read(lambda session: keeping.looked(session, search_id, now=now))
    return redirect(presenters.result_url(search))


@signed_in
@once
def change_saved_search(search_id: int):
    """Rename a search or choose another frequency."""
    session, actor = context.session(), context.actor()
    search = keeping.own(session, actor, search_id)
    form = SavedSearchForm(obj=search)

    def act(version: int) -> None:
        keeping.change(session, actor, search_id, *form.wish(), version=version, now=context.now())

    if decisions.taken(form, search.version, act, said=gettext("已保存。")):
        return redirect(url_for("discovery.saved_searches"))
    facts = presenters.conditions(asking.restored(search.parameters))
    return decisions.asked("discovery/saved/change.html", form, conditions=facts)


@signed_in
@once
def delete_saved_search(search_id: int):
    """Delete a search, after asking."""
    session, actor = context.session(), context.actor()
    search = keeping.own(session, actor, search_id)
    if request.method == "POST":
        keeping.remove(session, actor, search_id, now=context.now())
        flash(gettext("订阅已删除。"), "done")
        return redirect(url_for("discovery.saved_searches"))
    return render_template("discovery/saved/delete.html", row=presenters.row(search, None))


@signed_in
def search_digest(digest_id: int):
    """What the person was told on one day, as far as he may see it now."""
    session, actor = context.session(), context.actor()
    digest = digests.own(session, actor, digest_id)
    contents = digests.contents(session, digest)
    ids = {item.listing_id for _search, items, _count in contents for item in items}
    rows = reading.by_ids(session, ids)
    shown = {listing_id: row for listing_id, row in rows.items() if reading.visible(actor, row)}
    page = presenters.digest_page(digest, contents, shown, context.today())
    return render_template("discovery/saved/digest.html", page=page)


def _forged(answer: Response) -> bool:
    """Only wrong links count: one mail provider presses the buttons of all its customers from few machines."""
    return answer.status_code == 404


@csrf.exempt
@public
@limiter.limit("60 per 10 minutes", deduct_when=_forged)
def unsubscribe(token: str):
    """Stop alerts by the link of a mail. GET only asks: a program that opens every link must stop nothing.

    POST needs no CSRF token, the link itself is the right (RFC 8058); the mail program's own button stops all.
    """
    session = context.session()
    user = unsubscribing.person_of(session, token, current_app.secret_key)
    stopped = None
    if request.method == "POST":
        chosen = request.form.get("search", "")
        one = number(chosen) if chosen not in ("", "all") else None
        stopped = unsubscribing.stop(session, user, one, now=context.now())
    return render_template(
        "discovery/saved/unsubscribe.html",
        stopped=stopped,
        searches=unsubscribing.alerting(session, user),
    )
