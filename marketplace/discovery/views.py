"""The search page: one box over achievements and demands; its state is its address. Its hits as a file."""

from flask import Blueprint, Flask, current_app, render_template, request
from flask_babel import gettext

from marketplace.discovery import forms, presenters, services
from marketplace.extensions import limiter
from marketplace.web import context
from marketplace.web.access import public
from marketplace.web.downloads import export

bp = Blueprint("discovery", __name__)


def register(app: Flask) -> None:
    """Attach the page."""
    app.register_blueprint(bp)


@bp.get("/search")
@public
def search():
    """Results of a search."""
    actor, today = context.actor(), context.today()
    asked = forms.read(request.args)
    engine = current_app.extensions["search"]
    found = services.search(context.session(), engine, actor, asked.request(services.scopes(actor), today))
    return render_template(
        "discovery/search.html",
        page=presenters.result_page(found, asked, today),
        actions=presenters.page_actions(asked, found.result.total if found.available else 0),
        search_query=asked.text,
        search_kind=asked.kind,
    )


@bp.get("/search.<any(csv, xlsx):ending>")
@public
@limiter.limit("30 per 10 minutes")
def hits(ending: str):
    """The hits of a search that this person may see, as a file."""
    actor, today, engine = context.actor(), context.today(), current_app.extensions["search"]
    asked = forms.request_of(request.args, services.scopes(actor), today)
    listings, more = services.exported(context.session(), engine, actor, asked)
    table = presenters.hits_table(listings, more, context.settings().base_url)
    return export(table, ending, f"{gettext('搜索结果')}-{today.isoformat()}")
