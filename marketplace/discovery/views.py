"""The search page: one box over achievements and demands; its state is its address."""

from flask import Blueprint, Flask, current_app, render_template, request

from marketplace.discovery import forms, presenters, services
from marketplace.web import context
from marketplace.web.access import public

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
        search_query=asked.text,
        search_kind=asked.kind,
    )
