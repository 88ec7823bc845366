"""The search page: one box over achievements and demands; its state is its address. Its hits as a file, and
suggestions for who is still typing."""

from flask import Blueprint, Flask, Response, current_app, jsonify, make_response, render_template, request
from flask import session as browser
from flask_babel import gettext

from marketplace.discovery import forms, presenters, services
from marketplace.discovery.counting import SearchCounter
from marketplace.discovery.saved import views as saved
from marketplace.discovery.services import popular, suggestions, wording
from marketplace.extensions import limiter
from marketplace.web import context
from marketplace.web.access import public
from marketplace.web.downloads import export
from marketplace.web.errors import wants_json

bp = Blueprint("discovery", __name__)
saved.attach(bp)


def register(app: Flask) -> None:
    """Attach the pages."""
    app.extensions["search_counter"] = SearchCounter(app)
    app.register_blueprint(bp)


@bp.get("/search")
@public
def search():
    """Results of a search, with other words for it and, where nothing was found, what is like it."""
    actor, today, session = context.actor(), context.today(), context.session()
    asked = forms.read(request.args)
    engine = current_app.extensions["search"]
    found = services.search(session, engine, actor, asked.request(services.scopes(actor), today))
    aids = services.Aids(
        corrections=wording.corrections(session, engine, found, asked.text),
        related=wording.related(session, found),
        alike=[] if found.result.total else services.alike(session, engine, actor, asked.words),
        unexcluded=wording.unexcluded(engine, found, asked.text),
        unfiltered=services.unfiltered(engine, found),
    )
    _count(found)
    page = render_template(
        "discovery/search.html",
        page=presenters.result_page(found, aids, asked, today),
        actions=presenters.page_actions(asked, found.result.total if found.available else 0),
        search_query=asked.text,
        search_kind=asked.kind,
    )
    answer, counter = make_response(page), current_app.extensions["search_counter"]
    if counter.due:
        answer.call_on_close(counter.write)
    return answer


def _count(found: services.Found) -> None:
    """Count the search for the list of popular ones. Before the page is made: that gives every browser a cookie."""
    text = popular.countable(found)
    if text is not None:
        current_app.extensions["search_counter"].count(text, context.today(), browser)


@bp.get("/search/tree/<any(field, industry, region):parameter>")
@public
def facet_tree(parameter: str):
    """A whole tree to choose from: every branch that has hits, and what is chosen."""
    actor, engine = context.actor(), current_app.extensions["search"]
    asked = forms.read(request.args)
    wanted = asked.request(services.scopes(actor), context.today())
    found = services.counted(context.session(), engine, actor, wanted)
    return render_template(
        "discovery/tree.html",
        page=presenters.tree_page(parameter, found, asked),
        search_query=asked.text,
        search_kind=asked.kind,
    )


@bp.get("/search/indicators")
@public
def indicators():
    """The indicators the hits state, to choose one and the range its value must lie in."""
    actor, engine = context.actor(), current_app.extensions["search"]
    asked = forms.read(request.args)
    wanted = asked.request(services.scopes(actor), context.today())
    found = services.counted(context.session(), engine, actor, wanted, indicators=True)
    return render_template(
        "discovery/indicators.html",
        page=presenters.indicator_page(found, asked),
        search_query=asked.text,
        search_kind=asked.kind,
    )


@bp.get("/search.<any(csv, xlsx):ending>")
@public
@limiter.limit("30 per 10 minutes")
def hits(ending: str):
    """The hits of a search that this person may see, as a file."""
    actor, today, engine = context.actor(), context.today(), current_app.extensions["search"]
    asked = forms.read(request.args)
    wanted = asked.request(services.scopes(actor), today)
    listings, more = services.exported(context.session(), engine, actor, wanted)
    table = presenters.hits_table(listings, more, presenters.left_out(asked), context.settings().base_url)
    return export(table, ending, f"{gettext('搜索结果')}-{today.isoformat()}")


@bp.get("/search/suggest")
@public
@limiter.limit("600 per minute")
def suggest():
    """What a text may be the beginning of, as a page; as JSON for who asks for that."""
    answer = (
        _as_json()
        if wants_json()
        else make_response(render_template("discovery/suggest.html", **_suggested()))
    )
    answer.vary.add("Accept")
    return answer


@bp.get("/search/suggest.json")
@public
@limiter.limit("600 per minute")
def suggest_json():
    """The same for the script of the search box."""
    return _as_json()


def _as_json() -> Response:
    page = _suggested()
    answer = jsonify(query=page["search_query"], suggestions=page["rows"])
    # What has been withdrawn is not suggested any more: nobody keeps an answer.
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _suggested() -> dict:
    asked = forms.read(request.args)
    wanted = asked.request(services.scopes(context.actor()), context.today())
    engine = current_app.extensions["search"]
    found = suggestions.suggest(context.session(), engine, asked.text, wanted)
    return {
        "rows": presenters.suggested_rows(found, asked),
        "search_query": asked.text,
        "search_kind": asked.kind,
    }
